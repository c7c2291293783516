#pragma once

#include <string_view>

namespace rouse::http {

/// One header line, as views: the name as it was written, the value without the white space around
/// it.
struct header_field {
    std::string_view name;
    std::string_view value;
};

/// Without the spaces and tabs around it (RFC 9110, 5.6.3).
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

/// Equal, ASCII letters compared without case: field names and most protocol tokens (RFC
/// 9110, 5.1).
[[nodiscard]] bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept;

/// True when the name is a token and the value has no CR, LF, NUL or other control: safe to write
/// into a head as it is. Everything that a peer had a part in must pass this before it becomes a
/// response header.
[[nodiscard]] bool is_valid(const header_field& field) noexcept;

/// Takes the next member of a comma-separated list (RFC 9110, 5.6.1) off the front of `rest`,
/// without white space around it. Empty members are passed over; an empty view means that the list
/// has ended.
[[nodiscard]] std::string_view next_list_member(std::string_view& rest) noexcept;

}  // namespace rouse::http
