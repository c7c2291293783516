#pragma once

#include <utility>

#include "runtime/executor/spawned_task.hpp"

namespace rouse {

/// Owns a spawned task and is a future of its result<T>: awaiting it gives the task's value,
/// rethrows what it threw, or is errc::cancelled. Dropping the handle cancels the task, because
/// what nobody waits for should not run unseen; detach() says that it shall.
template <class T>
class [[nodiscard]] join_handle {
   public:
    /// Takes over one owner of `spawned`.
    explicit join_handle(detail::joinable_task<T>& spawned) noexcept : task_(&spawned) {}
    join_handle(join_handle&& other) noexcept : task_(std::exchange(other.task_, nullptr)) {}
    join_handle& operator=(join_handle&& other) noexcept {
        if (this != &other) {
            reset();
            task_ = std::exchange(other.task_, nullptr);
        }
        return *this;
    }
    ~join_handle() { reset(); }

    [[nodiscard]] rouse::poll<result<T>> poll(context& cx) { return task_->poll_join(cx); }

    [[nodiscard]] bool is_finished() const noexcept { return task_->is_finished(); }

    /// Drops the task's future now, or, from inside the task itself, when its current poll returns.
    /// What it owns is destroyed in the reverse order; operations in flight are left to the
    /// reactor. A finished task keeps its output.
    void cancel() noexcept { task_->cancel(); }

    /// Lets the task run on without a handle. What it throws is then only counted
    /// (executor_counters::tasks_failed).
    void detach() && noexcept {
        auto* left = std::exchange(task_, nullptr);
        left->leave();
        left->drop_owner();
    }

   private:
    void reset() noexcept {
        if (task_ != nullptr) {
            auto* left = std::exchange(task_, nullptr);
            left->leave();
            left->cancel();
            left->drop_owner();
        }
    }

    detail::joinable_task<T>* task_;
};

static_assert(future<join_handle<void>>);

}  // namespace rouse
