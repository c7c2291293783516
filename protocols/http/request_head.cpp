#include "protocols/http/request_head.hpp"

namespace rouse::http {

std::optional<std::string_view> request_head::find(std::string_view name) const noexcept {
    for (const header_field& field : headers) {
        if (equals_ignoring_case(field.name, name)) {
            return field.value;
        }
    }
    return std::nullopt;
}

}  // namespace rouse::http
