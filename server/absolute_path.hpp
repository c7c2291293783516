#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace rouse::server {

/// A path as it holds whatever the working directory becomes, without "." and a slash at its end.
/// A relative one is below `folder`, which may itself be relative to the working directory or
/// empty. ".." stays: what it leads to depends on links.
[[nodiscard]] std::string absolute_path(std::string_view folder, std::string_view path);

/// The same for a path of an operator. Errors: it is empty, or no name that a file has and that
/// --print-config can write: NUL, bytes that are not UTF-8.
[[nodiscard]] std::expected<std::string, std::string> readable_path(std::string_view folder,
                                                                    std::string_view path);

}  // namespace rouse::server
