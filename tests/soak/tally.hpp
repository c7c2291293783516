#pragma once

#include <cstdint>

namespace rouse::soak {

/// What became of every connection and every request. Each request of which a byte was sent ends in
/// exactly one of the counters from `answers` to `spoilt`.
struct tally {
    std::uint64_t connections = 0;
    std::uint64_t requests = 0;
    std::uint64_t answers = 0;    ///< Whole and right.
    std::uint64_t abandoned = 0;  ///< The client left before the answer, on purpose.
    std::uint64_t cut = 0;        ///< The proxy cut the connection.
    std::uint64_t closed = 0;     ///< The server may close after any answer, and did.
    std::uint64_t lost = 0;       ///< No answer, and nobody cut the connection.
    std::uint64_t spoilt = 0;     ///< On a connection with a mismatch.
    std::uint64_t connections_abandoned = 0;
    std::uint64_t connections_cut = 0;
    std::uint64_t connections_closed = 0;
    std::uint64_t connections_lost = 0;
    std::uint64_t mismatches = 0;  ///< Connections on which something wrong came.
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;

    [[nodiscard]] bool adds_up() const noexcept {
        return requests == answers + abandoned + cut + closed + lost + spoilt;
    }
    [[nodiscard]] bool is_good() const noexcept {
        return adds_up() && connections_lost == 0 && mismatches == 0;
    }
};

}  // namespace rouse::soak
