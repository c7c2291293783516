#pragma once

#include <cstdint>
#include <ctime>

#include "runtime/reactor/reactor.hpp"
#include "runtime/time/clock.hpp"

namespace rouse::http {

/// Both clocks as they were at the first look in this turn of the reactor: a system call at most
/// once a turn, however many requests it brings.
class turn_clock {
   public:
    explicit turn_clock(const reactor& io) noexcept : io_(io) { read(); }

    [[nodiscard]] time_point now() noexcept {
        refresh();
        return now_;
    }
    /// Since 1970.
    [[nodiscard]] std::int64_t wall_seconds() noexcept {
        refresh();
        return wall_seconds_;
    }

   private:
    void refresh() noexcept {
        if (io_.counters().turns != turn_) {
            read();
        }
    }
    void read() noexcept {
        turn_ = io_.counters().turns;
        now_ = io_.now();
        wall_seconds_ = std::time(nullptr);
    }

    const reactor& io_;
    std::uint64_t turn_ = 0;
    time_point now_{};
    std::int64_t wall_seconds_ = 0;
};

}  // namespace rouse::http
