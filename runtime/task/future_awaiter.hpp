#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

#include "runtime/task/coroutine_stack.hpp"
#include "runtime/task/future.hpp"

namespace rouse::detail {

/// Awaits any future from a coroutine: polls it at once, and when it is pending leaves itself on
/// the stack as the leaf that the next poll of the task asks. The future outlives it: it is a
/// temporary of the same full expression, or named.
template <class F>
class future_awaiter {
    using output = future_output_t<F>;
    static constexpr bool poll_throws =
        !noexcept(std::declval<F&>().poll(std::declval<context&>()));

   public:
    future_awaiter(F& awaited, coroutine_stack& stack) noexcept : future_(awaited), stack_(stack) {}
    future_awaiter(const future_awaiter&) = delete;  // The stack holds our address.
    future_awaiter& operator=(const future_awaiter&) = delete;

    [[nodiscard]] bool await_ready() noexcept(!poll_throws) {
        ask(*stack_.cx);
        return answer_.is_ready();
    }
    void await_suspend(std::coroutine_handle<> /*self*/) noexcept {
        stack_.leaf = this;
        stack_.poll_leaf = [](void* self, context& cx) {
            return static_cast<future_awaiter*>(self)->poll_again(cx);
        };
    }
    output await_resume() noexcept(!poll_throws) {
        if constexpr (poll_throws) {
            if (thrown_) {
                std::rethrow_exception(thrown_);
            }
        }
        return std::move(answer_).value();
    }

   private:
    struct nothing {};

    // What the future throws belongs to the coroutine that awaits it, not to the driver loop.
    [[nodiscard]] bool poll_again(context& cx) noexcept {
        if constexpr (poll_throws) {
            try {
                ask(cx);
            } catch (...) {
                thrown_ = std::current_exception();
                return true;
            }
        } else {
            ask(cx);
        }
        return answer_.is_ready();
    }

    void ask(context& cx) noexcept(!poll_throws) {
        if constexpr (std::is_move_assignable_v<rouse::poll<output>>) {
            answer_ = future_.poll(cx);
        } else {
            auto answer = future_.poll(cx);
            std::destroy_at(&answer_);
            std::construct_at(&answer_, std::move(answer));
        }
    }

    F& future_;
    coroutine_stack& stack_;
    rouse::poll<output> answer_{pending};
    [[no_unique_address]] std::conditional_t<poll_throws, std::exception_ptr, nothing> thrown_;
};

}  // namespace rouse::detail
