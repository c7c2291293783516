#pragma once

#include <optional>
#include <string_view>

#include "protocols/http/response.hpp"

namespace rouse::http {

/// The value of the first header of this name that a response has, compared without case. A pointer
/// into the response; null when there is none.
[[nodiscard]] std::string* find_header(response& made, std::string_view name) noexcept;
[[nodiscard]] const std::string* find_header(const response& made, std::string_view name) noexcept;

/// Adds a header unless the response has one of this name: what a handler says goes before what
/// middleware would. `name` is a literal. Throws bad_alloc.
void add_unless_present(response& made, std::string_view name, std::string_view value);

/// Names a request header in Vary, once: in the line that is there, or in one of its own. "*" says
/// all already. See RFC 9110, 12.5.5.
void add_vary(response& made, std::string_view field_name);

/// Whether a comma-separated list has this member, compared without case (RFC 9110, 5.6.1).
[[nodiscard]] bool has_list_member(std::string_view list, std::string_view member) noexcept;

}  // namespace rouse::http
