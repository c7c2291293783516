#pragma once

#include <span>
#include <string>
#include <string_view>

namespace rouse::server {

/// " (did you mean NAME?)" with the candidate that takes the fewest edits, or nothing when none is
/// near enough to be what a mistyped name meant.
[[nodiscard]] std::string suggestion(std::string_view name,
                                     std::span<const std::string> candidates);

}  // namespace rouse::server
