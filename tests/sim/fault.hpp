#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tests/sim/random_source.hpp"

namespace rouse::sim {

/// What goes wrong in a run. Each has a probability a time it could strike, which the seed draws.
enum class fault : std::uint8_t {
    late_completion,     ///< A completion comes up to 50 ms after its cause.
    reordered,           ///< The completions of a turn come in another order than their causes.
    short_receive,       ///< A receive gets less than is there.
    short_send,          ///< A send ends before all its bytes are out.
    slow_send,           ///< The kernel takes a send in pieces.
    reset,               ///< ECONNRESET, at both ends.
    broken_pipe,         ///< EPIPE: a send fails, and receiving goes on.
    timed_out,           ///< ETIMEDOUT: the path to the peer is gone, and the peer sees nothing.
    no_buffers,          ///< ENOBUFS: a receive finds no buffer.
    queue_overflow,      ///< The completion queue is full: what came is held back, multishots end.
    no_descriptors,      ///< EMFILE at accept or open.
    no_kernel_memory,    ///< ENOMEM at accept, or at an operation on a file.
    connection_aborted,  ///< ECONNABORTED: a connection has gone before it was accepted.
    multishot_end,       ///< A multishot operation ends after a good completion.
    late_cancel,         ///< A cancel comes after up to 50 ms; what it ends may be over before.
    full_submission,     ///< The submission queue is full: what is left waits for the next turn.
    spurious_wake,       ///< A waker is woken without a cause.
    duplicate_wake,      ///< A waker is woken again by the same cause.
    clock_jump,          ///< Up to ten minutes pass at once.
    slow_turn,           ///< The thread is not run for up to 20 ms.
    lost_datagram,       ///< A datagram does not arrive.
    allocation,          ///< An allocation of the code under test throws bad_alloc.
    stalling_peer,       ///< A peer stops sending and reading for a while, or for good.
    trickling_peer,      ///< A peer sends, or reads, a byte at a time.
    flooding_peer,       ///< A peer sends all that it has and reads late.
    vanishing_peer,      ///< A peer is gone without a word.
    resetting_peer,      ///< A peer resets the connection at any place.
    closing_peer,        ///< A peer closes at any place, unread bytes or not.
    half_closing_peer,   ///< A peer ends its side and reads on.
    short_read,          ///< A read of a file gets less than is there.
    slow_file,           ///< An operation on a file takes up to 5 s, and may not be cancelled.
    file_interrupted,    ///< EINTR at an operation on a file.
    file_error,          ///< EIO at the status or a read of a file.
    file_missing,        ///< ENOENT at the open of a file that is there.
    file_denied,         ///< EACCES at the open of a file.
    file_shrinks,        ///< A file loses its end before an operation on it.
    file_grows,          ///< A file gets more bytes before an operation on it.
    file_replaced,       ///< Another file takes the path of one before an operation on it.
    file_deleted,        ///< A file's path leads nowhere any more.
    cold_file,           ///< A file is not in memory when a part of it shall be sent.
};

inline constexpr std::size_t fault_count = static_cast<std::size_t>(fault::cold_file) + 1;

/// As it is written on the command line: "short_send".
[[nodiscard]] std::string_view name_of(fault kind) noexcept;
[[nodiscard]] std::optional<fault> fault_named(std::string_view name) noexcept;

/// A set of faults.
using fault_mask = std::uint64_t;
[[nodiscard]] constexpr fault_mask to_mask(fault kind) noexcept {
    return fault_mask{1} << static_cast<unsigned>(kind);
}

inline constexpr fault_mask all_faults = (fault_mask{1} << fault_count) - 1;

/// The probabilities of one run, per million times that a fault could strike.
struct fault_plan {
    std::array<std::uint32_t, fault_count> rates{};

    [[nodiscard]] std::uint32_t rate(fault kind) const noexcept {
        return rates[static_cast<std::size_t>(kind)];
    }
};

/// One run in eight has no fault at all; in the others each kind is off in half of them. Those of
/// `off` are off.
[[nodiscard]] fault_plan draw_faults(random_source& draw, fault_mask off) noexcept;

}  // namespace rouse::sim
