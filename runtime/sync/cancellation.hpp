#pragma once

#include <utility>

#include "runtime/base/intrusive_list.hpp"
#include "runtime/sync/waiter.hpp"
#include "runtime/task/child.hpp"
#include "runtime/task/counted.hpp"
#include "runtime/task/future.hpp"

namespace rouse {

namespace detail {

/// A node of the tree. Children keep their parents, so that a cancel from above reaches them;
/// parents only list children.
struct cancellation_state : intrusive_link<cancellation_state> {
    explicit cancellation_state(local_counted<cancellation_state> above) noexcept;
    ~cancellation_state();

    void cancel() noexcept;

    local_counted<cancellation_state> parent;
    intrusive_list<cancellation_state, cancellation_state> children;
    waiter_list<waiter> waiting;
    bool cancelled = false;
};

}  // namespace detail

/// The future of cancellation_token::cancelled. It keeps what it waits on, so it may outlive source
/// and token. It does not count against the task's budget.
class [[nodiscard]] cancelled_future {
   public:
    explicit cancelled_future(local_counted<detail::cancellation_state> state) noexcept
        : state_(std::move(state)) {}

    [[nodiscard]] rouse::poll<> poll(context& cx) noexcept {
        if (state_->cancelled) {
            return rouse::poll<>::ready();
        }
        if (!waiter_.is_linked()) {
            state_->waiting.push_back(waiter_);
        }
        waiter_.set_waker(cx);
        return pending;
    }

   private:
    local_counted<detail::cancellation_state> state_;
    detail::waiter waiter_;  // after the state, so that it leaves its list first
};
static_assert(future<cancelled_future>);

/// Sees whether its source, or one above it in the tree, was cancelled. Copies are cheap and for
/// one thread.
class cancellation_token {
   public:
    [[nodiscard]] bool is_cancelled() const noexcept { return state_->cancelled; }

    /// Ready when the token is cancelled. Waiting allocates nothing.
    [[nodiscard]] cancelled_future cancelled() const noexcept { return cancelled_future(state_); }

   private:
    friend class cancellation_source;

    explicit cancellation_token(local_counted<detail::cancellation_state> state) noexcept
        : state_(std::move(state)) {}

    local_counted<detail::cancellation_state> state_;
};

/// Cancels a tree of tasks of one thread: its tokens, and all sources that were made from them.
/// Once cancelled it stays so. Destroying it cancels nothing.
class cancellation_source {
   public:
    /// The root of a new tree. One allocation.
    cancellation_source() : state_(shared_state::make(shared_state())) {}

    /// A branch: cancelled with `parent`, and on its own without it.
    explicit cancellation_source(const cancellation_token& parent)
        : state_(shared_state::make(parent.state_)) {}

    cancellation_source(cancellation_source&&) noexcept = default;
    cancellation_source& operator=(cancellation_source&&) noexcept = default;

    /// Wakes whoever waits on a token of this tree. Cancelling again does nothing.
    void cancel() noexcept { state_->cancel(); }

    [[nodiscard]] bool is_cancelled() const noexcept { return state_->cancelled; }
    [[nodiscard]] cancellation_token token() const noexcept { return cancellation_token(state_); }

   private:
    using shared_state = local_counted<detail::cancellation_state>;

    shared_state state_;
};

/// Answers what `inner` answers, as a result (one that is a result already is not nested), or
/// errc::cancelled when the token is cancelled first. `inner` is polled first, so a value that is
/// there is not lost. On cancellation it is destroyed before this future is ready; an lvalue is
/// only borrowed, and left as it is.
template <future F>
[[nodiscard]] detail::guarded<F, cancelled_future> run_until_cancelled(
    const cancellation_token& token, F&& inner) {
    return detail::guarded<F, cancelled_future>(std::forward<F>(inner), token.cancelled(),
                                                errc::cancelled);
}
static_assert(future<detail::guarded<cancelled_future, cancelled_future>>);

}  // namespace rouse
