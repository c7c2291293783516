#include "tests/sim/worker_watch.hpp"

namespace rouse::sim {
namespace {

// What faults may add to what is done at once.
constexpr milliseconds at_once{1'000};

}  // namespace

bool worker_watch::is_overdue(time_point since) const noexcept {
    return since != time_point::max() && simulation_.lived() - since > at_once;
}

void worker_watch::has_run(executor& tasks, const sim_reactor& io) {
    const std::uint64_t polls = tasks.counters().polls;
    simulation_.require(polls - polls_ <= limits_.batch_tasks_max,
                        "more tasks run than a batch has, while the kernel waits");
    polls_ = polls;
    simulation_.require(io.streams_read() <= limits_.connections_max,
                        "more connections are served than connections_max");
    simulation_.require(io.keeps_places(),
                        "more connections of a client are served than it may have");
    network_.require_failed_closed(at_once);
}

void worker_watch::look_at_drain(const peer_terms& terms,
                                 std::span<const std::unique_ptr<peer>> peers) {
    simulation_.require(!is_overdue(cut_at_), "the worker does not end when it is told to");
    if (is_overdue(drained_at_)) {
        simulation_.require(!network_.is_listening(terms.listener), "a worker that drains listens");
    }
    if (network_.open_descriptors() > limits_.descriptors_kept) {
        closed_at_ = time_point::max();
    } else if (closed_at_ == time_point::max()) {
        closed_at_ = simulation_.lived();
    }
    simulation_.require(!is_overdue(closed_at_),
                        "all connections have closed, and a worker that drains goes on");
    if (terms.has_room) {
        look_at_idle(peers);  // Otherwise one may wait for the buffers that another holds.
    }
}

void worker_watch::look_at_idle(std::span<const std::unique_ptr<peer>> peers) {
    idle_since_.resize(peers.size(), time_point::max());
    for (std::size_t i = 0; i < peers.size(); ++i) {
        if (!peers[i]->is_idle()) {
            idle_since_[i] = time_point::max();
        } else if (idle_since_[i] == time_point::max()) {
            idle_since_[i] = simulation_.lived();
        }
        simulation_.require(!is_overdue(idle_since_[i]),
                            "a worker that drains keeps a connection that is idle");
    }
}

}  // namespace rouse::sim
