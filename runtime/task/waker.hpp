#pragma once

#include <cassert>
#include <cstddef>
#include <type_traits>
#include <utility>

#ifdef ROUSE_THREAD_CHECKS
#include <thread>
#endif

namespace rouse {

struct raw_waker_vtable;

/// A type-erased task: a data pointer, and a static table of what can be done with it. Run-time
/// polymorphism by hand: no inheritance, no template in the type. Unsafe by design: it neither
/// counts nor drops, and whoever builds one promises that its table keeps the contract of
/// raw_waker_vtable. Everyone else holds a waker or a local_waker, or makes one with make_waker
/// (wake.hpp). See core::task::RawWaker.
struct raw_waker {
    void* data;
    const raw_waker_vtable* vtable;

    [[nodiscard]] friend constexpr bool operator==(raw_waker, raw_waker) noexcept = default;
};
static_assert(std::is_trivially_copyable_v<raw_waker>);
static_assert(sizeof(raw_waker) == 2 * sizeof(void*));

/// What can be done with the data pointer. None of the four runs task code, allocates or throws;
/// wake and wake_by_ref only queue. Behind a waker all four are safe to call from any thread;
/// behind a local_waker only from its own.
struct raw_waker_vtable {
    raw_waker (*clone)(void* data) noexcept;   ///< One more owner. May answer with another table.
    void (*wake)(void* data) noexcept;         ///< Wakes, and ends this owner.
    void (*wake_by_ref)(void* data) noexcept;  ///< Wakes; the owner stays.
    void (*drop)(void* data) noexcept;         ///< Ends this owner without waking.
};

/// The waker that does nothing: clone makes another one, the rest return. Its data pointer is null
/// and never read. The smallest vtable that keeps the contract; simple_executor polls with it.
[[nodiscard]] raw_waker noop_raw_waker() noexcept;

namespace detail {

/// What waker and local_waker share: one owner of a raw_waker.
template <class Derived>
class waker_handle {
   public:
    /// Takes over one owner of `raw`.
    explicit waker_handle(raw_waker raw) noexcept : raw_(raw) {}
    waker_handle(waker_handle&& other) noexcept
        : raw_(std::exchange(other.raw_, raw_waker{nullptr, nullptr})) {}
    waker_handle& operator=(waker_handle&& other) noexcept {
        if (this != &other) {
            reset();
            raw_ = std::exchange(other.raw_, raw_waker{nullptr, nullptr});
        }
        return *this;
    }
    // Not reset(): the derived class, which checks the thread, is gone already.
    ~waker_handle() {
        if (raw_.vtable != nullptr) {
            raw_.vtable->drop(raw_.data);
        }
    }

    /// One more owner. Explicit, because it costs: a count, or whatever the table does.
    [[nodiscard]] Derived clone() const noexcept {
        check();
        return Derived(raw_.vtable->clone(raw_.data));
    }

    /// Wakes and ends this owner: `std::move(waker).wake()`. Afterwards the handle is empty.
    void wake() && noexcept {
        check();
        const raw_waker taken = std::exchange(raw_, raw_waker{nullptr, nullptr});
        taken.vtable->wake(taken.data);
    }

    void wake_by_ref() const noexcept {
        check();
        raw_.vtable->wake_by_ref(raw_.data);
    }

    /// True is a promise: both wake the same task. False is best effort.
    [[nodiscard]] bool will_wake(const Derived& other) const noexcept { return raw_ == other.raw_; }

    /// False after a move or a wake: only assignment and destruction are allowed then.
    [[nodiscard]] explicit operator bool() const noexcept { return raw_.vtable != nullptr; }

    [[nodiscard]] void* data() const noexcept { return raw_.data; }
    [[nodiscard]] const raw_waker_vtable* vtable() const noexcept { return raw_.vtable; }

    /// Gives up the owner without dropping it: for who lends a waker for the length of a poll.
    [[nodiscard]] raw_waker release() noexcept {
        return std::exchange(raw_, raw_waker{nullptr, nullptr});
    }

   protected:
    void reset() noexcept {
        if (raw_.vtable != nullptr) {
            check();
            raw_.vtable->drop(raw_.data);
            raw_ = raw_waker{nullptr, nullptr};
        }
    }

   private:
    void check() const noexcept { static_cast<const Derived*>(this)->check_use(); }

    raw_waker raw_;
};

}  // namespace detail

/// Owns the right to wake one task, from any thread. It may outlive the task, its executor and its
/// reactor; then waking does nothing. See core::task::Waker.
class waker : public detail::waker_handle<waker> {
   public:
    using waker_handle::waker_handle;

    [[nodiscard]] static waker noop() noexcept { return waker(noop_raw_waker()); }

   private:
    friend class detail::waker_handle<waker>;
    void check_use() const noexcept { assert(vtable() != nullptr); }
};
static_assert(sizeof(waker) == sizeof(raw_waker));

/// The same for one thread: no atomics, so it is what the executor and the reactor use on the hot
/// path. Where the library is built with assertions, it remembers the thread that made it, and
/// asserts that no other uses it: ROUSE_THREAD_CHECKS, which all that includes this must agree
/// about. See core::task::LocalWaker.
class local_waker : public detail::waker_handle<local_waker> {
   public:
    using waker_handle::waker_handle;
    /// An empty one, to be assigned before use.
    local_waker() noexcept : waker_handle(raw_waker{nullptr, nullptr}) {}

    [[nodiscard]] static local_waker noop() noexcept { return local_waker(noop_raw_waker()); }

   private:
    friend class detail::waker_handle<local_waker>;
#ifdef ROUSE_THREAD_CHECKS
    void check_use() const noexcept {
        assert(vtable() != nullptr);
        assert(owner_ == std::this_thread::get_id() && "a local_waker belongs to one thread");
    }
    std::thread::id owner_ = std::this_thread::get_id();
#else
    void check_use() const noexcept {}
#endif
};

}  // namespace rouse
