#include "protocols/http/middleware/response_fields.hpp"

#include <algorithm>

#include "protocols/http/header_field.hpp"

namespace rouse::http {

const std::string* find_header(const response& made, std::string_view name) noexcept {
    const auto found = std::ranges::find_if(made.headers, [name](const response_header& each) {
        return equals_ignoring_case(each.name, name);
    });
    return found == made.headers.end() ? nullptr : &found->value;
}

std::string* find_header(response& made, std::string_view name) noexcept {
    const auto found = std::ranges::find_if(made.headers, [name](const response_header& each) {
        return equals_ignoring_case(each.name, name);
    });
    return found == made.headers.end() ? nullptr : &found->value;
}

void add_unless_present(response& made, std::string_view name, std::string_view value) {
    if (find_header(made, name) == nullptr) {
        made.headers.push_back({.name = name, .value = std::string(value)});
    }
}

void add_vary(response& made, std::string_view field_name) {
    for (const response_header& each : made.headers) {
        if (equals_ignoring_case(each.name, "Vary") &&
            (has_list_member(each.value, "*") || has_list_member(each.value, field_name))) {
            return;
        }
    }
    std::string* const present = find_header(made, "Vary");
    if (present == nullptr || present->empty()) {
        made.headers.push_back({.name = "Vary", .value = std::string(field_name)});
    } else {
        present->append(", ").append(field_name);
    }
}

bool has_list_member(std::string_view list, std::string_view member) noexcept {
    for (std::string_view each = next_list_member(list); !each.empty();
         each = next_list_member(list)) {
        if (equals_ignoring_case(each, member)) {
            return true;
        }
    }
    return false;
}

}  // namespace rouse::http
