#pragma once

#include <cstdint>

#include "runtime/task/context.hpp"
#include "runtime/task/future.hpp"

namespace rouse::sim {

/// A task that does nothing but be polled: how long it waits after a wake is how long any task may
/// have to wait.
struct canary_state {
    local_waker waker;
    std::uint64_t polls = 0;
    std::uint64_t polls_at_wake = 0;
    std::uint64_t turns_waited = 0;
    std::uint64_t turns_max = 0;  ///< First in, first out: until all that were ready had a poll.
};

class [[nodiscard]] canary {
   public:
    explicit canary(canary_state& state) noexcept : state_(&state) {}

    [[nodiscard]] rouse::poll<> poll(context& cx) noexcept {
        ++state_->polls;
        store_waker(state_->waker, cx);
        return pending;
    }

   private:
    canary_state* state_;
};

static_assert(future<canary>);

}  // namespace rouse::sim
