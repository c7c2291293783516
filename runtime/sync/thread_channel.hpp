#pragma once

#include <cassert>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/base/result.hpp"
#include "runtime/task/future.hpp"

namespace rouse {

template <class T>
class thread_channel_recv_future;

/// A bounded queue from any number of threads to one task. Senders never wait, so that a thread
/// without an executor may be one: a full queue is theirs to handle. Between tasks of one thread
/// channel is cheaper. It must outlive its futures.
template <class T>
class thread_channel {
    static_assert(std::is_nothrow_move_constructible_v<T>, "a value must not be lost on its way");

   public:
    /// Holds at most `capacity` values, at least one. Allocates their room now.
    explicit thread_channel(std::size_t capacity)
        : slots_(std::make_unique<std::optional<T>[]>(capacity)), capacity_(capacity) {
        assert(capacity > 0);
    }
    thread_channel(const thread_channel&) = delete;  // the waiting future holds its address
    thread_channel& operator=(const thread_channel&) = delete;

    /// From any thread. errc::full or errc::closed: then the value is untouched.
    result<> try_send(T&& value) noexcept {
        std::optional<waker> woken;
        {
            const std::scoped_lock lock(mutex_);
            if (closed_) {
                return failure(errc::closed);
            }
            if (size_ == capacity_) {
                return failure(errc::full);
            }
            slots_[(first_ + size_) % capacity_].emplace(std::move(value));
            ++size_;
            woken.swap(receiver_);
        }
        wake(std::move(woken));
        return {};
    }

    /// From any thread. Nothing more can be sent; the receiver still gets what is inside.
    void close() noexcept {
        std::optional<waker> woken;
        {
            const std::scoped_lock lock(mutex_);
            closed_ = true;
            woken.swap(receiver_);
        }
        wake(std::move(woken));
    }

    /// Ready with the next value; errc::closed when the channel is closed and empty. Dropping it
    /// loses no value. One at a time: the future that was polled last is the one that is woken.
    [[nodiscard]] thread_channel_recv_future<T> recv() noexcept {
        return thread_channel_recv_future<T>(*this);
    }

   private:
    friend class thread_channel_recv_future<T>;

    // Outside the lock: waking takes the locks of whoever is woken.
    static void wake(std::optional<waker> woken) noexcept {
        if (woken) {
            std::move(*woken).wake();
        }
    }

    [[nodiscard]] rouse::poll<result<T>> poll_recv(context& cx) {
        const std::scoped_lock lock(mutex_);
        if (size_ == 0 && !closed_) {
            receiver_ = cx.waker();
            return pending;
        }
        if (!cx.consume_budget()) {
            return pending;
        }
        if (size_ == 0) {
            return result<T>(failure(errc::closed));
        }
        std::optional<T>& slot = slots_[first_];
        result<T> value(std::move(*slot));
        slot.reset();
        first_ = (first_ + 1) % capacity_;
        --size_;
        return value;
    }

    std::mutex mutex_;
    std::unique_ptr<std::optional<T>[]> slots_;
    std::size_t capacity_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
    bool closed_ = false;
    std::optional<waker> receiver_;
};

/// The future of thread_channel::recv.
template <class T>
class [[nodiscard]] thread_channel_recv_future {
   public:
    /// Throws bad_alloc when the task's thread-safe waker cannot be made.
    [[nodiscard]] rouse::poll<result<T>> poll(context& cx) { return owner_->poll_recv(cx); }

   private:
    friend class thread_channel<T>;

    explicit thread_channel_recv_future(thread_channel<T>& owner) noexcept : owner_(&owner) {}

    thread_channel<T>* owner_;
};
static_assert(future<thread_channel_recv_future<int>>);

}  // namespace rouse
