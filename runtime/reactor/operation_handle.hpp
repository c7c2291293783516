#pragma once

#include <optional>
#include <utility>

#include "runtime/reactor/reactor.hpp"

namespace rouse {

/// A future's ownership of a record with one completion; dropping it at any time is right: the
/// reactor keeps the record, and all that the kernel may touch, until the last completion. Without
/// a record it is empty. Must not outlive the reactor.
class operation_handle {
   public:
    operation_handle() noexcept = default;
    operation_handle(reactor& io, operation& record) noexcept : reactor_(&io), record_(&record) {}
    operation_handle(operation_handle&& other) noexcept
        : reactor_(other.reactor_), record_(std::exchange(other.record_, nullptr)) {}
    operation_handle& operator=(operation_handle&& other) noexcept {
        if (this != &other) {
            reset();
            reactor_ = other.reactor_;
            record_ = std::exchange(other.record_, nullptr);
        }
        return *this;
    }
    ~operation_handle() { reset(); }

    [[nodiscard]] explicit operator bool() const noexcept { return record_ != nullptr; }
    [[nodiscard]] reactor& io() const noexcept { return *reactor_; }
    [[nodiscard]] one_shot_operation& record() const noexcept { return with_arguments(*record_); }

    /// Hands the operation over now; nobody is woken until take() has said that it is wanted.
    void start() noexcept {
        if (record_ != nullptr && record_->state == operation_state::idle &&
            record_->completions.empty()) {
            reactor_->submit(*record_);
        }
    }

    /// Lets it run to its end unseen: the reactor keeps what it needs.
    void detach() && noexcept {
        if (record_ != nullptr) {
            reactor_->detach(*std::exchange(record_, nullptr));
        }
    }

    /// Its completion, or `cx`'s waker is kept. There must be a record.
    [[nodiscard]] std::optional<completion> take(context& cx) noexcept {
        return reactor_->take(*record_, cx);
    }

    void reset() noexcept {
        if (record_ != nullptr) {
            reactor_->release(*std::exchange(record_, nullptr));
        }
    }

   private:
    reactor* reactor_ = nullptr;
    operation* record_ = nullptr;
};

}  // namespace rouse
