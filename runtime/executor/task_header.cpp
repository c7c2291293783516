#include "runtime/executor/task_header.hpp"

#include <utility>

#include "runtime/executor/executor.hpp"
#include "runtime/executor/inbox.hpp"

namespace rouse::detail {

void task_header::wake() noexcept {
    if (is_finished()) {
        return;
    }
    if ((state_ & task_state::queued) != 0) {
        ++executor_->counters_.wakes_coalesced;
        return;
    }
    state_ |= task_state::queued;
    ++executor_->counters_.wakes;
    executor_->make_ready(*this);
}

void task_header::cancel() noexcept {
    if (is_finished()) {
        return;
    }
    if ((state_ & task_state::running) != 0) {
        state_ |= task_state::cancelled;
        return;
    }
    finish(false);
}

void task_header::finish(bool with_output) noexcept {
    // Finished first: what the future's destructors do to this task (wake it, cancel it) must find
    // nothing to do.
    state_ |= task_state::finished;
    add_owner();  // The destructors may drop the last other owner.
    drop_future(with_output && (state_ & task_state::left) == 0);
    if (remote_ != nullptr) {
        remote_->detach();
        std::exchange(remote_, nullptr)->drop_owner();
    }
    unlink();
    --std::exchange(executor_, nullptr)->task_count_;
    if (joiner_) {
        std::move(joiner_).wake();
    }
    drop_owner();
    drop_owner();  // The executor's.
}

waker task_header::make_waker() {
    if (remote_ == nullptr) {
        remote_ = new remote_waker(*this, executor_->inbox_);
    }
    return remote_->make_waker();
}

}  // namespace rouse::detail
