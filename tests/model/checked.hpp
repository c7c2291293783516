#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <source_location>
#include <type_traits>
#include <utility>

#include "tests/model/schedule_point.hpp"

/// What stands in the shipped code in place of std::atomic, std::mutex, std::shared_ptr and plain
/// members when it is model-checked: the same operations, each a point where relacy may switch
/// threads, and looked at for data races, stale values and use after destruction.
namespace rouse::model {

using location = std::source_location;

[[nodiscard]] inline rl::debug_info at(const location& where) {
    return {where.function_name(), where.file_name(), where.line()};
}

[[nodiscard]] constexpr rl::memory_order relacy_order(std::memory_order order) {
    switch (order) {
        case std::memory_order_relaxed:
            return rl::mo_relaxed;
        case std::memory_order_consume:
            return rl::mo_consume;
        case std::memory_order_acquire:
            return rl::mo_acquire;
        case std::memory_order_release:
            return rl::mo_release;
        case std::memory_order_acq_rel:
            return rl::mo_acq_rel;
        case std::memory_order_seq_cst:
            break;
    }
    return rl::mo_seq_cst;
}

/// A member that the shipped code reads and writes without atomics. Its destruction counts as a
/// write, so that memory is not freed in a race with its last use.
template <class T>
class plain {
   public:
    // Implicit: it stands for a T.
    plain(T value) noexcept : value_(value) {}
    plain(const plain& other) noexcept : value_(other.get()) {}
    ~plain() { set(T()); }

    plain& operator=(T value) noexcept {
        set(value);
        return *this;
    }
    plain& operator=(const plain& other) noexcept { return *this = other.get(); }
    plain& operator|=(T bits) noexcept { return *this = static_cast<T>(get() | bits); }
    plain& operator++() noexcept { return *this = static_cast<T>(get() + 1); }
    plain& operator--() noexcept { return *this = static_cast<T>(get() - 1); }

    // Implicit: it stands for a T.
    operator T() const noexcept { return get(); }
    T operator->() const noexcept
        requires std::is_pointer_v<T>
    {
        return get();
    }

   private:
    [[nodiscard]] T get() const { return value_(RL_INFO).load(); }
    void set(T value) { value_(RL_INFO).store(value); }

    rl::var<T> value_;
};

/// A member that is never changed: each access counts as a read.
template <class T>
class plain_constant {
   public:
    // Implicit: it stands for a T.
    plain_constant(T value) noexcept : value_(std::move(value)) {}
    const T& operator->() const noexcept {
        (void)static_cast<bool>(alive_);
        return value_;
    }

   private:
    T value_;
    plain<bool> alive_ = true;
};

/// std::atomic, as far as the shipped code uses it. Each access counts as a read of a plain member
/// too, so that it must be ordered before the destruction.
template <class T>
class atomic {
   public:
    // Implicit, as std::atomic's.
    atomic(T value) : value_(value) {}

    T load(std::memory_order order, location where = location::current()) const {
        begin(false);
        return value_.load(relacy_order(order), at(where));
    }
    void store(T value, std::memory_order order, location where = location::current()) {
        begin(true);
        value_.store(value, relacy_order(order), at(where));
    }
    T exchange(T value, std::memory_order order, location where = location::current()) {
        begin(true);
        return value_.exchange(value, relacy_order(order), at(where));
    }
    T fetch_add(T value, std::memory_order order, location where = location::current()) {
        begin(true);
        return value_.fetch_add(value, relacy_order(order), at(where));
    }
    T fetch_sub(T value, std::memory_order order, location where = location::current()) {
        begin(true);
        return value_.fetch_sub(value, relacy_order(order), at(where));
    }
    bool compare_exchange_weak(T& expected, T value, std::memory_order success,
                               std::memory_order failure, location where = location::current()) {
        begin(true);
        return value_.compare_exchange_weak(expected, value, relacy_order(success), at(where),
                                            relacy_order(failure), at(where));
    }

   private:
    void begin(bool writes) const noexcept {
        (void)static_cast<bool>(alive_);
        announce(this, writes);
    }

    plain<bool> alive_ = true;
    rl::atomic<T> value_;
};

/// std::shared_ptr, which is taken to be right: it orders what its owners do before the end of what
/// they own. Only the drop of an owner is a point where threads are switched.
template <class T>
class shared_ptr : public std::shared_ptr<T> {
   public:
    explicit shared_ptr(std::shared_ptr<T> owned) noexcept : std::shared_ptr<T>(std::move(owned)) {}
    shared_ptr(const shared_ptr&) = default;
    shared_ptr(shared_ptr&&) noexcept = default;
    shared_ptr& operator=(const shared_ptr&) = delete;
    ~shared_ptr() {
        if (*this == nullptr) {
            return;
        }
        announce(released_.get(), true);
        rl::context& run = rl::ctx();
        run.sched();
        rl::thread_info_base& thread = *run.threadx_;
        ++thread.own_acq_rel_order_;
        for (std::size_t i = 0; i < static_cast<std::size_t>(run.get_thread_count()); ++i) {
            rl::timestamp_t& released = (*released_)[i];
            released = std::max(released, thread.acq_rel_order_[i]);
            if (this->use_count() == 1) {
                thread.acq_rel_order_[i] = released;
            }
        }
    }

   private:
    using clock = std::array<rl::timestamp_t, threads_max>;
    std::shared_ptr<clock> released_ = std::make_shared<clock>();
};

template <class T, class... Arguments>
[[nodiscard]] shared_ptr<T> make_shared(Arguments&&... arguments) {
    return shared_ptr<T>(std::make_shared<T>(std::forward<Arguments>(arguments)...));
}

/// A plain member of class type: each access is a write.
template <class T>
class plain_object {
   public:
    plain_object& operator=(T&& value) noexcept {
        ++touched_;
        value_ = std::move(value);
        return *this;
    }
    // Implicit: it stands for a T.
    operator T&() noexcept {
        ++touched_;
        return value_;
    }

   private:
    T value_;
    plain<unsigned> touched_ = 0U;
};

/// std::mutex.
class mutex {
   public:
    void lock() {
        const stale_values_kept kept;
        announce(this, true);
        mutex_.lock(RL_INFO);
    }
    void unlock() {
        announce(this, true);
        mutex_.unlock(RL_INFO);
    }

   private:
    rl::mutex mutex_;
};

}  // namespace rouse::model
