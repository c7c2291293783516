#pragma once

#include <cassert>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/base/result.hpp"
#include "runtime/sync/waiter.hpp"
#include "runtime/task/child.hpp"
#include "runtime/task/counted.hpp"
#include "runtime/task/future.hpp"

namespace rouse {

namespace detail {

/// What the two sides of a oneshot share.
template <class T>
struct oneshot_state {
    std::optional<storable_t<T>> value;
    local_waker receiver_waker;
    bool sender_gone = false;
    bool receiver_gone = false;
    waiter_list<waiter> awaiting_close;  // the sender's closed(), several when it is asked so
};

/// Ready when the receiver of a oneshot is gone.
template <class T>
class [[nodiscard]] oneshot_closed_future {
   public:
    explicit oneshot_closed_future(local_counted<oneshot_state<T>> state) noexcept
        : state_(std::move(state)) {}

    [[nodiscard]] rouse::poll<> poll(context& cx) noexcept {
        if (state_->receiver_gone) {
            return rouse::poll<>::ready();
        }
        if (!waiter_.is_linked()) {
            state_->awaiting_close.push_back(waiter_);
        }
        waiter_.set_waker(cx);
        return pending;
    }

   private:
    local_counted<oneshot_state<T>> state_;
    waiter waiter_;  // after the state, so that it leaves its list first
};

}  // namespace detail

template <class T>
struct oneshot_pair;

template <class T = void>
[[nodiscard]] oneshot_pair<T> oneshot();

/// The side that sends, once. Destroyed without sending, it closes.
template <class T = void>
class oneshot_sender {
   public:
    oneshot_sender(oneshot_sender&&) noexcept = default;
    oneshot_sender& operator=(oneshot_sender&& other) noexcept {
        oneshot_sender taken(std::move(other));
        std::swap(state_, taken.state_);
        return *this;
    }
    ~oneshot_sender() { finish(); }

    /// Hands the value over and ends this side. errc::closed: the receiver is gone, and the value
    /// is untouched.
    template <class... Args>
        requires std::is_constructible_v<detail::storable_t<T>, Args&&...>
    result<> send(Args&&... value) && {
        assert(state_ && "sent already");
        if (state_->receiver_gone) {
            finish();
            return failure(errc::closed);
        }
        state_->value.emplace(std::forward<Args>(value)...);
        finish();
        return {};
    }

    [[nodiscard]] bool is_closed() const noexcept { return state_->receiver_gone; }

    /// Ready when the receiver is gone, so that work for nobody can stop.
    [[nodiscard]] auto closed() const noexcept { return detail::oneshot_closed_future<T>(state_); }

   private:
    using state = detail::oneshot_state<T>;
    template <class U>
    friend oneshot_pair<U> oneshot();

    explicit oneshot_sender(local_counted<state> shared) noexcept : state_(std::move(shared)) {}

    void finish() noexcept {
        if (auto last = std::move(state_)) {
            last->sender_gone = true;
            if (last->receiver_waker) {
                std::move(last->receiver_waker).wake();
            }
        }
    }

    local_counted<state> state_;
};

/// The side that receives, and itself the future: ready with the value, or errc::closed when the
/// sender went without sending. It may be moved at any time, also between polls.
template <class T = void>
class [[nodiscard]] oneshot_receiver {
   public:
    oneshot_receiver(oneshot_receiver&&) noexcept = default;
    oneshot_receiver& operator=(oneshot_receiver&& other) noexcept {
        oneshot_receiver taken(std::move(other));
        std::swap(state_, taken.state_);
        return *this;
    }
    ~oneshot_receiver() {
        if (auto last = std::move(state_)) {
            last->receiver_gone = true;
            last->receiver_waker = local_waker();
            last->value.reset();
            while (detail::waiter* first = last->awaiting_close.pop_front()) {
                first->wake();
            }
        }
    }

    [[nodiscard]] rouse::poll<result<T>> poll(context& cx) noexcept(
        std::is_void_v<T> || std::is_nothrow_move_constructible_v<T>) {
        assert(state_ && "moved from");
        if (!state_->sender_gone) {
            store_waker(state_->receiver_waker, cx);
            return pending;
        }
        if (!cx.consume_budget()) {
            return pending;
        }
        if (!state_->value) {
            return result<T>(failure(errc::closed));
        }
        if constexpr (std::is_void_v<T>) {
            return result<T>();
        } else {
            return result<T>(std::move(*state_->value));
        }
    }

   private:
    using state = detail::oneshot_state<T>;
    template <class U>
    friend oneshot_pair<U> oneshot();

    explicit oneshot_receiver(local_counted<state> shared) noexcept : state_(std::move(shared)) {}

    local_counted<state> state_;
};

template <class T>
struct oneshot_pair {
    oneshot_sender<T> sender;
    oneshot_receiver<T> receiver;
};

/// A value that one task of a thread hands to another, once: `auto [sender, receiver] =
/// oneshot<int>();`. One allocation.
template <class T>
oneshot_pair<T> oneshot() {
    auto state = local_counted<detail::oneshot_state<T>>::make();
    return oneshot_pair<T>{oneshot_sender<T>(state), oneshot_receiver<T>(std::move(state))};
}
static_assert(future<oneshot_receiver<int>>);
static_assert(future<oneshot_receiver<>>);
static_assert(future<detail::oneshot_closed_future<int>>);

}  // namespace rouse
