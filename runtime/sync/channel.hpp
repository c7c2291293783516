#pragma once

#include <cassert>
#include <cstddef>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/base/result.hpp"
#include "runtime/sync/waiter.hpp"
#include "runtime/task/future.hpp"

namespace rouse {

template <class T>
class channel_send_future;
template <class T>
class channel_recv_future;

/// A bounded queue between tasks of one thread, with any number of senders and receivers. When it
/// is full, send waits: that is the backpressure. Senders and receivers are served in the order in
/// which they came. It must outlive its futures.
template <class T>
class channel {
    static_assert(std::is_nothrow_move_constructible_v<T>, "a value must not be lost on its way");

   public:
    /// Holds at most `capacity` values, at least one. Allocates their room now.
    explicit channel(std::size_t capacity)
        : slots_(std::make_unique<std::optional<T>[]>(capacity)), capacity_(capacity) {
        assert(capacity > 0);
    }
    channel(const channel&) = delete;  // waiting futures hold its address
    channel& operator=(const channel&) = delete;

    /// Ready when the value is in the channel. Dropped while it waits, it has sent nothing.
    /// errc::closed.
    [[nodiscard]] channel_send_future<T> send(T value) noexcept {
        return {*this, std::move(value)};
    }

    /// Ready with the next value; errc::closed when the channel is closed and every value in it is
    /// taken or on its way to another receiver. Dropping it loses no value.
    [[nodiscard]] channel_recv_future<T> recv() noexcept { return channel_recv_future<T>(*this); }

    /// errc::full or errc::closed: then the value is untouched.
    result<> try_send(T&& value) noexcept {
        if (closed_) {
            return failure(errc::closed);
        }
        if (size_ == capacity_) {
            return failure(errc::full);
        }
        push(std::move(value));
        return {};
    }

    /// A value that no waiting receiver is being given, or nothing yet; errc::closed when there
    /// will be none.
    [[nodiscard]] result<std::optional<T>> try_recv() noexcept {
        if (size_ > promised_) {
            return std::optional<T>(pop());
        }
        if (closed_) {
            return failure(errc::closed);
        }
        return std::nullopt;
    }

    /// Nothing more can be sent: waiting senders fail. Receivers still get what is inside.
    void close() noexcept {
        closed_ = true;
        while (auto* first = senders_.pop_front()) {
            first->wake();
        }
        while (auto* first = receivers_.pop_front()) {
            first->wake();
        }
    }

    [[nodiscard]] bool is_closed() const noexcept { return closed_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

   private:
    friend class channel_send_future<T>;
    friend class channel_recv_future<T>;

    void push(T&& value) noexcept {
        slots_[(first_ + size_) % capacity_].emplace(std::move(value));
        ++size_;
        promise_values();
    }

    [[nodiscard]] T pop() noexcept {
        std::optional<T>& slot = slots_[first_];
        T value = std::move(*slot);
        slot.reset();
        first_ = (first_ + 1) % capacity_;
        --size_;
        if (auto* sender = senders_.pop_front()) {
            push(std::move(sender->value_));
            sender->state_ = channel_send_future<T>::state::sent;
            sender->wake();
        }
        return value;
    }

    /// Wakes a receiver for each value that nobody has been woken for. The value stays here until
    /// the receiver is polled, so that a dropped receiver loses nothing.
    void promise_values() noexcept {
        while (size_ > promised_ && !receivers_.empty()) {
            auto* receiver = receivers_.pop_front();
            ++promised_;
            receiver->state_ = channel_recv_future<T>::state::promised;
            receiver->wake();
        }
    }

    std::unique_ptr<std::optional<T>[]> slots_;
    std::size_t capacity_;
    std::size_t first_ = 0;
    std::size_t size_ = 0;
    std::size_t promised_ = 0;  // values that woken receivers have not taken yet
    bool closed_ = false;
    detail::waiter_list<channel_send_future<T>>
        senders_;  // not empty only while the channel is full
    detail::waiter_list<channel_recv_future<T>> receivers_;
};

/// The future of channel::send. It holds the value until there is room.
template <class T>
class [[nodiscard]] channel_send_future : private detail::waiter {
   public:
    channel_send_future(channel_send_future&&) noexcept = default;

    [[nodiscard]] rouse::poll<result<>> poll(context& cx) noexcept {
        if (state_ == state::idle && !owner_->closed_ && owner_->size_ == owner_->capacity_) {
            owner_->senders_.push_back(*this);
            state_ = state::waiting;
        }
        if (is_linked()) {
            set_waker(cx);
            return pending;
        }
        if (!cx.consume_budget()) {
            return pending;
        }
        if (state_ == state::idle && !owner_->closed_) {
            owner_->push(std::move(value_));
            state_ = state::sent;
        }
        return state_ == state::sent ? result<>() : result<>(failure(errc::closed));
    }

   private:
    friend class channel<T>;
    template <class U, class Tag>
    friend class intrusive_list;

    enum class state : unsigned char { idle, waiting, sent };

    channel_send_future(channel<T>& owner, T&& value) noexcept
        : owner_(&owner), value_(std::move(value)) {}

    channel<T>* owner_;
    T value_;
    state state_ = state::idle;
};

/// The future of channel::recv. Dropped with a value promised, it passes the promise on.
template <class T>
class [[nodiscard]] channel_recv_future : private detail::waiter {
   public:
    channel_recv_future(channel_recv_future&& other) noexcept
        : waiter(static_cast<waiter&&>(other)),
          owner_(other.owner_),
          state_(std::exchange(other.state_, state::finished)) {}
    ~channel_recv_future() {
        if (state_ == state::promised) {
            --owner_->promised_;
            owner_->promise_values();
        }
    }

    [[nodiscard]] rouse::poll<result<T>> poll(context& cx) noexcept {
        assert(state_ != state::finished && "polled again after it was ready");
        if (state_ == state::idle && !owner_->closed_ && owner_->size_ == owner_->promised_) {
            owner_->receivers_.push_back(*this);
            state_ = state::waiting;
        }
        if (is_linked()) {
            set_waker(cx);
            return pending;
        }
        if (!cx.consume_budget()) {
            return pending;
        }
        if (std::exchange(state_, state::finished) == state::promised) {
            --owner_->promised_;
        } else if (owner_->size_ == owner_->promised_) {
            return result<T>(failure(errc::closed));
        }
        return result<T>(owner_->pop());
    }

   private:
    friend class channel<T>;
    template <class U, class Tag>
    friend class intrusive_list;

    enum class state : unsigned char { idle, waiting, promised, finished };

    explicit channel_recv_future(channel<T>& owner) noexcept : owner_(&owner) {}

    channel<T>* owner_;
    state state_ = state::idle;
};
static_assert(future<channel_send_future<int>>);
static_assert(future<channel_recv_future<int>>);

}  // namespace rouse
