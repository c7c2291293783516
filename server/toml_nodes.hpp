#pragma once

#include <string>
#include <utility>
#include <vector>

#include <toml++/toml.h>

namespace rouse::server {

using toml_item = std::pair<const toml::key*, const toml::node*>;

/// The keys of a table in the order of the file's lines, which toml++ does not keep.
[[nodiscard]] std::vector<toml_item> in_order(const toml::table& table);

/// "FILE:LINE:COLUMN"
[[nodiscard]] std::string place_of(const std::string& path, const toml::source_region& source);

/// "1.5 is a value of the wrong type (floating-point)"
[[nodiscard]] std::string wrong_type(const toml::node& node);

}  // namespace rouse::server
