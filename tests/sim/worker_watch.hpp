#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/executor/executor.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/peer.hpp"
#include "tests/sim/sim_reactor.hpp"

namespace rouse::sim {

struct watched_limits {
    std::size_t batch_tasks_max = 0;
    std::size_t connections_max = 0;
    std::size_t descriptors_kept = 0;  ///< Open until the worker has ended, whoever connects.
};

/// Looks between the turns of a worker at what it must keep to, whatever its clients do: its
/// bounds, and how soon it acts on what it was told.
class worker_watch {
   public:
    worker_watch(simulation& owner, network& wires) noexcept
        : simulation_(owner), network_(wires) {}

    void keep_to(const watched_limits& limits) noexcept { limits_ = limits; }

    /// The worker has run between two turns of its reactor.
    void has_run(executor& tasks, const sim_reactor& io);

    /// It has been told to drain, or to end now.
    void drains() noexcept { drained_at_ = simulation_.lived(); }
    void is_cut() noexcept { cut_at_ = simulation_.lived(); }

    /// After `drains`, with each turn: who was told so acts on it soon.
    void look_at_drain(const peer_terms& terms, std::span<const std::unique_ptr<peer>> peers);

   private:
    [[nodiscard]] bool is_overdue(time_point since) const noexcept;
    void look_at_idle(std::span<const std::unique_ptr<peer>> peers);

    simulation& simulation_;
    network& network_;
    watched_limits limits_;
    std::uint64_t polls_ = 0;
    // In lived time; max() for what has not happened.
    time_point drained_at_ = time_point::max();
    time_point cut_at_ = time_point::max();
    time_point closed_at_ = time_point::max();
    std::vector<time_point> idle_since_;  ///< Of each client, during a drain.
};

}  // namespace rouse::sim
