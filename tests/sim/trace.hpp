#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/time/clock.hpp"
#include "tests/sim/random_source.hpp"

namespace rouse::sim {

/// What happens in a run.
enum class event : std::uint8_t {
    turn,        ///< The reactor is asked: wait in ns (all ones: without end).
    submit,      ///< The kernel takes an operation: kind, descriptor.
    complete,    ///< A completion: kind, descriptor, result, more to come.
    cancel,      ///< The kernel is asked to end an operation: kind, descriptor.
    close,       ///< The server closes a descriptor.
    connect,     ///< A client connects: client, accepted by the backlog or refused.
    accept,      ///< The kernel makes a descriptor for it: client, descriptor.
    peer_send,   ///< Bytes leave a client: client, bytes.
    peer_read,   ///< A client reads: client, bytes.
    peer_end,    ///< A client ends its side: client.
    peer_close,  ///< A client closes: client, by reset or not.
    peer_done,   ///< A client has finished: client.
    strike,      ///< A fault: which.
    command,     ///< The worker is told: what.
    finish,      ///< The run is over: operations, descriptors, tasks left.
};

inline constexpr std::size_t event_count = static_cast<std::size_t>(event::finish) + 1;

[[nodiscard]] std::string_view name_of(event kind) noexcept;

/// The log of a run. It is always counted and hashed, so that two runs can be compared, and written
/// to standard output if it is asked for.
class trace {
   public:
    explicit trace(bool printed) noexcept : printed_(printed) {}

    void add(time_point now, event kind, std::uint64_t first = 0, std::uint64_t second = 0,
             std::uint64_t third = 0, std::uint64_t fourth = 0) noexcept {
        ++counts_[static_cast<std::size_t>(kind)];
        hash_ = mix(hash_ ^ static_cast<std::uint64_t>(now.time_since_epoch().count()));
        hash_ = mix(hash_ ^ (first << 8U) ^ (second << 24U) ^ static_cast<std::uint64_t>(kind));
        hash_ = mix(hash_ ^ third ^ (fourth << 32U));
        if (printed_) {
            print(now, kind, {first, second, third, fourth});
        }
    }
    /// Bytes, for the reader of the log; they are not hashed.
    void add_bytes(time_point now, std::string_view bytes) const noexcept;

    [[nodiscard]] bool is_printed() const noexcept { return printed_; }
    [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
    [[nodiscard]] const std::array<std::uint64_t, event_count>& counts() const noexcept {
        return counts_;
    }

   private:
    static void print(time_point now, event kind,
                      const std::array<std::uint64_t, 4>& values) noexcept;

    bool printed_;
    std::uint64_t hash_ = 0;
    std::array<std::uint64_t, event_count> counts_{};
};

}  // namespace rouse::sim
