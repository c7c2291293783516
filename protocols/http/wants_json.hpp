#pragma once

#include <string_view>

#include "protocols/http/header_field.hpp"
#include "protocols/http/request_head.hpp"
#include "protocols/http/response.hpp"

namespace rouse::http {

inline constexpr char problem_json_text[] = "application/problem+json";
inline constexpr std::string_view problem_json = problem_json_text;

/// True when Accept names JSON, of problem documents (RFC 9457) too, and text/html not before it.
/// RFC 9110, 12.5.1, in short: a browser names text/html first, a program that wants JSON does not.
[[nodiscard]] inline bool wants_json(const request_head& head) noexcept {
    for (const header_field& field : head.headers) {
        if (!equals_ignoring_case(field.name, "accept")) {
            continue;
        }
        std::string_view rest = field.value;
        for (std::string_view each = next_list_member(rest); !each.empty();
             each = next_list_member(rest)) {
            const std::string_view type = each.substr(0, each.find_first_of("; \t"));
            if (equals_ignoring_case(type, "text/html")) {
                return false;
            }
            if (equals_ignoring_case(type, application_json) ||
                equals_ignoring_case(type, problem_json)) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace rouse::http
