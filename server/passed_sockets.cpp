#include "server/passed_sockets.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <utility>

#include "runtime/net/socket_option.hpp"
#include "server/quoted_text.hpp"

namespace rouse::server {
namespace {

using systemd::passed_descriptor;
using systemd::socket_kind;

std::unexpected<std::string> refused(const passed_descriptor& from, std::string_view why) {
    return std::unexpected("descriptor " + std::to_string(from.fd.get()) + ", passed as " +
                           quoted_text(from.name) + ", " + std::string(why));
}

// The flag is that of the open socket, which whoever passed it has too, and every roused before and
// after this one. Where it is set io_uring may answer EAGAIN instead of waiting.
void make_blocking(int fd) noexcept {
    const int flags = ::fcntl(fd, F_GETFL);
    (void)::fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

}  // namespace

std::expected<passed_sockets, std::string> sort_passed(std::vector<passed_descriptor> passed) {
    passed_sockets sorted;
    for (passed_descriptor& each : passed) {
        const bool is_http = each.name == "http";
        if (!is_http && each.name != "echo") {
            return refused(each,
                           "is for no protocol: the socket unit says FileDescriptorName=http or "
                           "FileDescriptorName=echo");
        }
        if (each.kind == socket_kind::other) {
            return refused(each,
                           "is no socket that can be served: it has to be TCP or a unix stream, "
                           "listening (Accept=no), or UDP for echo");
        }
        if (is_http && each.kind == socket_kind::datagram) {
            return refused(each, "is a UDP socket, which HTTP is not served on");
        }
        make_blocking(each.fd.get());
        if (each.kind == socket_kind::datagram) {
            sorted.echo_datagrams.push_back(std::move(each.fd));
            continue;
        }
        // Of a unix socket this fails, and means nothing.
        (void)set_socket_option(each.fd.get(), IPPROTO_TCP, TCP_NODELAY, 1);
        (is_http ? sorted.http : sorted.echo_streams).push_back(std::move(each.fd));
    }
    return sorted;
}

std::expected<passed_sockets, std::string> take_passed_sockets() {
    auto taken = systemd::take_descriptors();
    if (!taken) {
        return std::unexpected(std::move(taken.error()));
    }
    return sort_passed(std::move(*taken));
}

}  // namespace rouse::server
