#pragma once

#include <string>
#include <string_view>

#include "server/loaded_settings.hpp"

namespace rouse::server {

/// What stands in place of a password hash. It does not read back: what is printed is shown to
/// others, and who has a hash can guess at the password. users_file has no such gap.
inline constexpr std::string_view hidden_hash = "(hidden)";

/// The sites as TOML that reads back as the same sites, but for password hashes. Empty without any.
[[nodiscard]] std::string print_sites(const loaded_settings& loaded);

}  // namespace rouse::server
