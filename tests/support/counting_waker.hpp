#pragma once

#include <cassert>

#include "runtime/task/waker.hpp"

namespace rouse::test {

/// A vtable written by hand that counts what is done to its wakers. It must outlive every waker
/// made from it.
class counting_waker {
   public:
    counting_waker() noexcept = default;
    counting_waker(const counting_waker&) = delete;
    counting_waker& operator=(const counting_waker&) = delete;
    ~counting_waker() { assert(owners == 0 && "a waker was leaked"); }

    int clones = 0;
    int wakes = 0;         ///< By wake, which ends an owner.
    int wakes_by_ref = 0;  ///< By wake_by_ref.
    int drops = 0;
    int owners = 0;  ///< Wakers that exist now.

    [[nodiscard]] int total_wakes() const noexcept { return wakes + wakes_by_ref; }

    [[nodiscard]] raw_waker raw() noexcept {
        ++owners;
        return {this, &vtable};
    }
    [[nodiscard]] rouse::local_waker local() noexcept { return rouse::local_waker(raw()); }

   private:
    static counting_waker& self(void* data) noexcept { return *static_cast<counting_waker*>(data); }

    static raw_waker clone(void* data) noexcept {
        ++self(data).clones;
        return self(data).raw();
    }
    static void wake(void* data) noexcept {
        ++self(data).wakes;
        --self(data).owners;
    }
    static void wake_by_ref(void* data) noexcept { ++self(data).wakes_by_ref; }
    static void drop(void* data) noexcept {
        ++self(data).drops;
        --self(data).owners;
    }

    static constexpr raw_waker_vtable vtable{clone, wake, wake_by_ref, drop};
};

}  // namespace rouse::test
