#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "runtime/reactor/completion.hpp"
#include "runtime/reactor/operation.hpp"

namespace rouse::epoll {

/// Room in a receive buffer before the payload of a datagram: its sender's address. As much as
/// io_uring uses, so that a datagram fits one backend's buffer if it fits the other's.
inline constexpr std::size_t datagram_payload_offset = 44;

/// Does what can be done of an operation on a socket now, without waiting: bytes, a descriptor or
/// zero, or -errno; none when it has to wait for the socket. Of a send or send_vector it is what
/// has gone out, which may be less than all.
[[nodiscard]] std::optional<std::int32_t> attempt(one_shot_operation& op) noexcept;

/// accept4(2) of one connection.
[[nodiscard]] std::optional<std::int32_t> attempt_accept(int listener) noexcept;

/// recv(2) into a buffer; 0 is the peer's close.
[[nodiscard]] std::optional<std::int32_t> attempt_receive(int socket,
                                                          std::span<std::byte> into) noexcept;

/// recvmsg(2) of one datagram into a buffer, as read_datagram_header of io_uring leaves it.
[[nodiscard]] std::optional<completion> attempt_receive_from(int socket,
                                                             std::span<std::byte> into) noexcept;

/// Has accept(2) and connect(2), which have no flag for it, not wait.
[[nodiscard]] bool set_nonblocking(int socket) noexcept;

}  // namespace rouse::epoll
