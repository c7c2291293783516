#pragma once

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "protocols/http/request.hpp"
#include "protocols/http/response.hpp"
#include "runtime/task/task.hpp"

namespace rouse::http {

/// A handler that answers at once. It runs inside the connection's poll: no frame, no allocation of
/// its own.
using plain_handler = std::function<response(request&)>;

/// A handler that may wait: a coroutine. The request outlives it; a lambda with captures must not
/// be a coroutine, whose frame would outlive them, so give it a function.
using async_handler = std::function<task<response>(request&)>;

/// A handler that answers at once when it can, such as from a cache. The connection calls `at_once`
/// first, and only when that gives nothing it calls `later`, with another request object for the
/// same request: what `at_once` has counted or checked holds, what it has changed in the request
/// must be done again. Both are set.
struct either_handler {
    std::function<std::optional<response>(request&)> at_once;
    async_handler later;
};

using handler = std::variant<plain_handler, async_handler, either_handler>;

/// Makes a handler of one that is given: `handler -> handler`.
using middleware = std::function<handler(handler)>;

/// The response, if the handler has one at once.
[[nodiscard]] std::optional<response> call_at_once(const handler& called, request& asked);
/// The response of a handler for which call_at_once gave nothing. `called` outlives the task.
[[nodiscard]] task<response> call_later(const handler& called, request& asked);

/// Asks `check` before `inner`: what it gives is the response, and `inner` is not called.
using request_check = std::function<std::optional<response>(request&)>;
[[nodiscard]] handler with_check(handler inner, request_check check);

/// Changes every request before `inner` sees it: its path and query. Called once for each attempt,
/// so it gives the same for the same request.
using request_change = std::function<void(request&)>;
[[nodiscard]] handler with_request(handler inner, request_change change);

/// Changes every response that `inner` makes, after unshare().
using response_change = std::function<void(const request&, response&)>;
[[nodiscard]] handler with_response(handler inner, response_change change);
/// The same without unshare(), for a change that keeps to response::shared and response::common.
[[nodiscard]] handler with_shared_response(handler inner, response_change change);

namespace detail {
template <class F>
concept plain_handler_function = std::is_invocable_r_v<response, F&, request&>;
template <class F>
concept async_handler_function = std::is_invocable_r_v<task<response>, F&, request&>;
}  // namespace detail

/// A handler of a function `response(request&)` or `task<response>(request&)`, or a handler as it
/// is.
template <class F>
[[nodiscard]] handler make_handler(F function) {
    if constexpr (std::is_convertible_v<F, handler>) {
        return handler(std::move(function));
    } else if constexpr (detail::async_handler_function<F>) {
        return async_handler(std::move(function));
    } else {
        static_assert(detail::plain_handler_function<F>,
                      "a handler is response(request&) or task<response>(request&)");
        return plain_handler(std::move(function));
    }
}

}  // namespace rouse::http
