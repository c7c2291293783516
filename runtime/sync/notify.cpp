#include "runtime/sync/notify.hpp"

namespace rouse {

void notify::notify_one() noexcept {
    if (notified_future* first = waiting_.pop_front()) {
        first->wake_as(notified_future::state::woken_by_one);
    } else {
        permit_ = true;
    }
}

void notify::notify_all() noexcept {
    detail::waiter_list<notified_future> now;  // who starts to wait from here on is not meant
    now.splice_back(waiting_);
    while (notified_future* first = now.pop_front()) {
        first->wake_as(notified_future::state::woken_by_all);
    }
}

notified_future::~notified_future() {
    if (state_ == state::woken_by_one) {
        owner_->notify_one();
    }
}

void notified_future::wake_as(state woken) noexcept {
    state_ = woken;
    wake();
}

rouse::poll<> notified_future::poll(context& cx) noexcept {
    assert(state_ != state::finished && "polled again after it was ready");
    if (state_ == state::idle && !owner_->permit_) {
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
        owner_->permit_ = false;
    }
    state_ = state::finished;
    return rouse::poll<>::ready();
}

}  // namespace rouse
