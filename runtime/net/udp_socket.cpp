#include "runtime/net/udp_socket.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "runtime/net/receive.hpp"
#include "runtime/net/socket_option.hpp"

namespace rouse {

result<unique_fd> open_udp_socket(const address& where, bool reuse_port) {
    if (where.family() == AF_UNIX) {
        return failure(errno_code(EAFNOSUPPORT));
    }
    unique_fd made(::socket(where.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!made) {
        return failure(errno_code(errno));
    }
    if (reuse_port) {
        if (const auto set = set_socket_option(made.get(), SOL_SOCKET, SO_REUSEPORT, 1); !set) {
            return failure(set.error());
        }
    }
    if (::bind(made.get(), where.data(), where.size()) != 0) {
        return failure(errno_code(errno));
    }
    return made;
}

result<udp_socket> udp_socket::bind(reactor& io, const address& where, bool reuse_port) {
    auto made = open_udp_socket(where, reuse_port);
    if (!made) {
        return failure(made.error());
    }
    return adopt(io, std::move(*made));
}

result<udp_socket> udp_socket::adopt(reactor& io, unique_fd bound) {
    auto file = io.adopt(std::move(bound));
    if (!file) {
        return failure(file.error());
    }
    auto receiving = io.make_multishot(operation_kind::receive_from, file->shared());
    if (!receiving) {
        return failure(receiving.error());
    }
    return udp_socket(std::move(*file), **receiving);
}

one_shot_future udp_socket::send_to(owned_bytes payload, const address& receiver) {
    reactor& io = file_.io();
    auto record = io.make_one_shot(operation_kind::send_to, file_.shared());
    if (!record) {
        return {};
    }
    one_shot_future sending(io, **record);
    auto kept = std::make_unique<outgoing_datagram>();
    kept->bytes = std::move(payload);
    std::memcpy(&kept->address, receiver.data(), receiver.size());
    kept->vector = {const_cast<std::byte*>(kept->bytes.data()), kept->bytes.size()};
    kept->header.msg_name = &kept->address;
    kept->header.msg_namelen = receiver.size();
    kept->header.msg_iov = &kept->vector;
    kept->header.msg_iovlen = 1;
    (*record)->arguments = std::move(kept);
    return sending;
}

address udp_socket::local_address() const noexcept {
    return socket_address(file_.fd());
}

void udp_socket::close() noexcept {
    if (receiving_ != nullptr) {
        file_.io().release(*std::exchange(receiving_, nullptr));
        file_.reset();
    }
}

rouse::poll<result<datagram>> receive_from_future::poll(context& cx) noexcept {
    const auto answer = reactor_.take(operation_, cx);
    if (!answer) {
        return pending;
    }
    if (answer->result < 0) {
        return result<datagram>(failure(completion_error(answer->result)));
    }
    if (!answer->has_buffer) {
        return result<datagram>();
    }
    buffer_source& source = reactor_.buffers();
    datagram arrived{
        .payload = buffer_lease(source, answer->buffer, answer->payload_offset,
                                static_cast<std::size_t>(answer->result)),
        .sender = {},
        .truncated = answer->truncated,
    };
    sockaddr_storage from{};
    std::memcpy(&from, source.buffer(answer->buffer) + answer->address_offset,
                answer->address_bytes);
    arrived.sender =
        address::from_sockaddr(reinterpret_cast<const sockaddr*>(&from), answer->address_bytes);
    return result<datagram>(std::move(arrived));
}

}  // namespace rouse
