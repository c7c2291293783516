#pragma once

#include "runtime/task/context.hpp"
#include "runtime/task/future.hpp"
#include "tests/support/counting_waker.hpp"

namespace rouse::test {

/// A task by hand: polls futures with its own counting waker, timers and budget.
class hand_task {
   public:
    explicit hand_task(timer_wheel* timers = nullptr) noexcept : timers_(timers) {}

    template <future F>
    auto poll(F& asked) {
        context cx(waker_, nullptr, timers_, &budget);
        return asked.poll(cx);
    }

    [[nodiscard]] int wakes() const noexcept { return counts.total_wakes(); }

    counting_waker counts;
    coop_budget budget;

   private:
    local_waker waker_ = counts.local();
    timer_wheel* timers_;
};

/// Polls once, for who does not care about wakes.
template <future F>
auto poll_once(F& asked, timer_wheel* timers = nullptr) {
    const local_waker waker = local_waker::noop();
    context cx(waker, nullptr, timers);
    return asked.poll(cx);
}

}  // namespace rouse::test
