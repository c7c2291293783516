#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/http/handler.hpp"
#include "protocols/http/host_table.hpp"
#include "protocols/http/request.hpp"
#include "protocols/http/response.hpp"
#include "protocols/http/route_table.hpp"

namespace rouse::http {

/// Which handler answers which requests: `router.get("/users/{id}", show_user)`. Set up once, then
/// only read, so the workers may share one if its handlers may run on several threads.
///
/// Does not move: what it makes refers to it.
class router {
   public:
    router() = default;
    router(const router&) = delete;
    router& operator=(const router&) = delete;

    /// A wrong or duplicate pattern is a mistake of the program: std::invalid_argument says which.
    template <class F>
    router& on(method_mask methods, std::string_view pattern, F function) {
        add(methods, pattern, make_handler(std::move(function)));
        return *this;
    }
    /// HEAD is answered from it too, without the body.
    template <class F>
    router& get(std::string_view pattern, F function) {
        return on(to_mask(method::get), pattern, std::move(function));
    }
    template <class F>
    router& post(std::string_view pattern, F function) {
        return on(to_mask(method::post), pattern, std::move(function));
    }
    template <class F>
    router& put(std::string_view pattern, F function) {
        return on(to_mask(method::put), pattern, std::move(function));
    }
    /// Any method that is known here. No route gets others: see parse_error::method_unknown.
    template <class F>
    router& any(std::string_view pattern, F function) {
        return on(method_mask_all, pattern, std::move(function));
    }

    /// Methods that `OPTIONS *` names beside those of the routes: of what middleware answers.
    router& allow(method_mask methods) noexcept {
        methods_ |= methods;
        return *this;
    }
    /// Of all routes together, and those of allow().
    [[nodiscard]] method_mask methods() const noexcept { return methods_; }

    /// Wraps everything that this router answers, what no route matches included. The first one is
    /// the outermost: it sees a request first and a response last. Not those of host().
    router& use(middleware added);

    /// The router of requests for a host: "example.org", or "*.example.org" for all names below it,
    /// but not itself. What is asked of a host that has none of its own is answered by this router.
    /// The name is compared without case and without the port (RFC 9110, 4.2.3).
    router& host(std::string_view name);

    /// The router for the host of a request: this one, if there is no other.
    [[nodiscard]] const router& for_host(std::string_view host) const noexcept {
        return hosts_.empty() ? *this : find_host(host);
    }

    [[nodiscard]] route_match match(method verb, std::string_view path) const noexcept {
        return table_.match(verb, path);
    }
    /// The handler of a match whose kind is `found`, without the middleware.
    [[nodiscard]] const handler& handler_of(const route_match& found) const noexcept {
        return handlers_[found.index];
    }

    /// What answers a request to this router: one handler for all when there is middleware,
    /// otherwise that of the route, whose match is set in the request. Null when there is no such
    /// route: see refusal().
    [[nodiscard]] const handler* find(request& asked) const noexcept {
        return whole_ ? &*whole_ : find_route(asked);
    }

    /// What call_later() gives of what find() found, for a second attempt. A layer outside may have
    /// made another request of it than at the first one: then the handler is another one, which may
    /// answer at once, or there is none, and this is the refusal. As call_later otherwise.
    [[nodiscard]] task<response> answer_later(const handler* found, request& asked) const;

    /// What a request gets that has no handler: 404, or 405 with Allow. OPTIONS gets the methods of
    /// its path, and `OPTIONS *` those of the whole server (RFC 9110, 9.3.7).
    [[nodiscard]] response refusal(const request& asked) const;

   private:
    void add(method_mask methods, std::string_view pattern, handler added);
    [[nodiscard]] const router& find_host(std::string_view host) const noexcept;
    [[nodiscard]] handler make_dispatch() const;
    [[nodiscard]] const handler* find_route(request& asked) const noexcept {
        asked.set_match(match(asked.head().verb, asked.path()));
        return asked.match().kind == route_outcome::found ? &handler_of(asked.match()) : nullptr;
    }

    route_table table_;
    std::vector<handler> handlers_;
    method_mask methods_ = 0;
    std::vector<middleware> middleware_;
    std::optional<handler> whole_;  // All routes behind all middleware.
    host_table<std::unique_ptr<router>> hosts_;
};

}  // namespace rouse::http
