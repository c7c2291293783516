#pragma once

#include <cstdint>
#include <string>

namespace rouse::soak {

enum class direction : std::uint8_t { to_server, to_client };

/// How the bytes of one direction are handed on.
enum class pace : std::uint8_t {
    straight,  ///< As they come.
    split,     ///< In segments of up to 600 bytes.
    trickle,   ///< In segments of up to 8 bytes, for the first 2,000 bytes.
    coalesce,  ///< Held back for some milliseconds, and sent as one.
};

/// What ends a connection that neither side has ended.
enum class cut_kind : std::uint8_t {
    none,
    end,         ///< Both sides see the end of the stream.
    reset,       ///< Both sides see a reset.
    vanish,      ///< Nothing is handed on any more for a while; then both sides see a reset.
    half_close,  ///< The receiver of the direction sees the end; the other direction goes on.
};

/// What the proxy does to one connection. Proxy and client make the same plan from the seed and
/// the number of the connection, so the client knows what it may miss.
struct fault_plan {
    pace to_server = pace::straight;
    pace to_client = pace::straight;
    std::uint64_t delay_one_in = 0;  ///< One segment in so many waits 0 to 3 ms; 0: none.
    std::uint64_t stall_one_in = 0;  ///< One in so many stops the direction for 20 to 200 ms.
    cut_kind cut = cut_kind::none;
    direction cut_direction = direction::to_server;
    std::uint64_t cut_offset = 0;  ///< Bytes of that direction that are handed on before the cut.

    [[nodiscard]] bool cuts(direction of) const noexcept {
        return cut != cut_kind::none && cut_direction == of;
    }
};

[[nodiscard]] fault_plan plan_of(std::uint64_t seed, std::uint64_t connection) noexcept;

/// For people: the cut, if there is one.
[[nodiscard]] std::string describe(const fault_plan& plan);

}  // namespace rouse::soak
