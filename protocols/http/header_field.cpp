#include "protocols/http/header_field.hpp"

#include <cstddef>

#include "protocols/http/byte_class.hpp"

namespace rouse::http {

std::string_view trim(std::string_view text) noexcept {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept {
    if (left.size() != right.size()) {
        return false;
    }
    for (std::size_t index = 0; index < left.size(); ++index) {
        if (to_lower(left[index]) != to_lower(right[index])) {
            return false;
        }
    }
    return true;
}

bool is_valid(const header_field& field) noexcept {
    return !field.name.empty() && all_in(field.name, byte_class::token) &&
           all_in(field.value, byte_class::field_value);
}

std::string_view next_list_member(std::string_view& rest) noexcept {
    while (!rest.empty()) {
        const std::size_t comma = rest.find(',');
        const std::string_view member = trim(rest.substr(0, comma));
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
        if (!member.empty()) {
            return member;
        }
    }
    return {};
}

}  // namespace rouse::http
