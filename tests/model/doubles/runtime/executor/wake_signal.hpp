#pragma once

#include "tests/model/checked.hpp"

namespace rouse {

/// Stands for runtime/executor/wake_signal.hpp where the kernel is part of the model. An eventfd is
/// a counter that a reader takes whole and waits for; it orders whoever raises it before whoever is
/// woken.
class wake_signal {
   public:
    void raise() const noexcept {
        begin();
        raises_.fetch_add(1, rl::mo_acq_rel, RL_INFO);
        // Relacy switches threads only before the operation above, so this belongs to it.
        raises_.wake(rl::ctx(), 1, RL_INFO);
    }
    void clear() const noexcept { (void)take(); }

    /// Sleeps until it is raised, and clears it.
    void wait() const noexcept {
        const model::stale_values_kept kept;
        while (!take()) {
            raises_.wait(rl::ctx(), false, false, RL_INFO);
        }
    }

   private:
    void begin() const noexcept {
        (void)static_cast<bool>(alive_);
        model::announce(this, true);
    }
    [[nodiscard]] bool take() const noexcept {
        begin();
        return raises_.exchange(0, rl::mo_acq_rel, RL_INFO) != 0;
    }

    model::plain<bool> alive_ = true;
    mutable rl::atomic<unsigned> raises_{0};
};

}  // namespace rouse
