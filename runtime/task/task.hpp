#pragma once

#include <cassert>
#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "runtime/task/coroutine_stack.hpp"
#include "runtime/task/future.hpp"
#include "runtime/task/future_awaiter.hpp"

namespace rouse {

template <class T>
class task;

namespace detail {

template <class T>
class task_promise;

/// Awaits a child coroutine by putting it on the awaiting task's own stack of coroutines: no poll
/// of its own, and the native stack does not grow, because the driver loop resumes it
/// (coroutine_stack::run).
template <class T>
class child_awaiter;

/// What the promise of every task<T> has: its place on a stack of coroutines, and what co_await
/// means.
class task_promise_base {
   public:
    task_promise_base() noexcept : own_{} {}
    task_promise_base(const task_promise_base&) =
        delete;  // The stack and the children hold our address.
    task_promise_base& operator=(const task_promise_base&) = delete;

    struct final_awaiter {
        [[nodiscard]] bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> /*self*/) const noexcept { promise.finish(); }
        void await_resume() const noexcept {}
        task_promise_base& promise;
    };

    [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }
    [[nodiscard]] final_awaiter final_suspend() noexcept { return {*this}; }

    template <class T>
    [[nodiscard]] child_awaiter<T> await_transform(task<T>&& child) noexcept {
        return child_awaiter<T>(std::move(child), *this);
    }
    template <future F>
    [[nodiscard]] future_awaiter<std::remove_reference_t<F>> await_transform(F&& awaited) noexcept {
        return future_awaiter<std::remove_reference_t<F>>(awaited, *stack_);
    }

    [[nodiscard]] bool is_started() const noexcept { return stack_ != nullptr; }
    [[nodiscard]] coroutine_stack& stack() noexcept { return *stack_; }

    /// Becomes the bottom of a new stack, at the first poll.
    void start_as_root(std::coroutine_handle<> self) noexcept {
        own_ = coroutine_stack{.innermost = self};
        stack_ = &own_;
    }

    /// Becomes the innermost coroutine of `parent`'s stack.
    void start_as_child(std::coroutine_handle<> self, std::coroutine_handle<> parent,
                        coroutine_stack& stack) noexcept {
        continuation_ = parent;
        stack_ = &stack;
        stack.innermost = self;
    }

   private:
    void finish() noexcept {
        stack_->innermost = stack_ == &own_ ? std::coroutine_handle<>() : continuation_;
    }

    coroutine_stack* stack_ = nullptr;
    // When this is the bottom of a stack, the stack; when it is a child, who awaits it.
    // NOLINTBEGIN(readability-identifier-naming): they are private; the check takes the union for public.
    union {
        coroutine_stack own_;
        std::coroutine_handle<> continuation_;
    };
    // NOLINTEND(readability-identifier-naming)
};

template <class T>
class task_promise final : public task_promise_base {
   public:
    [[nodiscard]] task<T> get_return_object() noexcept;
    void unhandled_exception() noexcept { exception_ = std::current_exception(); }
    template <class U = T>
        requires std::is_constructible_v<T, U&&>
    void return_value(U&& value) noexcept(std::is_nothrow_constructible_v<T, U&&>) {
        value_.emplace(std::forward<U>(value));
    }
    [[nodiscard]] T take() {
        if (exception_) {
            std::rethrow_exception(exception_);
        }
        return std::move(*value_);
    }

   private:
    std::optional<T> value_;
    std::exception_ptr exception_;
};

template <>
class task_promise<void> final : public task_promise_base {
   public:
    [[nodiscard]] task<void> get_return_object() noexcept;
    void unhandled_exception() noexcept { exception_ = std::current_exception(); }
    void return_void() const noexcept {}
    void take() {
        if (exception_) {
            std::rethrow_exception(exception_);
        }
    }

   private:
    std::exception_ptr exception_;
};

}  // namespace detail

/// A lazy coroutine that is a future: nothing runs before it is polled or awaited, and destroying
/// it at any time destroys what it owns, innermost first. The value or the exception goes to who
/// awaits it, once.
///
/// Being woken does not resume it: a task remembers the innermost future that said pending, polls
/// that, and resumes only when it is ready. So a spurious wake costs one poll of a leaf. Dropping a
/// pending task of depth n uses n native stack frames; running one of any depth uses a constant
/// number.
template <class T = void>
class [[nodiscard]] task {
   public:
    using promise_type = detail::task_promise<T>;

    task(task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    task& operator=(task&& other) noexcept {
        if (this != &other) {
            destroy();
            handle_ = std::exchange(other.handle_, nullptr);
        }
        return *this;
    }
    ~task() { destroy(); }

    /// Runs until the coroutine finishes or a future that it awaits says pending. Not after it was
    /// ready.
    [[nodiscard]] rouse::poll<T> poll(context& cx) {
        promise_type& promise = handle_.promise();
        if (!promise.is_started()) {
            promise.start_as_root(handle_);
        }
        if (!promise.stack().run(cx)) {
            return pending;
        }
        if constexpr (std::is_void_v<T>) {
            promise.take();
            return rouse::poll<void>::ready();
        } else {
            return promise.take();
        }
    }

   private:
    friend promise_type;
    friend class detail::child_awaiter<T>;

    explicit task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
    void destroy() noexcept {
        if (handle_) {
            handle_.destroy();
        }
    }

    std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <class T>
class child_awaiter {
   public:
    child_awaiter(task<T>&& child, task_promise_base& parent) noexcept
        : child_(std::move(child)), parent_(parent) {}
    child_awaiter(const child_awaiter&) = delete;
    child_awaiter& operator=(const child_awaiter&) = delete;

    [[nodiscard]] bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) noexcept {
        auto& promise = child_.handle_.promise();
        assert(!promise.is_started() && "a task that was polled is awaited as an lvalue");
        promise.start_as_child(child_.handle_, self, parent_.stack());
    }
    T await_resume() { return child_.handle_.promise().take(); }

   private:
    task<T> child_;
    task_promise_base& parent_;
};

template <class T>
task<T> task_promise<T>::get_return_object() noexcept {
    return task<T>(std::coroutine_handle<task_promise>::from_promise(*this));
}
inline task<void> task_promise<void>::get_return_object() noexcept {
    return task<void>(std::coroutine_handle<task_promise>::from_promise(*this));
}

}  // namespace detail

static_assert(future<task<void>>);
static_assert(future<task<int>>);

}  // namespace rouse
