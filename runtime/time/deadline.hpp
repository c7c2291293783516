#pragma once

#include <cassert>

#include "runtime/task/context.hpp"
#include "runtime/time/clock.hpp"
#include "runtime/time/timer_wheel.hpp"

namespace rouse {

/// A deadline that is moved often and seldom reached: that of an idle connection, pushed on by each
/// request. Moving it to a later time is a plain store. It is set while its owner is polled, and
/// wakes that task.
class deadline {
   public:
    /// Sets it, or moves it. Needs a context with timers.
    void set(context& cx, time_point when) noexcept {
        assert(cx.timers() != nullptr);
        timer_wheel& timers = *cx.timers();
        entry_.set_waker(cx);
        if (entry_.is_linked() && when >= when_) {
            timers.extend(entry_, when);
        } else {
            timers.start(entry_, when);
        }
        when_ = when;
        armed_ = true;
    }

    /// Moves it to now, as if time had passed: the owner is woken by the next advance.
    void bring_forward(timer_wheel& timers) noexcept {
        if (entry_.is_linked()) {
            when_ = timers.now();
            timers.start(entry_, when_);
        }
    }

    void clear() noexcept {
        entry_.cancel();
        armed_ = false;
    }

    /// True from when it was reached until it is set again.
    [[nodiscard]] bool has_passed() const noexcept { return armed_ && !entry_.is_linked(); }

   private:
    timer_entry entry_;
    time_point when_{};
    bool armed_ = false;
};

}  // namespace rouse
