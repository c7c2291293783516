#pragma once

#include <cstddef>

#include "runtime/executor/task_header.hpp"

namespace rouse::detail {

/// First in, first out, linked through the tasks: no allocation, no bound of its own, because a
/// task is in it at most once.
class ready_queue {
   public:
    [[nodiscard]] bool empty() const noexcept { return head_ == nullptr; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    void push(task_header& task) noexcept {
        task.next_ready_ = nullptr;
        if (tail_ == nullptr) {
            head_ = &task;
        } else {
            tail_->next_ready_ = &task;
        }
        tail_ = &task;
        ++size_;
    }

    /// The queue must not be empty.
    [[nodiscard]] task_header& pop() noexcept {
        task_header& task = *head_;
        head_ = task.next_ready_;
        if (head_ == nullptr) {
            tail_ = nullptr;
        }
        --size_;
        return task;
    }

   private:
    task_header* head_ = nullptr;
    task_header* tail_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace rouse::detail
