#pragma once

#include <string>

#include "server/loaded_settings.hpp"

namespace rouse::server {

/// The effective settings as a TOML file that reads back as the same settings, each line with its
/// origin as a comment.
[[nodiscard]] std::string print_config(const loaded_settings& loaded);

}  // namespace rouse::server
