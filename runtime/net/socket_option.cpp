#include "runtime/net/socket_option.hpp"

// Not netinet/tcp.h, whose tcp_info ends before the counters.
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>

namespace rouse {
namespace {

template <class Ask>
address ask_address(int fd, Ask ask) noexcept {
    sockaddr_storage found{};
    socklen_t size = sizeof found;
    auto* target = reinterpret_cast<sockaddr*>(&found);
    return ask(fd, target, &size) == 0 ? address::from_sockaddr(target, size) : address();
}

}  // namespace

result<> set_socket_option(int fd, int level, int option, int value) noexcept {
    if (::setsockopt(fd, level, option, &value, sizeof value) != 0) {
        return failure(errno_code(errno));
    }
    return {};
}

address socket_address(int fd) noexcept {
    return ask_address(fd, ::getsockname);
}

address socket_peer_address(int fd) noexcept {
    return ask_address(fd, ::getpeername);
}

std::optional<std::uint64_t> socket_bytes_acknowledged(int fd) noexcept {
    tcp_info info{};
    socklen_t size = sizeof info;
    const bool told = ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
                      size >= offsetof(tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked;
    return told ? std::optional<std::uint64_t>(info.tcpi_bytes_acked) : std::nullopt;
}

}  // namespace rouse
