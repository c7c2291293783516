#include "protocols/http/router.hpp"

#include <ranges>
#include <utility>

namespace rouse::http {
namespace {

task<response> give(response made) {
    co_return made;
}

}  // namespace

void router::add(method_mask methods, std::string_view pattern, handler added) {
    const auto index = table_.add(methods, pattern);
    if (!index) {
        throw std::invalid_argument("route " + std::string(pattern) + ": " +
                                    index.error().message());
    }
    handlers_.push_back(std::move(added));
    methods_ |= methods;
}

router& router::use(middleware added) {
    middleware_.push_back(std::move(added));
    handler whole = make_dispatch();
    for (const middleware& wrap : middleware_ | std::views::reverse) {
        whole = wrap(std::move(whole));
    }
    whole_ = std::move(whole);
    return *this;
}

router& router::host(std::string_view name) {
    std::unique_ptr<router>& found = hosts_[name];
    if (!found) {
        found = std::make_unique<router>();
    }
    return *found;
}

const router& router::find_host(std::string_view host) const noexcept {
    const std::unique_ptr<router>* found = hosts_.find(host);
    return found != nullptr ? **found : *this;
}

// The routes as one handler, for the middleware to wrap.
handler router::make_dispatch() const {
    return either_handler{
        .at_once = [this](request& asked) -> std::optional<response> {
            const handler* found = find_route(asked);
            return found != nullptr ? call_at_once(*found, asked) : std::optional(refusal(asked));
        },
        .later = [this](request& asked) { return answer_later(find_route(asked), asked); }};
}

task<response> router::answer_later(const handler* found, request& asked) const {
    if (found == nullptr) {
        return give(refusal(asked));
    }
    if (const auto* plain = std::get_if<plain_handler>(found)) {
        return give((*plain)(asked));
    }
    return call_later(*found, asked);
}

response router::refusal(const request& asked) const {
    const method verb = asked.head().verb;
    const auto allowing = [](int status, unsigned methods) {
        response answer = response::of_status(status);
        answer.headers.push_back(
            {.name = "Allow", .value = allow_header(static_cast<method_mask>(methods))});
        return answer;
    };
    // RFC 9110, 9.3.7. The parser lets "*" through for OPTIONS only, and refuses CONNECT.
    if (asked.path() == "*") {
        const unsigned with_head =
            (methods_ & to_mask(method::get)) != 0 ? to_mask(method::head) : 0U;
        const unsigned known = methods_ | with_head | to_mask(method::options);
        return allowing(204, known & ~unsigned{to_mask(method::connect)});
    }
    if (asked.match().kind == route_outcome::not_found) {
        return response::of_status(404);
    }
    const unsigned known = asked.match().allowed | unsigned{to_mask(method::options)};
    return allowing(verb == method::options ? 204 : 405, known);
}

}  // namespace rouse::http
