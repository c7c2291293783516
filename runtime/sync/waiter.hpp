#pragma once

#include <cassert>
#include <utility>

#include "runtime/base/intrusive_list.hpp"
#include "runtime/task/context.hpp"

namespace rouse::detail {

/// A task that waits in the list of a sync object. It lies in the waiting future, so waiting
/// allocates nothing. It moves only while it is not linked (before the future's first poll), and
/// leaves its list when it is destroyed.
class waiter : public intrusive_link<waiter> {
   public:
    waiter() noexcept = default;
    waiter(waiter&& other) noexcept : intrusive_link(), waker_(std::move(other.waker_)) {
        assert(!other.is_linked());
    }
    waiter& operator=(waiter&&) = delete;
    ~waiter() { leave(); }

    void set_waker(const context& cx) noexcept { store_waker(waker_, cx); }

    void wake() noexcept {
        assert(waker_);
        std::move(waker_).wake();
    }

    void leave() noexcept {
        if (is_linked()) {
            unlink();
        }
    }

   private:
    local_waker waker_;
};

template <class Waiter>
using waiter_list = intrusive_list<Waiter, waiter>;

}  // namespace rouse::detail
