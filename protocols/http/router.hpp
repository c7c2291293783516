#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "protocols/http/request.hpp"
#include "protocols/http/response.hpp"
#include "protocols/http/route_table.hpp"
#include "runtime/task/task.hpp"

namespace rouse::http {

/// A handler that answers at once. It runs inside the connection's poll: no frame, no allocation of
/// its own.
using plain_handler = std::function<response(request&)>;
/// A handler that may wait: a coroutine. The request outlives it; a lambda with captures must not
/// be a coroutine, whose frame would outlive them, so give it a function.
using async_handler = std::function<task<response>(request&)>;
using handler = std::variant<plain_handler, async_handler>;

namespace detail {
template <class F>
concept plain_handler_function = std::is_invocable_r_v<response, F&, request&>;
template <class F>
concept async_handler_function = std::is_invocable_r_v<task<response>, F&, request&>;

template <class F>
[[nodiscard]] handler make_handler(F function) {
    if constexpr (async_handler_function<F>) {
        return async_handler(std::move(function));
    } else {
        static_assert(plain_handler_function<F>,
                      "a handler is response(request&) or task<response>(request&)");
        return plain_handler(std::move(function));
    }
}
}  // namespace detail

/// Which handler answers which requests: `router.get("/users/{id}", show_user)`. Set up once, then
/// only read, so the workers may share one if its handlers may run on several threads.
class router {
   public:
    /// A wrong or duplicate pattern is a mistake of the program: std::invalid_argument says which.
    template <class F>
    router& on(method_mask methods, std::string_view pattern, F function) {
        add(methods, pattern, detail::make_handler(std::move(function)));
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
    /// Any method, also those that have no name here.
    template <class F>
    router& any(std::string_view pattern, F function) {
        return on(method_mask_all, pattern, std::move(function));
    }

    [[nodiscard]] route_match match(method verb, std::string_view path) const noexcept {
        return table_.match(verb, path);
    }
    /// The handler of a match whose kind is `found`.
    [[nodiscard]] const handler& handler_of(const route_match& found) const noexcept {
        return handlers_[found.index];
    }

    /// What a request gets that has no handler: 404, 405 with Allow, or 501 for a method that no
    /// route takes. `OPTIONS *` asks for the methods of the whole server, and gets them.
    [[nodiscard]] response refusal(const request_head& head, const route_match& unmatched) const;

   private:
    void add(method_mask methods, std::string_view pattern, handler added);

    route_table table_;
    std::vector<handler> handlers_;
    method_mask methods_ = 0;  // Of all routes together.
};

}  // namespace rouse::http
