#include "tests/sim/sim_reactor.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

#include "tests/sim/allocations.hpp"

namespace rouse::sim {
namespace {

// A run that takes more turns than this goes round in circles.
constexpr std::uint64_t turns_max = 200'000;
// What a turn takes at least, so that time passes even for a server that never sleeps.
constexpr std::chrono::microseconds turn_time{1};
constexpr std::uint64_t slow_turn_milliseconds_max = 20;
constexpr std::uint64_t clock_jump_milliseconds_max = 600'000;
constexpr std::uint64_t lateness_microseconds_max = 50'000;
// Wakers that are kept beyond what they were for, to be woken later.
constexpr std::size_t stale_wakers_max = 4;
// What a receive may bring that is being cancelled: reactor_limits::receive_queue_max.
constexpr std::size_t receives_begun_max = 32;
// One that is being sent, and one that waits for it.
constexpr std::size_t leases_a_send = 2;

}  // namespace

sim_reactor::sim_reactor(simulation& owner, network& wires, const sim_reactor_options& options)
    : reactor(options.limits),
      simulation_(owner),
      network_(wires),
      files_(owner),
      buffers_(owner, options.buffers, options.buffer_bytes),
      draw_(owner.source(part::wakes)),
      receive_queue_max_(options.limits.receive_queue_max) {}

sim_reactor::~sim_reactor() {
    const simulated_part outside;
    for (const local_waker& stale : stale_wakers_) {
        stale.wake_by_ref();  // Its task is gone: nothing happens.
    }
    stale_wakers_.clear();
    orphan_all();
    while (!flight_.empty()) {
        const time_point next = next_event();
        simulation_.require(next != time_point::max(),
                            "an operation is in flight at the end that nobody has cancelled");
        simulation_.advance_to(std::max(simulation_.now(), next));
        (void)deliver_due();
    }
    simulation_.require(operation_count() == 0, "an operation record is left at the end");
    simulation_.require(buffers_.is_whole(), "a buffer is left at the end");
}

result<> sim_reactor::turn(std::optional<duration> wait) {
    const simulated_part outside;
    ++counters_.turns;
    simulation_.require(counters_.turns < turns_max, "the run does not end: too many turns");
    simulation_.log(event::turn, wait ? static_cast<std::uint64_t>(wait->count()) : UINT64_MAX);
    others_->begin_turn();
    check_buffers(wait);
    pass_time();
    feed_starved(buffers_.free());
    submit_waiting();
    network_.strike_paths();
    const bool overflowed = simulation_.strike(fault::queue_overflow);
    if (overflowed) {
        ++counters_.queue_overflows;
        end_multishots_ = true;
    }
    if (overflowed || !waiting_.empty()) {
        wait = duration::zero();  // The rest comes with the next turn.
    }
    run_kernel(wait, overflowed);
    wake_without_cause();
    others_->end_turn();
    return {};
}

void sim_reactor::pass_time() noexcept {
    duration passed = turn_time;
    if (simulation_.strike(fault::slow_turn)) {
        passed +=
            milliseconds(1 + simulation_.detail(fault::slow_turn, slow_turn_milliseconds_max));
    }
    simulation_.advance_to(simulation_.now() + passed);
}

// Until something has come for the server, or its wait is over.
void sim_reactor::run_kernel(std::optional<duration> wait, bool overflowed) {
    const time_point until = wait ? saturating_add(simulation_.now(), *wait) : time_point::max();
    while (true) {
        others_->act();
        const bool delivered = !overflowed && deliver_due();
        if (others_->take_signal()) {
            signal()->clear();
            return;
        }
        if (delivered || simulation_.now() >= until) {
            return;
        }
        const time_point next = std::min({until, next_event(), others_->next_action()});
        simulation_.require(next != time_point::max(),
                            "the server sleeps for ever: nothing is left that could wake it");
        simulation_.advance_to(std::max(simulation_.now(), next));
        if (simulation_.strike(fault::clock_jump)) {
            network_.excuse_all();
            simulation_.jump(
                milliseconds(simulation_.detail(fault::clock_jump, clock_jump_milliseconds_max)));
        }
    }
}

void sim_reactor::submit_waiting() {
    while (!waiting_.empty()) {
        if (simulation_.strike(fault::full_submission)) {
            return;
        }
        operation& op = waiting_.front();
        mark_in_flight(op);
        ++network_.at(op.file->fd).in_flight;
        flight_.push_back({.record = &op, .fd = op.file->fd});
        if (op.kind == operation_kind::receive) {
            network_.at(op.file->fd).stream->let_in();
        }
        simulation_.log(event::submit, static_cast<std::uint64_t>(op.kind),
                        static_cast<std::uint64_t>(op.file->fd - descriptor_base));
    }
}

void sim_reactor::request_cancel(operation& op) noexcept {
    const simulated_part outside;
    kernel_operation& each = flight_[index_of(op)];
    simulation_.require(each.cancel_at == time_point::max(), "an operation is cancelled twice");
    duration after = duration::zero();
    if (simulation_.strike(fault::late_cancel,
                           static_cast<std::uint64_t>(each.fd - descriptor_base))) {
        // The kernel ends what waits for a socket with the next submission; a send may be under
        // way.
        const std::uint64_t microseconds_max =
            is_multishot(op.kind) ? 2 : lateness_microseconds_max;
        after =
            std::chrono::microseconds(1 + simulation_.detail(fault::late_cancel, microseconds_max));
    }
    each.cancel_at = waits_for_disk(each) ? each.ready_at : simulation_.now() + after;
    simulation_.log(event::cancel, static_cast<std::uint64_t>(op.kind),
                    static_cast<std::uint64_t>(each.fd - descriptor_base));
}

void sim_reactor::close(unique_fd fd) noexcept {
    const simulated_part outside;
    network_.close(fd.release());
}

std::size_t sim_reactor::index_of(const operation& record) const noexcept {
    const auto found = std::ranges::find(flight_, &record,
                                         [](const kernel_operation& each) { return each.record; });
    simulation_.require(found != flight_.end(), "an operation that is not in flight is cancelled");
    return static_cast<std::size_t>(found - flight_.begin());
}

time_point sim_reactor::next_event() const noexcept {
    time_point next = time_point::max();
    for (const kernel_operation& each : flight_) {
        next = std::min(next, each.cancel_at);
        if (each.is_ready) {
            next = std::min(next, each.ready_at);
        }
    }
    return next;
}

// The completions whose time has come, in some order. False when there is none.
bool sim_reactor::deliver_due() {
    due_.clear();
    for (kernel_operation& each : flight_) {
        if (!each.is_ready && can_progress(each)) {
            each.is_ready = true;
            each.ready_at = simulation_.now() + lateness(each) + file_delay(each);
        }
        if (each.cancel_at <= simulation_.now() ||
            (each.is_ready && each.ready_at <= simulation_.now())) {
            due_.push_back(each.record);
        }
    }
    if (due_.size() > 1 && simulation_.strike(fault::reordered)) {
        for (std::size_t last = due_.size() - 1; last > 0; --last) {
            std::swap(due_[last], due_[simulation_.detail(fault::reordered, last + 1)]);
        }
    }
    const std::uint64_t before = counters_.completions;
    for (operation* each : due_) {
        deliver(index_of(*each));
    }
    end_multishots_ = false;
    return counters_.completions != before || !waiting_.empty();
}

// A send that goes on in pieces is late once.
duration sim_reactor::lateness(const kernel_operation& each) noexcept {
    if (each.sent > 0 ||
        !simulation_.strike(fault::late_completion,
                            static_cast<std::uint64_t>(each.fd - descriptor_base))) {
        return duration::zero();
    }
    return std::chrono::microseconds(
        simulation_.detail(fault::late_completion, lateness_microseconds_max));
}

void sim_reactor::give(std::size_t index, const completion& what, bool last) {
    operation& op = *flight_[index].record;
    const int fd = flight_[index].fd;
    simulation_.require(
        op.kind != operation_kind::receive || op.queued <= receive_queue_max_ + receives_begun_max,
        "a receive goes on although nobody takes what comes");
    last = last ||
           (is_multishot(op.kind) && (end_multishots_ || simulation_.strike(fault::multishot_end)));
    simulation_.log(event::complete, static_cast<std::uint64_t>(op.kind),
                    static_cast<std::uint64_t>(fd - descriptor_base),
                    static_cast<std::uint64_t>(std::int64_t{what.result}), last ? 0 : 1);
    keep_waker(op);
    flight_[index].is_ready = false;
    if (last) {
        take_out(index);
    }
    const tested_part inside;
    complete(op, what, last);
}

std::size_t sim_reactor::streams_read() const noexcept {
    return static_cast<std::size_t>(
        std::ranges::count_if(flight_, [](const kernel_operation& each) {
            return each.record->kind == operation_kind::receive && !each.record->orphaned;
        }));
}

bool sim_reactor::keeps_places() const {
    const unsigned most = network_.place_connections_max();
    if (most == 0) {
        return true;
    }
    std::map<unsigned, unsigned> read;
    for (const kernel_operation& each : flight_) {
        if (each.record->kind != operation_kind::receive || each.record->orphaned) {
            continue;
        }
        const connection& line = *network_.at(each.fd).stream;
        if (!line.is_excused() && ++read[line.place()] > most) {
            return false;
        }
    }
    return true;
}

// While the server sleeps, only what is being sent is kept in buffers: a slow client holds none.
void sim_reactor::check_buffers(std::optional<duration> wait) {
    if (wait && *wait == duration::zero()) {
        return;
    }
    std::size_t sends = 0;
    const auto count = [&sends](const operation& each) {
        sends += each.kind == operation_kind::send || each.kind == operation_kind::send_vector ||
                         each.kind == operation_kind::send_to
                     ? 1
                     : 0;
    };
    waiting_.for_each(count);
    in_flight_.for_each(count);
    simulation_.require(buffers_.leased() <= leases_a_send * sends,
                        "the server sleeps, and keeps buffers that are not being sent");
}

void sim_reactor::take_out(std::size_t index) {
    --network_.at(flight_[index].fd).in_flight;
    flight_.erase(flight_.begin() + static_cast<std::ptrdiff_t>(index));
}

// A waker may be woken when what it was for is long over.
void sim_reactor::keep_waker(const operation& op) {
    if (op.wanted && op.waker && simulation_.strike(fault::duplicate_wake)) {
        if (stale_wakers_.size() == stale_wakers_max) {
            stale_wakers_.erase(stale_wakers_.begin());
        }
        stale_wakers_.push_back(op.waker.clone());
    }
}

void sim_reactor::wake_without_cause() {
    for (const local_waker& stale : stale_wakers_) {
        stale.wake_by_ref();
    }
    if (!stale_wakers_.empty() && draw_.below(4) == 0) {
        stale_wakers_.clear();
    }
    if (flight_.empty() || !simulation_.strike(fault::spurious_wake)) {
        return;
    }
    const operation& woken =
        *flight_[simulation_.detail(fault::spurious_wake, flight_.size())].record;
    if (woken.wanted && woken.waker) {
        woken.waker.wake_by_ref();
    }
}

}  // namespace rouse::sim
