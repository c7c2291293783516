#pragma once

#include <utility>

#include "runtime/base/result.hpp"
#include "runtime/reactor/operation_handle.hpp"
#include "runtime/task/future.hpp"

namespace rouse {

/// A future of an operation with one completion: send, connect, shutdown. Lazy: the kernel hears of
/// it in the turn after its first poll, or after start(). Dropping it in flight asks the kernel to
/// cancel; the record and its bytes stay with the reactor until that is over. result<>: done,
/// errc::cancelled, errc::limit_exceeded, or the errno.
class [[nodiscard]] one_shot_future {
   public:
    one_shot_future(reactor& io, operation& record) noexcept : operation_(io, record) {}
    /// A future of an operation for which there was no record: it answers errc::limit_exceeded.
    one_shot_future() noexcept = default;

    /// True until the result was taken.
    [[nodiscard]] bool has_operation() const noexcept { return static_cast<bool>(operation_); }

    /// Hands the operation over now; nobody is woken until it is polled.
    void start() noexcept { operation_.start(); }

    /// Lets it run to its end unseen: the reactor keeps what it needs.
    void detach() && noexcept { std::move(operation_).detach(); }

    [[nodiscard]] rouse::poll<result<>> poll(context& cx) noexcept {
        if (!operation_) {
            return result<>(failure(errc::limit_exceeded));
        }
        const auto answer = operation_.take(cx);
        if (!answer) {
            return pending;
        }
        operation_.reset();
        if (answer->result < 0) {
            return result<>(failure(completion_error(answer->result)));
        }
        return result<>();
    }

   private:
    operation_handle operation_;
};

static_assert(future<one_shot_future>);

}  // namespace rouse
