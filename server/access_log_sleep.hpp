#pragma once

#include <atomic>
#include <cstdint>

#include "runtime/executor/wake_signal.hpp"
#include "server/access_log_ring.hpp"

namespace rouse::server {

/// How the thread that writes the access log sleeps, and how those who log wake it: with one
/// eventfd write (about a microsecond) when it sleeps without a timeout, because nothing was queued
/// for a while, or when a ring is half full. While lines keep coming it sleeps for a fixed time
/// between two looks instead, and nobody wakes it: no system call for those who log.
class access_log_sleep {
   public:
    enum class depth : std::uint8_t {
        awake,      ///< Looks at the rings before it sleeps.
        gathering,  ///< Wakes by itself soon; earlier when a ring is half full.
        idle,       ///< Until there is a line.
    };

    /// By those who log, after a push.
    void queued(access_log_ring& ring) noexcept {
        const depth now = depth_.load(std::memory_order_seq_cst);
        if (now == depth::awake || (now == depth::gathering && !ring.is_half_full())) {
            return;
        }
        // Of several, one wakes it.
        if (depth_.exchange(depth::awake, std::memory_order_relaxed) != depth::awake) {
            signal_.raise();
        }
    }

    /// By the thread that writes. Before it sleeps idle it looks whether every ring is empty, after
    /// this: either it sees the line there, or who pushed that line sees `idle`. Both sides store
    /// and then load what the other stores, so all four are sequentially consistent.
    void enter(depth next) noexcept { depth_.store(next, std::memory_order_seq_cst); }

    [[nodiscard]] wake_signal& signal() noexcept { return signal_; }

   private:
    std::atomic<depth> depth_{depth::awake};
    wake_signal signal_;
};

}  // namespace rouse::server
