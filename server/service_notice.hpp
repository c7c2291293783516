#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace rouse::server {

/// What systemd is told, as sd_notify(3) has it; the STATUS is what `systemctl status` shows.

/// Every listener serves.
[[nodiscard]] std::string ready_notice(std::size_t listeners, std::uint64_t connections);

/// It opens its logs anew, and will be ready again; since when, on CLOCK_MONOTONIC.
[[nodiscard]] std::string reloading_notice(std::chrono::microseconds since);

/// Every worker is alive.
[[nodiscard]] std::string alive_notice(std::size_t listeners, std::uint64_t connections);
/// The same while it drains.
[[nodiscard]] std::string draining_notice(std::uint64_t connections);

/// It drains, which takes as long as this at most: longer than systemd would wait, maybe.
[[nodiscard]] std::string stopping_notice(std::chrono::milliseconds shutdown_timeout);

/// Beyond shutdown_timeout: for the logs to be written, as long as each waits at most, and to end.
inline constexpr std::chrono::milliseconds stop_margin{10'000};

}  // namespace rouse::server
