#pragma once

#include <cassert>
#include <cstddef>
#include <optional>
#include <utility>

#include "runtime/base/intrusive_list.hpp"
#include "runtime/sync/waiter.hpp"
#include "runtime/task/future.hpp"

namespace rouse {

class acquire_future;
class semaphore;

/// Permits taken from a semaphore; they go back when it is destroyed. The semaphore must outlive
/// it.
class [[nodiscard]] semaphore_permit {
   public:
    semaphore_permit(semaphore_permit&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)), count_(std::exchange(other.count_, 0)) {}
    semaphore_permit& operator=(semaphore_permit&& other) noexcept {
        semaphore_permit taken(std::move(other));
        std::swap(owner_, taken.owner_);
        std::swap(count_, taken.count_);
        return *this;
    }
    ~semaphore_permit() { release(); }

    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    /// Gives the permits back now.
    void release() noexcept;

    /// Keeps the permits for good: the semaphore has that many fewer.
    void forget() noexcept {
        owner_ = nullptr;
        count_ = 0;
    }

   private:
    friend class acquire_future;
    friend class semaphore;

    semaphore_permit(semaphore& owner, std::size_t count) noexcept
        : owner_(&owner), count_(count) {}

    semaphore* owner_;
    std::size_t count_;
};

/// Bounds how many tasks of one thread do something at a time. Fair: permits go to whoever has
/// waited longest, and someone who wants many is not passed by those who want few. It must outlive
/// its futures and permits.
class semaphore {
   public:
    explicit semaphore(std::size_t permits) noexcept : available_(permits) {}
    semaphore(const semaphore&) = delete;  // waiting futures hold its address
    semaphore& operator=(const semaphore&) = delete;

    /// Ready with `count` permits. More than there will ever be wait for ever, and everyone behind
    /// them too.
    [[nodiscard]] acquire_future acquire(std::size_t count = 1) noexcept;

    /// The permits, when they are there and nobody waits.
    [[nodiscard]] std::optional<semaphore_permit> try_acquire(std::size_t count = 1) noexcept {
        if (!can_take(count)) {
            return std::nullopt;
        }
        available_ -= count;
        return semaphore_permit(*this, count);
    }

    /// Adds permits to those that there are.
    void add_permits(std::size_t count) noexcept {
        available_ += count;
        hand_out();
    }

    /// Permits that nobody has or is being given.
    [[nodiscard]] std::size_t available() const noexcept { return available_; }

   private:
    friend class acquire_future;

    [[nodiscard]] bool can_take(std::size_t count) const noexcept {
        return waiting_.empty() && count <= available_;
    }
    void hand_out() noexcept;

    detail::waiter_list<acquire_future> waiting_;
    std::size_t available_;
};

/// The future of semaphore::acquire: ready with the permits. Dropping it gives back what it was
/// given, or its place.
class [[nodiscard]] acquire_future : private detail::waiter {
   public:
    acquire_future(acquire_future&& other) noexcept
        : waiter(static_cast<waiter&&>(other)),
          owner_(other.owner_),
          count_(other.count_),
          state_(std::exchange(other.state_, state::finished)) {}
    ~acquire_future();

    [[nodiscard]] rouse::poll<semaphore_permit> poll(context& cx) noexcept;

   private:
    friend class semaphore;
    template <class T, class Tag>
    friend class intrusive_list;

    enum class state : unsigned char { idle, waiting, given, finished };

    acquire_future(semaphore& owner, std::size_t count) noexcept : owner_(&owner), count_(count) {}

    semaphore* owner_;
    std::size_t count_;
    state state_ = state::idle;
};
static_assert(future<acquire_future>);

inline acquire_future semaphore::acquire(std::size_t count) noexcept {
    return {*this, count};
}

inline void semaphore_permit::release() noexcept {
    if (semaphore* owner = std::exchange(owner_, nullptr)) {
        owner->add_permits(std::exchange(count_, 0));
    }
}

}  // namespace rouse
