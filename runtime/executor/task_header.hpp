#pragma once

#include <cassert>
#include <cstdint>

#include "runtime/base/intrusive_list.hpp"
#include "runtime/executor/task_state.hpp"
#include "runtime/task/context.hpp"
#include "runtime/task/owner_waker.hpp"
#include "runtime/task/waker.hpp"

namespace rouse {

class executor;

namespace detail {

class remote_waker;
struct all_tasks;

/// What one poll of a spawned task came to.
enum class poll_outcome : std::uint8_t { pending, done, failed };

/// What the executor knows of a spawned task, whatever its type: the state, the count of owners,
/// its links. It is what the data pointer of the task's local_waker points at.
class task_header : public intrusive_link<all_tasks>, private waker_source {
   public:
    explicit task_header(executor& owner) noexcept : executor_(&owner) {}
    task_header(const task_header&) = delete;
    task_header& operator=(const task_header&) = delete;

    /// Polls the future. Unless it is pending, its output is stored: failed means that the output
    /// is an exception.
    [[nodiscard]] virtual poll_outcome poll_future(context& cx) noexcept = 0;
    /// Destroys the future. `with_output` tells whether there is an output to keep.
    virtual void drop_future(bool with_output) noexcept = 0;

    /// One waker for the length of a poll: not counted, to be given up with release().
    [[nodiscard]] local_waker borrow_waker() noexcept {
        return local_waker({this, &owner_waker<task_header>::vtable});
    }
    [[nodiscard]] waker_source& source() noexcept { return *this; }

    void wake() noexcept;
    void cancel() noexcept;

    void add_owner() noexcept { ++owners_; }
    void drop_owner() noexcept {
        if (--owners_ == 0) {
            delete this;
        }
    }

    [[nodiscard]] bool is_finished() const noexcept { return (state_ & task_state::finished) != 0; }

   protected:
    virtual ~task_header() { assert(remote_ == nullptr); }

    void mark_left() noexcept {
        state_ |= task_state::left;
        joiner_ = local_waker();
    }

    /// Keeps who is told when the task has finished.
    local_waker joiner_;

   private:
    friend class rouse::executor;
    friend class ready_queue;
    friend class remote_waker;

    [[nodiscard]] waker make_waker() override;

    /// The future is done or to be dropped: destroys it, tells the joiner and leaves the executor.
    void finish(bool with_output) noexcept;

    executor* executor_;  // Null when the task has finished.
    task_header* next_ready_ = nullptr;
    remote_waker* remote_ = nullptr;  // Made when a thread-safe waker is first asked for.
    std::uint32_t owners_ = 1;        // The executor's.
    std::uint8_t state_ = 0;
};

}  // namespace detail
}  // namespace rouse
