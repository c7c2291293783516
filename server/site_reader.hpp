#pragma once

#include <string>
#include <string_view>

#include <toml++/toml.h>

#include "server/loaded_settings.hpp"

namespace rouse::server {

/// Reads what stands in a file as `site` into the builder: each [[site]], or every problem of it
/// with its line and column. No file of a site is opened: see site_files.hpp.
void read_sites(const toml::node& sites, const std::string& path, settings_builder& builder);

/// What is wrong with a host of a site, or nothing: "example.org", "*.example.org" and "[::1]" are
/// right, a port or a bare "*" is not.
[[nodiscard]] std::string host_fault(std::string_view host);

/// What is wrong with the path of a fallback page ("/index.html"), or nothing.
[[nodiscard]] std::string fallback_fault(std::string_view path, bool dotfiles);

}  // namespace rouse::server
