#include "server/systemd.hpp"

#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>

#include "server/environment.hpp"

namespace rouse::server::systemd {
namespace {

// sd_listen_fds_with_names allocates the list and each name in it.
struct free_names {
    void operator()(char** names) const noexcept {
        for (char** each = names; *each != nullptr; ++each) {
            std::free(*each);
        }
        std::free(static_cast<void*>(names));
    }
};

bool is_socket(int fd, int family, int type, int listening) noexcept {
    return ::sd_is_socket(fd, family, type, listening) > 0;
}

socket_kind kind_of(int fd) noexcept {
    const bool is_internet = is_socket(fd, AF_INET, 0, -1) || is_socket(fd, AF_INET6, 0, -1);
    if (is_internet && is_socket(fd, AF_UNSPEC, SOCK_DGRAM, -1)) {
        return socket_kind::datagram;
    }
    if ((is_internet || is_socket(fd, AF_UNIX, 0, -1)) &&
        is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1)) {
        return socket_kind::listening;
    }
    return socket_kind::other;
}

}  // namespace

bool is_built_in() noexcept {
    return true;
}

std::expected<std::vector<passed_descriptor>, std::string> take_descriptors() {
    char** listed = nullptr;
    const int count = ::sd_listen_fds_with_names(1, &listed);
    if (count < 0) {
        return std::unexpected("the sockets that systemd passes cannot be taken: " +
                               std::generic_category().message(-count));
    }
    const std::unique_ptr<char*, free_names> names(listed);
    std::vector<passed_descriptor> taken;
    for (int at = 0; at < count; ++at) {
        unique_fd fd(SD_LISTEN_FDS_START + at);
        const socket_kind kind = kind_of(fd.get());
        taken.push_back({.fd = std::move(fd), .name = names.get()[at], .kind = kind});
    }
    return taken;
}

bool is_notified() noexcept {
    return find_variable(environ, "NOTIFY_SOCKET").has_value();
}

void notify(const std::string& lines) noexcept {
    (void)::sd_notify(0, lines.c_str());  // Nobody to tell: nothing to do about it.
}

std::optional<std::chrono::microseconds> watchdog_timeout() noexcept {
    std::uint64_t microseconds = 0;
    if (::sd_watchdog_enabled(0, &microseconds) <= 0) {
        return std::nullopt;
    }
    return std::chrono::microseconds(microseconds);
}

}  // namespace rouse::server::systemd
