#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "runtime/task/future.hpp"

namespace rouse::test {

/// Ends a manual_future from outside, and counts what is done to it.
template <class T>
struct manual_control {
    std::optional<T> value;
    bool throws = false;
    int polls = 0;
    int drops = 0;
    char name = '?';
    std::string* drop_order = nullptr;  ///< Gets the name when the future is dropped.
    local_waker waker;

    void finish(T with) {
        value.emplace(std::move(with));
        if (waker) {
            std::move(waker).wake();
        }
    }
};

/// A future that is ready when its control has a value, and throws a runtime_error when that says
/// so. The control must outlive it.
template <class T>
class manual_future {
   public:
    explicit manual_future(manual_control<T>& control) noexcept : control_(&control) {}
    manual_future(manual_future&& other) noexcept
        : control_(std::exchange(other.control_, nullptr)) {}
    ~manual_future() {
        if (control_ != nullptr) {
            ++control_->drops;
            control_->waker = local_waker();
            if (control_->drop_order != nullptr) {
                *control_->drop_order += control_->name;
            }
        }
    }

    rouse::poll<T> poll(context& cx) {
        ++control_->polls;
        if (control_->throws) {
            throw std::runtime_error("manual");
        }
        if (control_->value) {
            return std::move(*control_->value);
        }
        store_waker(control_->waker, cx);
        return pending;
    }

   private:
    manual_control<T>* control_;
};
static_assert(future<manual_future<int>>);

}  // namespace rouse::test
