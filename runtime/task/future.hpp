#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include "runtime/task/context.hpp"
#include "runtime/task/poll.hpp"

namespace rouse {

namespace detail {
template <class T>
inline constexpr bool is_poll = false;
template <class T>
inline constexpr bool is_poll<poll<T>> = true;
}  // namespace detail

/// A future is anything that can be asked for its result: `f.poll(cx)` answers poll<T>.
///
/// - It does nothing before its first poll, and is not polled again after it was ready.
/// - Pending means that it kept the waker of this poll and will wake it. A spurious poll is
/// answered pending again.
/// - It may be moved until its first poll, and not afterwards: others may hold its address.
/// - Its destructor cancels: what it started is taken back or left to its owner (the reactor) to
/// finish.
template <class F>
concept future = std::destructible<std::remove_cvref_t<F>> &&
                 requires(std::remove_reference_t<F>& f, context& cx) {
                     requires detail::is_poll<std::remove_cvref_t<decltype(f.poll(cx))>>;
                 };

/// The T of a future's poll<T>.
template <future F>
using future_output_t =
    typename std::remove_cvref_t<decltype(std::declval<std::remove_reference_t<F>&>().poll(
        std::declval<context&>()))>::value_type;

}  // namespace rouse
