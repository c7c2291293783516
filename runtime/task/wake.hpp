#pragma once

#include <concepts>
#include <utility>

#include "runtime/task/counted.hpp"
#include "runtime/task/waker.hpp"

namespace rouse {

/// What can be made into a waker without writing a vtable: one function, which only queues or
/// signals. Behind a waker it is called from any thread, and from several at once. See
/// std::task::Wake.
template <class T>
concept wakeable = std::destructible<T> && requires(T& object) {
    { object.wake() } noexcept;
};

/// A shared wakeable object, for wakers that cross threads; `wake<T>::make(arguments...)` is the
/// one allocation. The object is destroyed, on any thread, when its last handle and its last waker
/// are gone.
template <wakeable T>
using wake = counted<T, atomic_count>;

/// The same for one thread: a plain count.
template <wakeable T>
using local_wake = counted<T, plain_count>;

namespace detail {

/// The vtable of a counted object; the data pointer is one of its owners.
template <class T, class Count>
struct counted_waker {
    using handle = counted<T, Count>;

    static raw_waker clone(void* data) noexcept { return {handle::share(data).release(), &vtable}; }
    static void wake(void* data) noexcept { handle::adopt(data)->wake(); }
    static void wake_by_ref(void* data) noexcept { handle::borrow(data).wake(); }
    static void drop(void* data) noexcept { (void)handle::adopt(data); }

    static constexpr raw_waker_vtable vtable{clone, wake, wake_by_ref, drop};
};

}  // namespace detail

/// A waker that calls wake() of the object; it takes over the handle's owner, so moving a handle in
/// costs nothing.
template <wakeable T>
[[nodiscard]] waker make_waker(wake<T> object) noexcept {
    return waker({object.release(), &detail::counted_waker<T, atomic_count>::vtable});
}

template <wakeable T>
[[nodiscard]] local_waker make_waker(local_wake<T> object) noexcept {
    return local_waker({object.release(), &detail::counted_waker<T, plain_count>::vtable});
}

}  // namespace rouse
