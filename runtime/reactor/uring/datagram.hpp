#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "runtime/reactor/completion.hpp"
#include "runtime/reactor/uring/abi.hpp"

namespace rouse::uring {

/// Finds sender and payload in a buffer that a multishot receive of datagrams has filled: a header,
/// as much room for the address as `shape` asked for, then the payload. See
/// io_uring_prep_recvmsg_multishot(3).
inline void read_datagram_header(const std::byte* buffer, const msghdr& shape,
                                 completion& answer) noexcept {
    io_uring_recvmsg_out header{};
    const std::size_t payload_offset = sizeof header + shape.msg_namelen;
    if (answer.result < 0 || static_cast<std::size_t>(answer.result) < payload_offset) {
        return;
    }
    std::memcpy(&header, buffer, sizeof header);
    answer.address_offset = sizeof header;
    answer.address_bytes =
        static_cast<std::uint16_t>(std::min<std::uint32_t>(header.namelen, shape.msg_namelen));
    answer.payload_offset = static_cast<std::uint16_t>(payload_offset);
    answer.truncated = (header.flags & MSG_TRUNC) != 0;
    answer.result -= static_cast<std::int32_t>(payload_offset);
}

}  // namespace rouse::uring
