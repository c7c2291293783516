#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/unique_fd.hpp"

/// What roused has from libsystemd. A build without it (ROUSE_SYSTEMD=OFF) has the same functions,
/// which know of no systemd and refuse sockets that are passed.
namespace rouse::server::systemd {

[[nodiscard]] bool is_built_in() noexcept;

enum class socket_kind : std::uint8_t {
    listening,  ///< A TCP or unix stream that listens.
    datagram,   ///< UDP.
    other,
};

/// A descriptor that was passed at the start, close-on-exec.
struct passed_descriptor {
    unique_fd fd;
    std::string name;  ///< FileDescriptorName= of the socket unit; "unknown" if it was not said.
    socket_kind kind = socket_kind::other;
};

/// Takes what LISTEN_FDS says, if LISTEN_PID is this process, and unsets those variables. To be
/// called once, before the first thread. See sd_listen_fds_with_names(3). Error: one sentence.
[[nodiscard]] std::expected<std::vector<passed_descriptor>, std::string> take_descriptors();

/// Whether anyone listens: NOTIFY_SOCKET is set.
[[nodiscard]] bool is_notified() noexcept;

/// Sends lines of NAME=VALUE; nothing without a listener. See sd_notify(3).
void notify(const std::string& lines) noexcept;

/// How long WATCHDOG=1 may be missing before systemd ends the service, if it watches this process.
/// See sd_watchdog_enabled(3).
[[nodiscard]] std::optional<std::chrono::microseconds> watchdog_timeout() noexcept;

}  // namespace rouse::server::systemd
