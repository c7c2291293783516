#pragma once

#include <type_traits>
#include <utility>

#include "runtime/task/future.hpp"

namespace rouse {

/// A future whose poll is a callable: `(context&) -> poll<T>`. The callable keeps the contract of
/// future itself.
template <class Function>
class [[nodiscard]] poll_fn_future {
   public:
    explicit poll_fn_future(Function function) noexcept(
        std::is_nothrow_move_constructible_v<Function>)
        : function_(std::move(function)) {}

    [[nodiscard]] auto poll(context& cx) noexcept(
        std::is_nothrow_invocable_v<Function&, context&>) {
        return function_(cx);
    }

   private:
    Function function_;
};

template <class Function>
    requires future<poll_fn_future<std::decay_t<Function>>>
[[nodiscard]] poll_fn_future<std::decay_t<Function>> poll_fn(Function&& function) {
    return poll_fn_future<std::decay_t<Function>>(std::forward<Function>(function));
}

}  // namespace rouse
