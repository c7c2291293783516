#pragma once

#include <cassert>
#include <utility>

#include "runtime/net/receive.hpp"
#include "runtime/reactor/reactor.hpp"
#include "runtime/task/future.hpp"

namespace rouse {

/// A future of an operation with one completion: send, connect, shutdown. Lazy: the kernel hears of
/// it in the turn after its first poll, or after start(). Dropping it in flight asks the kernel to
/// cancel; the record and its bytes stay with the reactor until that is over. result<>: done,
/// errc::cancelled, errc::limit_exceeded, or the errno.
class [[nodiscard]] one_shot_future {
   public:
    one_shot_future(reactor& io, operation& record) noexcept : reactor_(&io), operation_(&record) {}
    /// A future of an operation for which there was no record: it answers errc::limit_exceeded.
    one_shot_future() noexcept = default;
    one_shot_future(one_shot_future&& other) noexcept
        : reactor_(other.reactor_), operation_(std::exchange(other.operation_, nullptr)) {}
    one_shot_future& operator=(one_shot_future&& other) noexcept {
        if (this != &other) {
            reset();
            reactor_ = other.reactor_;
            operation_ = std::exchange(other.operation_, nullptr);
        }
        return *this;
    }
    ~one_shot_future() { reset(); }

    /// True until the result was taken.
    [[nodiscard]] bool has_operation() const noexcept { return operation_ != nullptr; }

    /// Hands the operation over now; nobody is woken until it is polled.
    void start() noexcept {
        if (operation_ != nullptr && operation_->state == operation_state::idle &&
            operation_->completions.empty()) {
            reactor_->submit(*operation_);
        }
    }

    /// Lets it run to its end unseen: the reactor keeps what it needs.
    void detach() && noexcept {
        if (operation_ != nullptr) {
            reactor_->detach(*std::exchange(operation_, nullptr));
        }
    }

    [[nodiscard]] rouse::poll<result<>> poll(context& cx) noexcept {
        if (operation_ == nullptr) {
            return result<>(failure(errc::limit_exceeded));
        }
        const auto answer = reactor_->take(*operation_, cx);
        if (!answer) {
            return pending;
        }
        reset();
        if (answer->result < 0) {
            return result<>(failure(completion_error(answer->result)));
        }
        return result<>();
    }

   private:
    void reset() noexcept {
        if (operation_ != nullptr) {
            reactor_->release(*std::exchange(operation_, nullptr));
        }
    }

    reactor* reactor_ = nullptr;
    operation* operation_ = nullptr;
};

static_assert(future<one_shot_future>);

}  // namespace rouse
