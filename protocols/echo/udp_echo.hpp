#pragma once

#include <cstddef>
#include <system_error>

#include "runtime/net/udp_socket.hpp"
#include "runtime/task/task.hpp"

namespace rouse::echo {

/// Datagrams on their way back at one time; beyond it the next is read when the oldest has left.
inline constexpr std::size_t sends_in_flight_max = 64;

/// Sends every datagram back to where it came from, until the task is dropped or the socket fails.
/// A datagram longer than a receive buffer has lost its end and is not sent back; nor is one that
/// claims to come from port 0. See RFC 862.
[[nodiscard]] task<std::error_code> serve(udp_socket socket);

}  // namespace rouse::echo
