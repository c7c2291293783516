#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

#include "protocols/http/middleware/error_pages.hpp"
#include "server/loaded_settings.hpp"
#include "server/site_settings.hpp"

namespace rouse::server {

/// A file of users is read at the start, and whole.
inline constexpr std::size_t users_file_bytes_max = 1'048'576;

/// Looks at all files that sites name: a root that is no directory, an error page or a file of
/// users that cannot be read or is wrong becomes a problem of the builder.
void check_site_files(settings_builder& builder);

/// The users of basic_auth, those of its file included. A line of the file is NAME:HASH, as
/// htpasswd(1) writes it, or empty, or begins with '#'. Errors: a file that cannot be read or is
/// too long; a line that is none, by its number. Neither shows what stands in the file.
[[nodiscard]] std::expected<std::vector<basic_auth_settings::user>, std::string> read_users(
    const basic_auth_settings& settings);

/// One error page of a site, from below its root: no link and no ".." leads out of it. Errors: a
/// file that cannot be read, is none or has more than http::error_page_bytes_max.
[[nodiscard]] std::expected<http::error_page, std::string> read_error_page(
    const site_settings& site, const error_page_setting& page);

}  // namespace rouse::server
