#include "protocols/echo/udp_echo.hpp"

#include <cerrno>
#include <utility>

namespace rouse::echo {
namespace {

// What an earlier datagram came to (ICMP) is told to the next receive; the socket itself is well.
// See udp(7).
bool concerns_one_peer(std::error_code error) noexcept {
    return error.category() == std::generic_category() &&
           (error.value() == ECONNREFUSED || error.value() == EHOSTUNREACH ||
            error.value() == ENETUNREACH || error.value() == ENOMEM);
}

}  // namespace

task<std::error_code> serve(udp_socket socket) {
    while (true) {
        auto received = co_await socket.recv_from();
        if (!received) {
            if (concerns_one_peer(received.error())) {
                continue;
            }
            co_return received.error();
        }
        if (received->truncated || received->sender.port() == 0) {
            continue;
        }
        // Not awaited: one peer that cannot be reached must not hold up the others. The kernel
        // bounds what is in flight (SO_SNDBUF): a datagram that does not fit waits there, or is
        // dropped, as UDP may.
        socket.send_to(std::move(received->payload).into_bytes(), received->sender).detach();
    }
}

}  // namespace rouse::echo
