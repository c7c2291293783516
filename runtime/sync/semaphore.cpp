#include "runtime/sync/semaphore.hpp"

namespace rouse {

void semaphore::hand_out() noexcept {
    while (!waiting_.empty() && waiting_.front().count_ <= available_) {
        acquire_future& first = *waiting_.pop_front();
        available_ -= first.count_;
        first.state_ = acquire_future::state::given;
        first.wake();
    }
}

acquire_future::~acquire_future() {
    if (state_ == state::given) {
        owner_->add_permits(count_);
    } else if (state_ == state::waiting) {
        // Those behind may want fewer, and have waited for this one only.
        leave();
        owner_->hand_out();
    }
}

rouse::poll<semaphore_permit> acquire_future::poll(context& cx) noexcept {
    assert(state_ != state::finished && "polled again after it was ready");
    if (state_ == state::idle && !owner_->can_take(count_)) {
        owner_->waiting_.push_back(*this);
        state_ = state::waiting;
    }
    if (state_ == state::waiting) {
        set_waker(cx);
        return pending;
    }
    if (!cx.consume_budget()) {
        return pending;
    }
    if (state_ == state::idle) {
        owner_->available_ -= count_;
    }
    state_ = state::finished;
    return semaphore_permit(*owner_, count_);
}

}  // namespace rouse
