#include "runtime/net/socket_option.hpp"

#include <sys/socket.h>

#include <cerrno>

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

}  // namespace rouse
