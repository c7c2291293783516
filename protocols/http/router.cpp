#include "protocols/http/router.hpp"

namespace rouse::http {

void router::add(method_mask methods, std::string_view pattern, handler added) {
    const auto index = table_.add(methods, pattern);
    if (!index) {
        throw std::invalid_argument("route " + std::string(pattern) + ": " +
                                    index.error().message());
    }
    handlers_.push_back(std::move(added));
    methods_ |= methods;
}

response router::refusal(const request_head& head, const route_match& unmatched) const {
    // RFC 9110, 9.3.7. The parser lets "*" through for OPTIONS only, and refuses CONNECT.
    if (head.path == "*") {
        const unsigned with_head =
            (methods_ & to_mask(method::get)) != 0 ? to_mask(method::head) : 0U;
        const unsigned known = methods_ | with_head | to_mask(method::options);
        response answer = response::of_status(204);
        answer.headers.push_back({.name = "Allow",
                                  .value = allow_header(static_cast<method_mask>(
                                      known & ~unsigned{to_mask(method::connect)}))});
        return answer;
    }
    // RFC 9110, 15.6.2: 501 is for a method that the server does not recognize for any resource.
    if (head.verb == method::other && (methods_ & to_mask(method::other)) == 0) {
        return response::of_status(501);
    }
    if (unmatched.kind == route_outcome::not_found) {
        return response::of_status(404);
    }
    response refused = response::of_status(405);
    refused.headers.push_back({.name = "Allow", .value = allow_header(unmatched.allowed)});
    return refused;
}

}  // namespace rouse::http
