#pragma once

#include <utility>

#include "runtime/task/child.hpp"
#include "runtime/time/clock.hpp"
#include "runtime/time/sleep.hpp"

namespace rouse {

/// The future of with_timeout.
template <future F>
using timeout_future = detail::guarded<F, sleep_future>;

/// Answers what `inner` answers, as a result, or errc::timed_out when `wait` has passed first,
/// counted from the first poll. An output that is a result already stays one: it is not nested.
///
/// `inner` is polled first, so a value that is there wins against a deadline that has passed. After
/// a time-out it is destroyed, hence cancelled, before this future is ready. An lvalue is only
/// borrowed: it must outlive this future, and a time-out leaves it as it is, to be polled again by
/// its owner.
template <future F, class Rep, class Period>
[[nodiscard]] timeout_future<F> with_timeout(F&& inner, std::chrono::duration<Rep, Period> wait) {
    return timeout_future<F>(std::forward<F>(inner), sleep_for(wait), errc::timed_out);
}

/// The same with a point in time.
template <future F>
[[nodiscard]] timeout_future<F> with_deadline(F&& inner, time_point deadline) {
    return timeout_future<F>(std::forward<F>(inner), sleep_until(deadline), errc::timed_out);
}
static_assert(future<timeout_future<sleep_future>>);
static_assert(future<timeout_future<sleep_future&>>);

}  // namespace rouse
