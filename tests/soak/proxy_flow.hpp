#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "tests/soak/content.hpp"
#include "tests/soak/fault_plan.hpp"

namespace rouse::soak {

using proxy_clock = std::chrono::steady_clock;
/// Nothing is due.
inline constexpr auto never = proxy_clock::time_point::max();

struct proxy_counters {
    std::uint64_t connections = 0;
    std::uint64_t segments = 0;
    std::uint64_t delays = 0;
    std::uint64_t stalls = 0;
    std::uint64_t ends = 0;
    std::uint64_t resets = 0;
    std::uint64_t vanished = 0;
    std::uint64_t half_closes = 0;
    std::uint64_t spoilt = 0;
};

/// What a broken network would do, and TCP would not: the client has to find it.
enum class spoiling : std::uint8_t {
    none,
    flip,   ///< One bit is another.
    drop,   ///< One byte is missing.
    twice,  ///< One byte comes twice.
    swap,   ///< Two bytes have changed places.
    close,  ///< The stream ends, which is in no plan.
    hang,   ///< Nothing comes any more.
};

/// One direction of a connection through the proxy: takes bytes in from one socket and hands them
/// on to another, as its pace says. It knows nothing of the other direction.
class proxy_flow {
   public:
    enum class outcome : std::uint8_t {
        waiting,  ///< For bytes, for room, or for due().
        ended,    ///< The source has ended, everything is handed on, and so is the end.
        reset,    ///< The source was reset, and everything before is handed on.
        cut,      ///< The offset of the cut is reached.
        close,    ///< For spoiling::close.
        hang,     ///< For spoiling::hang.
    };

    proxy_flow(const fault_plan& plan, direction which, draws from);

    /// Goes on as far as sockets and clock allow.
    [[nodiscard]] outcome move(int source, int sink, proxy_clock::time_point now,
                               proxy_counters& count);
    /// From now on what comes is dropped.
    void discard() noexcept;
    /// Makes this direction a broken one, at a byte that is drawn.
    void spoil(spoiling how);

    /// When to come back, besides when a socket is ready.
    [[nodiscard]] proxy_clock::time_point due() const noexcept { return pauses_ ? due_ : never; }

   private:
    [[nodiscard]] bool take_in(int source, proxy_clock::time_point now);
    [[nodiscard]] outcome hand_on(int sink, proxy_clock::time_point now, proxy_counters& count);
    [[nodiscard]] std::size_t next_bytes();
    [[nodiscard]] outcome apply_spoiling(proxy_counters& count);
    void forget_handed_on(std::size_t bytes);
    void draw_pause(proxy_clock::time_point now, proxy_counters& count);
    [[nodiscard]] std::size_t waiting_bytes() const noexcept { return taken_.size() - taken_at_; }

    pace pace_;
    std::uint64_t delay_one_in_;
    std::uint64_t stall_one_in_;
    std::uint64_t cut_offset_;
    draws draws_;
    std::string taken_;  ///< Taken in; handed on up to taken_at_.
    std::size_t taken_at_ = 0;
    std::size_t segment_ = 0;  ///< What is left of the segment that is under way.
    std::uint64_t handed_on_ = 0;
    proxy_clock::time_point due_{};
    bool pauses_ = false;  ///< Until due_.
    spoiling spoiling_ = spoiling::none;
    std::uint64_t spoil_offset_ = 0;
    bool source_ended_ = false;
    bool source_reset_ = false;
    bool end_told_ = false;
    bool discarding_ = false;
};

}  // namespace rouse::soak
