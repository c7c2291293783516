#include "protocols/echo/udp_echo.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <new>
#include <optional>
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
    // What goes back is not awaited at once: one peer that cannot be reached must not hold up the
    // others. But so many sends hold as many receive buffers, so the oldest is waited for in turn.
    // They stand in the frame: a task that could be made serves without further memory of its own.
    std::array<std::optional<one_shot_future>, sends_in_flight_max> sending;
    for (std::size_t turn = 0;; turn = (turn + 1) % sending.size()) {
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
        std::optional<one_shot_future>& place = sending[turn];
        if (place) {
            (void)co_await *place;  // A datagram that could not be sent is lost, as datagrams are.
        }
        try {
            place.emplace(
                socket.send_to(std::move(received->payload).into_bytes(), received->sender));
            place->start();
        } catch (const std::bad_alloc&) {
            place.reset();  // One datagram is lost, and the socket is well.
        }
    }
}

}  // namespace rouse::echo
