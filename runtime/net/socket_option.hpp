#pragma once

#include <cstdint>
#include <optional>

#include "runtime/base/result.hpp"
#include "runtime/net/address.hpp"

namespace rouse {

/// Sets an option whose value is an int. See setsockopt(2).
[[nodiscard]] result<> set_socket_option(int fd, int level, int option, int value) noexcept;

/// The address that a socket is bound to, or no address. See getsockname(2).
[[nodiscard]] address socket_address(int fd) noexcept;

/// The address that a socket is connected to, or no address. See getpeername(2).
[[nodiscard]] address socket_peer_address(int fd) noexcept;

/// What the peer of a TCP connection has acknowledged; none for another socket. See tcp(7),
/// TCP_INFO; Linux 4.1.
[[nodiscard]] std::optional<std::uint64_t> socket_bytes_acknowledged(int fd) noexcept;

}  // namespace rouse
