#include "server/log_descriptor.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace rouse::server {
namespace {

// How soon a writer that waits notices that it is to finish.
constexpr int wait_milliseconds = 50;

// A pipe that polls writable takes this much without waiting. See pipe(7).
constexpr std::size_t write_bytes_max = PIPE_BUF;

}  // namespace

void log_descriptor::write(std::string_view line) noexcept {
    while (!line.empty()) {
        if (!wait_writable()) {
            lines_dropped_.fetch_add(1, std::memory_order_relaxed);
            return;
        }
        const ssize_t written =
            ::write(descriptor_, line.data(), std::min(line.size(), write_bytes_max));
        if (written >= 0) {
            line.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR && errno != EAGAIN) {
            lines_dropped_.fetch_add(1, std::memory_order_relaxed);
            return;
        }
    }
}

void log_descriptor::finish_by(std::chrono::steady_clock::time_point deadline) noexcept {
    deadline_.store(deadline, std::memory_order_relaxed);
}

std::uint64_t log_descriptor::lines_dropped() const noexcept {
    return lines_dropped_.load(std::memory_order_relaxed);
}

bool log_descriptor::is_late() const noexcept {
    return std::chrono::steady_clock::now() >= deadline_.load(std::memory_order_relaxed);
}

// An error of the descriptor is left to write, which says which one.
bool log_descriptor::wait_writable() const noexcept {
    for (;;) {
        pollfd waiting{.fd = descriptor_, .events = POLLOUT, .revents = 0};
        if (::poll(&waiting, 1, wait_milliseconds) > 0) {
            return true;
        }
        if (is_late()) {
            return false;
        }
    }
}

}  // namespace rouse::server
