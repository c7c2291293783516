#include "runtime/executor/executor.hpp"

#include <algorithm>
#include <cstdint>

namespace rouse {

executor::executor(reactor& io, executor_options options)
    : reactor_(io),
      options_(options),
      timers_(io.now()),
      inbox_(std::make_shared<detail::inbox>(io.signal())) {}

executor::~executor() {
    // A destructor that runs here may spawn; what it spawns is dropped as well.
    while (!tasks_.empty()) {
        tasks_.front().cancel();
    }
    while (!ready_.empty()) {
        ready_.pop().drop_owner();
    }
    inbox_->close();
}

void executor::adopt(detail::task_header& task) noexcept {
    tasks_.push_front(task);
    ++task_count_;
    ++counters_.tasks_spawned;
    task.state_ |= detail::task_state::queued;
    make_ready(task);
}

void executor::make_ready(detail::task_header& task) noexcept {
    task.add_owner();  // The ready queue's.
    ready_.push(task);
    if (ready_.size() > counters_.ready_high_water) {
        counters_.ready_high_water = ready_.size();
    }
}

void executor::run_task(detail::task_header& task) noexcept {
    namespace state = detail::task_state;
    task.state_ = static_cast<std::uint8_t>((task.state_ & ~state::queued) | state::running);
    local_waker borrowed = task.borrow_waker();
    coop_budget budget{options_.task_budget};
    context cx(borrowed, &task.source(), &timers_, &budget);
    ++counters_.polls;
    const detail::poll_outcome outcome = task.poll_future(cx);
    (void)borrowed.release();  // It was lent: nothing is counted, so nothing is dropped.
    if (budget.remaining == 0) {
        ++counters_.budget_yields;
    }
    task.state_ = static_cast<std::uint8_t>(task.state_ & ~state::running);
    if (outcome == detail::poll_outcome::failed) {
        ++counters_.tasks_failed;
    }
    const bool done = outcome != detail::poll_outcome::pending;
    if (done || (task.state_ & state::cancelled) != 0) {
        task.finish(done);
    }
}

std::size_t executor::run_batch() noexcept {
    std::size_t ran = 0;
    while (ran < options_.batch_tasks_max && !ready_.empty()) {
        detail::task_header& task = ready_.pop();
        if (!task.is_finished()) {
            run_task(task);
            ++ran;
        }
        task.drop_owner();
    }
    return ran;
}

std::size_t executor::run_until_stalled() {
    std::size_t polls = 0;
    do {
        counters_.wakes_remote += inbox_->drain();
        polls += run_batch();
    } while (!ready_.empty());
    return polls;
}

std::optional<duration> executor::sleep_bound() noexcept {
    if (!ready_.empty()) {
        return duration::zero();
    }
    const auto deadline = timers_.next_deadline();
    if (!deadline) {
        return std::nullopt;
    }
    return std::max(*deadline - reactor_.now(), duration::zero());
}

result<> executor::turn() {
    ++counters_.turns;
    const auto turned = reactor_.turn(sleep_bound());
    counters_.timers_fired += timers_.advance(reactor_.now());
    counters_.wakes_remote += inbox_->drain();
    return turned;
}

result<> executor::run_once() {
    run_batch();
    return task_count_ == 0 ? result<>() : turn();
}

result<> executor::run() {
    while (!stopped_ && task_count_ > 0) {
        run_batch();
        if (stopped_ || task_count_ == 0) {
            break;  // Before the sleep.
        }
        if (auto turned = turn(); !turned) {
            return turned;
        }
    }
    stopped_ = false;
    return {};
}

}  // namespace rouse
