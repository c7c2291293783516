#pragma once

#include "runtime/base/result.hpp"
#include "runtime/net/address.hpp"

namespace rouse {

/// Sets an option whose value is an int. See setsockopt(2).
[[nodiscard]] result<> set_socket_option(int fd, int level, int option, int value) noexcept;

/// The address that a socket is bound to, or no address. See getsockname(2).
[[nodiscard]] address socket_address(int fd) noexcept;

/// The address that a socket is connected to, or no address. See getpeername(2).
[[nodiscard]] address socket_peer_address(int fd) noexcept;

}  // namespace rouse
