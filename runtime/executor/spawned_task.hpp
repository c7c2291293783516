#pragma once

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include "runtime/base/result.hpp"
#include "runtime/executor/task_header.hpp"
#include "runtime/task/future.hpp"

namespace rouse::detail {

/// The part of a spawned task that its join_handle knows: the output, which takes the place of the
/// future.
template <class T>
class joinable_task : public task_header {
    using value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

   public:
    using task_header::task_header;

    /// Pending until the task has finished; then its value, errc::cancelled, or what it threw.
    [[nodiscard]] rouse::poll<result<T>> poll_join(context& cx) {
        if (!is_finished()) {
            store_waker(joiner_, cx);
            return pending;
        }
        // By index, because T may be exception_ptr or monostate itself.
        if (auto* thrown = std::get_if<2>(&output_)) {
            std::rethrow_exception(std::exchange(*thrown, nullptr));
        }
        if (auto* done = std::get_if<1>(&output_)) {
            if constexpr (std::is_void_v<T>) {
                return result<void>();
            } else {
                return result<T>(std::in_place, std::move(*done));
            }
        }
        return result<T>(failure(errc::cancelled));
    }

    /// The join_handle is gone: nobody is told of the end, and nobody takes the output. It must not
    /// wait for the last waker: it may own what keeps that one, such as a stream whose receive this
    /// task has polled.
    void leave() noexcept {
        mark_left();
        if (is_finished()) {
            output_.template emplace<0>();
        }
    }

   protected:
    struct none {};
    std::variant<none, value, std::exception_ptr> output_;
};

/// A future that an executor runs: the header, the output and the future itself, in one allocation.
template <future F>
class spawned_task final : public joinable_task<future_output_t<F>> {
    using base = joinable_task<future_output_t<F>>;

   public:
    spawned_task(executor& owner, F&& work) : base(owner) {
        std::construct_at(std::addressof(future_), std::move(work));
    }

    [[nodiscard]] poll_outcome poll_future(context& cx) noexcept override {
        try {
            auto answer = future_.poll(cx);
            if (answer.is_pending()) {
                return poll_outcome::pending;
            }
            if constexpr (std::is_void_v<future_output_t<F>>) {
                this->output_.template emplace<1>();
            } else {
                this->output_.template emplace<1>(std::move(answer).value());
            }
        } catch (...) {
            this->output_.template emplace<2>(std::current_exception());
            return poll_outcome::failed;
        }
        return poll_outcome::done;
    }

    void drop_future(bool with_output) noexcept override {
        std::destroy_at(std::addressof(future_));
        if (!with_output) {
            this->output_.template emplace<0>();
        }
    }

   private:
    // NOLINTNEXTLINE(modernize-use-equals-default): the union's destructor must not destroy the future a second time.
    ~spawned_task() override {}

    union {
        F future_;  // NOLINT(readability-identifier-naming): private; the check takes the union for public.
    };
};

}  // namespace rouse::detail
