#pragma once

#include "runtime/task/waker.hpp"

namespace rouse::detail {

/// The vtable of a T that counts its owners itself: add_owner(), drop_owner() and wake(), all
/// noexcept. The data pointer is one of them.
template <class T>
struct owner_waker {
    static raw_waker clone(void* data) noexcept {
        of(data).add_owner();
        return {data, &vtable};
    }
    static void wake(void* data) noexcept {
        of(data).wake();
        of(data).drop_owner();
    }
    static void wake_by_ref(void* data) noexcept { of(data).wake(); }
    static void drop(void* data) noexcept { of(data).drop_owner(); }

    static constexpr raw_waker_vtable vtable{clone, wake, wake_by_ref, drop};

   private:
    static T& of(void* data) noexcept { return *static_cast<T*>(data); }
};

}  // namespace rouse::detail
