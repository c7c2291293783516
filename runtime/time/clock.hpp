#pragma once

#include <chrono>

namespace rouse {

/// The clock of every deadline: it never goes backwards and does not care about the wall clock. See
/// clock_gettime(2), CLOCK_MONOTONIC.
using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using duration = clock::duration;
using std::chrono::milliseconds;

/// `wait` in the clock's unit, rounded up, held at the ends of what a duration can say:
/// hours::max() means "for ever".
template <class Rep, class Period>
[[nodiscard]] constexpr duration saturating_cast(std::chrono::duration<Rep, Period> wait) noexcept {
    using seconds = std::chrono::duration<double>;
    if (seconds(wait) >= seconds(duration::max())) {
        return duration::max();
    }
    if (seconds(wait) <= seconds(duration::min())) {
        return duration::min();
    }
    return std::chrono::ceil<duration>(wait);
}

/// `from` plus `wait`, held at the ends of what a time_point can say.
[[nodiscard]] constexpr time_point saturating_add(time_point from, duration wait) noexcept {
    if (wait > duration::zero() && from > time_point::max() - wait) {
        return time_point::max();
    }
    if (wait < duration::zero() && from < time_point::min() - wait) {
        return time_point::min();
    }
    return from + wait;
}

}  // namespace rouse
