#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/base/result.hpp"

namespace rouse::http {

/// Bounds of one pattern, and so of what a match costs and holds.
inline constexpr std::size_t route_params_max = 8;
inline constexpr std::size_t route_segments_max = 32;

/// One part of a pattern, between slashes.
struct route_segment {
    enum class kind : std::uint8_t {
        literal,    ///< Matches itself. Empty after a trailing slash.
        parameter,  ///< "{name}": matches one segment that is not empty.
        rest,       ///< "{name...}": matches what is left of the path, slashes and nothing at all
                    ///< included.
    };
    kind type = kind::literal;
    std::string_view text;  ///< The literal, or the parameter's name; a view into the pattern.
};

/// Takes a pattern apart: "/users/{id}", "/files/{path...}". It begins with '/'; literals are raw
/// target bytes without '?' and braces; only the last segment may be empty or a rest; names are
/// letters, digits and '_'. Errors: pattern_invalid, parameter_duplicate, too_many_parameters,
/// too_many_segments.
[[nodiscard]] result<std::vector<route_segment>> parse_route_pattern(std::string_view pattern);

}  // namespace rouse::http
