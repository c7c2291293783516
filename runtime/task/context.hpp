#pragma once

#include <cstdint>

#include "runtime/task/waker.hpp"

namespace rouse {

class timer_wheel;

/// How many operations a task may still finish in this poll. When it is used up, leaf futures say
/// pending and wake the task at once, so that it queues behind the others. See decision 7 in
/// docs/architecture.md.
struct coop_budget {
    static constexpr std::uint32_t unlimited = UINT32_MAX;
    std::uint32_t remaining = unlimited;
};

/// Makes the thread-safe waker of the task that is being polled: it costs an allocation the first
/// time, so it is made only where it is asked for.
class waker_source {
   public:
    [[nodiscard]] virtual waker make_waker() = 0;

   protected:
    ~waker_source() = default;
};

/// What a task may see while it is polled, passed down explicitly and never kept: its wakers, the
/// timers of its executor and its budget. It lives as long as one poll. See core::task::Context.
class context {
   public:
    /// `local` must outlive the context. Without a source, waker() answers the no-op one; without
    /// timers, sleeping is a programmer error; without a budget there is no bound.
    explicit context(const local_waker& local, waker_source* source = nullptr,
                     timer_wheel* timers = nullptr, coop_budget* budget = nullptr) noexcept
        : local_(local), source_(source), timers_(timers), budget_(budget) {}
    context(const context&) = delete;
    context& operator=(const context&) = delete;

    /// Clone it to keep it. A future that returns pending has kept the one of its latest poll.
    [[nodiscard]] const local_waker& local() const noexcept { return local_; }

    /// A new owner of the task's thread-safe waker.
    [[nodiscard]] rouse::waker waker() const {
        return source_ == nullptr ? rouse::waker::noop() : source_->make_waker();
    }

    /// Null under an executor that has no timers.
    [[nodiscard]] timer_wheel* timers() const noexcept { return timers_; }

    /// Takes one unit of the task's budget. False: the caller returns pending; the task has been
    /// woken already.
    [[nodiscard]] bool consume_budget() noexcept {
        if (budget_ == nullptr || budget_->remaining == coop_budget::unlimited) {
            return true;
        }
        if (budget_->remaining == 0) {
            local_.wake_by_ref();
            return false;
        }
        --budget_->remaining;
        return true;
    }

   private:
    const local_waker& local_;
    waker_source* source_;
    timer_wheel* timers_;
    coop_budget* budget_;
};

/// Keeps the waker of the latest poll in `slot`; no clone when it has not changed.
inline void store_waker(local_waker& slot, const context& cx) noexcept {
    if (!slot || !slot.will_wake(cx.local())) {
        slot = cx.local().clone();
    }
}

}  // namespace rouse
