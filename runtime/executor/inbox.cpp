#include "runtime/executor/inbox.hpp"

#include <utility>

#include "runtime/executor/task_header.hpp"

namespace rouse::detail {
namespace {

// Stands in head_ once the inbox is closed. Never followed, only compared.
remote_waker* closed_mark() noexcept {
    static char mark;
    return reinterpret_cast<remote_waker*>(&mark);
}

}  // namespace

void remote_waker::wake() noexcept {
    // acq_rel: what this thread did before is seen by the poll that this wake, or the one it
    // coalesces with, causes.
    if (queued_.exchange(true, std::memory_order_acq_rel)) {
        return;
    }
    add_owner();  // The inbox's.
    if (!inbox_->push(*this)) {
        drop_owner();
    }
}

bool inbox::push(remote_waker& waker) noexcept {
    remote_waker* head = head_.load(std::memory_order_relaxed);
    do {
        if (head == closed_mark()) {
            return false;
        }
        waker.next_ = head;
    } while (!head_.compare_exchange_weak(head, &waker, std::memory_order_release,
                                          std::memory_order_relaxed));
    // Who finds it empty raises the signal; the others rely on that one: the executor takes all at
    // once, and it does so after each sleep, so a raise between "queue is empty" and "asleep" ends
    // the sleep at once.
    if (head == nullptr) {
        signal_->raise();
    }
    return true;
}

std::uint32_t inbox::drain() noexcept {
    if (head_.load(std::memory_order_relaxed) == nullptr) {
        return 0;
    }
    remote_waker* taken = head_.exchange(nullptr, std::memory_order_acquire);
    // The stack has the latest on top; turn it round, so that tasks run in the order of their
    // wakes.
    remote_waker* first = nullptr;
    while (taken != nullptr) {
        remote_waker* next = std::exchange(taken->next_, first);
        first = std::exchange(taken, next);
    }
    std::uint32_t count = 0;
    while (first != nullptr) {
        remote_waker& waker = *std::exchange(first, first->next_);
        // Before the wake, so that a wake from now on queues again: the coming poll may miss what
        // it announces.
        waker.queued_.exchange(false, std::memory_order_acq_rel);
        if (waker.task_ != nullptr) {
            waker.task_->wake();
        }
        waker.drop_owner();
        ++count;
    }
    return count;
}

void inbox::close() noexcept {
    release(head_.exchange(closed_mark(), std::memory_order_acquire));
}

void inbox::release(remote_waker* first) noexcept {
    while (first != nullptr) {
        std::exchange(first, first->next_)->drop_owner();
    }
}

}  // namespace rouse::detail
