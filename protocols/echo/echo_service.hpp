#pragma once

#include <cassert>
#include <cstdint>
#include <utility>

#include "runtime/base/intrusive_list.hpp"
#include "runtime/sync/notify.hpp"
#include "runtime/time/clock.hpp"
#include "runtime/time/deadline.hpp"

namespace rouse::echo {

/// What a peer may take of this server; beyond it the connection closes.
struct echo_limits {
    milliseconds idle_timeout{300'000};  ///< Without a byte from it.
    milliseconds write_timeout{30'000};  ///< Without it reading what was sent back.
};

/// How long a connection that was busy when the drain began waits for what was sent before: for
/// what the kernel has, not for the peer.
inline constexpr milliseconds drain_look{5};

struct echo_counters {
    std::uint64_t connections_accepted = 0;
    std::uint64_t connections_open = 0;
    std::uint64_t timeouts = 0;
};

class echo_service;

/// A connection counts as open while its place is taken: from when it is accepted, before its task
/// is first polled.
class echo_place {
   public:
    explicit echo_place(echo_service& shared) noexcept;
    echo_place(echo_place&& other) noexcept : service_(std::exchange(other.service_, nullptr)) {}
    echo_place& operator=(echo_place&&) = delete;
    ~echo_place();

    [[nodiscard]] echo_service& service() const noexcept { return *service_; }

   private:
    echo_service* service_;  // Null when moved from.
};

/// What the service knows of a connection: how to wake it.
class echo_connection : public intrusive_link<echo_connection> {
   public:
    explicit echo_connection(echo_service& shared) noexcept;
    echo_connection(const echo_connection&) = delete;
    echo_connection& operator=(const echo_connection&) = delete;
    ~echo_connection();

   protected:
    echo_service& service_;
    deadline deadline_;

   private:
    friend class echo_service;
};

/// What the TCP echo connections of one worker share. It outlives them. One thread.
class echo_service {
   public:
    explicit echo_service(const echo_limits& limits) noexcept : limits_(limits) {}
    echo_service(const echo_service&) = delete;
    echo_service& operator=(const echo_service&) = delete;
    ~echo_service() { assert(connections_.empty()); }

    [[nodiscard]] const echo_limits& limits() const noexcept { return limits_; }
    [[nodiscard]] echo_counters& counters() noexcept { return counters_; }
    [[nodiscard]] bool is_draining() const noexcept { return draining_; }
    /// Notified, with one permit kept, whenever a connection has closed.
    [[nodiscard]] notify& closed() noexcept { return closed_; }

    /// From now on idle connections close at once, and the others when all that their peers have
    /// sent is sent back.
    void drain(timer_wheel& timers) noexcept {
        draining_ = true;
        connections_.for_each([&](echo_connection& each) { each.deadline_.bring_forward(timers); });
    }

   private:
    friend class echo_connection;
    friend class echo_place;

    echo_limits limits_;
    echo_counters counters_;
    intrusive_list<echo_connection, echo_connection> connections_;
    notify closed_;
    bool draining_ = false;
};

inline echo_place::echo_place(echo_service& shared) noexcept : service_(&shared) {
    ++service_->counters_.connections_accepted;
    ++service_->counters_.connections_open;
}

inline echo_place::~echo_place() {
    if (service_ != nullptr) {
        --service_->counters_.connections_open;
        service_->closed_.notify_one();
    }
}

inline echo_connection::echo_connection(echo_service& shared) noexcept : service_(shared) {
    service_.connections_.push_back(*this);
}

inline echo_connection::~echo_connection() {
    unlink();
}

}  // namespace rouse::echo
