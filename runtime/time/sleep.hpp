#pragma once

#include <cassert>

#include "runtime/task/future.hpp"
#include "runtime/time/clock.hpp"
#include "runtime/time/timer_wheel.hpp"

namespace rouse {

/// Ready when its deadline has passed, and at once when it had passed before the first poll. It
/// needs a context with timers. Dropping it takes its timer back. It does not count against the
/// task's budget.
class [[nodiscard]] sleep_future {
   public:
    /// `wait` after the now() of the timer wheel at the first poll.
    [[nodiscard]] static sleep_future after(duration wait) noexcept {
        return sleep_future(wait, origin::first_poll);
    }
    [[nodiscard]] static sleep_future at(time_point deadline) noexcept {
        return sleep_future(deadline.time_since_epoch(), origin::epoch);
    }

    [[nodiscard]] rouse::poll<> poll(context& cx) noexcept {
        if (!started_) {
            assert(cx.timers() != nullptr && "sleeping needs an executor that has timers");
            timer_wheel& timers = *cx.timers();
            const time_point deadline = origin_ == origin::epoch
                                            ? time_point(offset_)
                                            : saturating_add(timers.now(), offset_);
            started_ = true;
            if (deadline > timers.now()) {
                timers.start(entry_, deadline);
            }
        }
        if (!entry_.is_linked()) {
            return rouse::poll<>::ready();
        }
        entry_.set_waker(cx);
        return pending;
    }

   private:
    enum class origin : unsigned char { epoch, first_poll };

    sleep_future(duration offset, origin from) noexcept : offset_(offset), origin_(from) {}

    timer_entry entry_;
    duration offset_;
    origin origin_;
    bool started_ = false;
};
static_assert(future<sleep_future>);

template <class Rep, class Period>
[[nodiscard]] sleep_future sleep_for(std::chrono::duration<Rep, Period> wait) noexcept {
    return sleep_future::after(saturating_cast(wait));
}

[[nodiscard]] inline sleep_future sleep_until(time_point deadline) noexcept {
    return sleep_future::at(deadline);
}

}  // namespace rouse
