#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "runtime/executor/wake_signal.hpp"
#include "runtime/task/owner_waker.hpp"
#include "runtime/task/waker.hpp"

namespace rouse::detail {

class task_header;
class inbox;

/// What a thread-safe waker of a task points at. One for each task that was asked for one; it
/// outlives the task, the executor and the reactor as long as a waker does.
class remote_waker {
   public:
    remote_waker(task_header& task, std::shared_ptr<inbox> destination) noexcept
        : task_(&task), inbox_(std::move(destination)) {}
    remote_waker(const remote_waker&) = delete;
    remote_waker& operator=(const remote_waker&) = delete;

    /// Any thread: puts itself into the inbox, once until it is taken out, and ends the reactor's
    /// sleep.
    void wake() noexcept;
    void add_owner() noexcept { owners_.fetch_add(1, std::memory_order_relaxed); }
    void drop_owner() noexcept {
        if (owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
            delete this;
        }
    }

    /// The executor's thread: the task has finished; wakes do nothing from now on.
    void detach() noexcept { task_ = nullptr; }

    /// A waker that owns one more count.
    [[nodiscard]] waker make_waker() noexcept {
        add_owner();
        return waker({this, &owner_waker<remote_waker>::vtable});
    }

   private:
    friend class inbox;
    ~remote_waker() = default;

    std::atomic<std::uint32_t> owners_{1};  // The task's.
    std::atomic<bool> queued_{false};
    remote_waker* next_ = nullptr;  // Written by who pushes, read by who drains.
    task_header* task_;             // The executor's thread only.
    std::shared_ptr<inbox> inbox_;
};

/// Where wakes from other threads arrive: a stack that any thread pushes to and the executor takes
/// whole, so there is no ABA. It needs no bound of its own: a remote_waker is in it at most once,
/// and there is at most one for each task.
class inbox {
   public:
    explicit inbox(std::shared_ptr<const wake_signal> signal) noexcept
        : signal_(std::move(signal)) {}
    inbox(const inbox&) = delete;
    inbox& operator=(const inbox&) = delete;

    /// Any thread. False: the executor is gone.
    [[nodiscard]] bool push(remote_waker& waker) noexcept;

    /// The executor's thread: wakes the tasks of all that arrived. Returns how many.
    std::uint32_t drain() noexcept;

    /// The executor's thread, at its end: whoever comes later is turned away.
    void close() noexcept;

   private:
    static void release(remote_waker* first) noexcept;

    std::atomic<remote_waker*> head_{nullptr};
    std::shared_ptr<const wake_signal> signal_;
};

}  // namespace rouse::detail
