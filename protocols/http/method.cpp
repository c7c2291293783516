#include "protocols/http/method.hpp"

#include <array>
#include <cstddef>

namespace rouse::http {
namespace {

constexpr std::array<std::string_view, method_count> names{
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", ""};

method if_named(std::string_view token, method candidate) noexcept {
    return token == names[static_cast<std::size_t>(candidate)] ? candidate : method::other;
}

}  // namespace

method parse_method(std::string_view token) noexcept {
    if (token.empty()) {
        return method::other;
    }
    // The first byte, and for P the length, leaves one candidate to compare with.
    switch (token.front()) {
        case 'G':
            return if_named(token, method::get);
        case 'H':
            return if_named(token, method::head);
        case 'P':
            switch (token.size()) {
                case 3:
                    return if_named(token, method::put);
                case 4:
                    return if_named(token, method::post);
                default:
                    return if_named(token, method::patch);
            }
        case 'D':
            return if_named(token, method::delete_);
        case 'C':
            return if_named(token, method::connect);
        case 'O':
            return if_named(token, method::options);
        case 'T':
            return if_named(token, method::trace);
        default:
            return method::other;
    }
}

std::string_view to_string(method verb) noexcept {
    return names[static_cast<std::size_t>(verb)];
}

}  // namespace rouse::http
