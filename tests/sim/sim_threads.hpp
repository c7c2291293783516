#pragma once

#include "runtime/executor/blocking_pool.hpp"
#include "tests/sim/simulation.hpp"

namespace rouse::sim {

/// The thread of a blocking_pool in a simulated run. There is none: sim_threads.cpp makes pools
/// without, and a world runs their jobs here, one at a time, when the thread would be done with
/// each. The queue, its futures and their wakers are what ships.
class sim_thread {
   public:
    explicit sim_thread(simulation& owner) noexcept : simulation_(owner) {}

    /// Looks whether a job waits that has no time yet. When the server has run.
    void look();
    /// When the next job is done; time_point::max() when none waits.
    [[nodiscard]] time_point due() const noexcept { return due_; }
    /// Runs the job that is due. Whether there was one: then the server has been woken.
    [[nodiscard]] bool run_due();

   private:
    simulation& simulation_;
    time_point due_ = time_point::max();
};

}  // namespace rouse::sim
