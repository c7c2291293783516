#pragma once

#include <type_traits>
#include <utility>

#include "runtime/task/future.hpp"

namespace rouse {

/// A future that is ready at its first poll.
template <class T = void>
class [[nodiscard]] ready_future {
   public:
    explicit ready_future(T value) noexcept(std::is_nothrow_move_constructible_v<T>)
        : value_(std::move(value)) {}

    [[nodiscard]] rouse::poll<T> poll(context&) noexcept(std::is_nothrow_move_constructible_v<T>) {
        return std::move(value_);
    }

   private:
    T value_;
};

template <>
class [[nodiscard]] ready_future<void> {
   public:
    [[nodiscard]] rouse::poll<> poll(context&) noexcept { return rouse::poll<>::ready(); }
};
static_assert(future<ready_future<int>>);
static_assert(future<ready_future<>>);

template <class T>
[[nodiscard]] ready_future<std::decay_t<T>> ready(T&& value) {
    return ready_future<std::decay_t<T>>(std::forward<T>(value));
}

[[nodiscard]] inline ready_future<> ready() noexcept {
    return {};
}

}  // namespace rouse
