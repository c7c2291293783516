#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "runtime/net/address.hpp"
#include "runtime/reactor/uring/datagram.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using rouse::completion;
using rouse::fuzz::byte_reader;
using rouse::fuzz::exact_copy;
using rouse::fuzz::require;

constexpr std::size_t buffer_bytes_max = 65'536;

void check_found(std::string_view buffer, const msghdr& shape, const completion& answer,
                 std::int32_t result) {
    require(answer.result >= 0 && answer.payload_offset + answer.result == result);
    require(answer.address_offset + std::size_t{answer.address_bytes} <= answer.payload_offset);
    require(answer.address_bytes <= shape.msg_namelen);
    io_uring_recvmsg_out header{};
    std::memcpy(&header, buffer.data(), sizeof header);
    require(answer.truncated == ((header.flags & MSG_TRUNC) != 0));
    require(header.namelen > shape.msg_namelen || answer.address_bytes == header.namelen);
}

}  // namespace

// A buffer that a kernel has filled, and how many bytes it says are there, which are never more
// than the buffer has: address and payload lie inside, and not in each other.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    byte_reader reader(data, size);
    msghdr shape{};
    shape.msg_namelen = static_cast<socklen_t>(reader.below(sizeof(sockaddr_storage) + 1));
    const std::int32_t error = -reader.number<std::uint8_t>();
    const exact_copy buffer(reader.text(buffer_bytes_max));
    const std::int32_t result = error < 0 ? error : static_cast<std::int32_t>(buffer.text().size());
    completion answer{.result = result, .buffer = 7, .has_buffer = true};
    rouse::uring::read_datagram_header(reinterpret_cast<const std::byte*>(buffer.text().data()),
                                       shape, answer);
    require(answer.buffer == 7 && answer.has_buffer && answer.next == nullptr);
    if (result < static_cast<std::int32_t>(sizeof(io_uring_recvmsg_out) + shape.msg_namelen)) {
        require(answer.result == result && answer.address_bytes == 0 &&
                answer.payload_offset == 0 && !answer.truncated);
        return 0;
    }
    check_found(buffer.text(), shape, answer, result);
    // As udp_socket does it.
    sockaddr_storage from{};
    std::memcpy(&from, buffer.text().data() + answer.address_offset, answer.address_bytes);
    const auto sender = rouse::address::from_sockaddr(reinterpret_cast<const sockaddr*>(&from),
                                                      answer.address_bytes);
    require(sender.size() <= answer.address_bytes + 1U);
    return 0;
}
