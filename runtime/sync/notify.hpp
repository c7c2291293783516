#pragma once

#include <utility>

#include "runtime/base/intrusive_list.hpp"
#include "runtime/sync/waiter.hpp"
#include "runtime/task/future.hpp"

namespace rouse {

class notified_future;

/// Tells tasks of one thread that something happened, without saying what. notify_one gives one
/// permit, which is kept (one at most) when nobody waits; notify_all wakes those who wait now and
/// keeps nothing. It must outlive its futures.
class notify {
   public:
    notify() noexcept = default;
    notify(const notify&) = delete;  // waiting futures hold its address
    notify& operator=(const notify&) = delete;

    /// Gives the permit to whoever has waited longest, or keeps it.
    void notify_one() noexcept;

    /// Wakes every future that has been polled and is not ready; a permit that was kept stays.
    void notify_all() noexcept;

    /// Ready when it is given a permit. One that is dropped with its permit unused passes it on, as
    /// notify_one does.
    [[nodiscard]] notified_future notified() noexcept;

   private:
    friend class notified_future;

    detail::waiter_list<notified_future> waiting_;
    bool permit_ = false;
};

/// The future of notify::notified.
class [[nodiscard]] notified_future : private detail::waiter {
   public:
    notified_future(notified_future&& other) noexcept
        : waiter(static_cast<waiter&&>(other)),
          owner_(other.owner_),
          state_(std::exchange(other.state_, state::finished)) {}
    ~notified_future();

    [[nodiscard]] rouse::poll<> poll(context& cx) noexcept;

   private:
    friend class notify;
    template <class T, class Tag>
    friend class intrusive_list;

    enum class state : unsigned char { idle, waiting, woken_by_one, woken_by_all, finished };

    explicit notified_future(notify& owner) noexcept : owner_(&owner) {}

    void wake_as(state woken) noexcept;

    notify* owner_;
    state state_ = state::idle;
};
static_assert(future<notified_future>);

inline notified_future notify::notified() noexcept {
    return notified_future(*this);
}

}  // namespace rouse
