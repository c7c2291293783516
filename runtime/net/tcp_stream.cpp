#include "runtime/net/tcp_stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <memory>

#include "runtime/net/socket_option.hpp"

namespace rouse {

poll<result<std::size_t>> send_file_future::poll(context& cx) noexcept {
    if (!operation_) {
        return result<std::size_t>(failure(errc::limit_exceeded));
    }
    const auto answer = operation_.take(cx);
    if (!answer) {
        return pending;
    }
    operation_.reset();
    if (answer->result < 0) {
        return result<std::size_t>(failure(completion_error(answer->result)));
    }
    return result<std::size_t>(static_cast<std::size_t>(answer->result));
}

result<tcp_stream> tcp_stream::adopt(reactor& io, unique_fd connected) {
    auto file = io.adopt(std::move(connected));
    if (!file) {
        return failure(file.error());
    }
    auto receiving = io.make_multishot(operation_kind::receive, file->shared());
    if (!receiving) {
        return failure(receiving.error());
    }
    return tcp_stream(std::move(*file), **receiving);
}

task<result<tcp_stream>> tcp_stream::connect(reactor& io, address peer) {
    unique_fd made(::socket(peer.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!made) {
        co_return failure(errno_code(errno));
    }
    auto stream = adopt(io, std::move(made));
    if (!stream) {
        co_return failure(stream.error());
    }
    auto record = io.make_one_shot(operation_kind::connect, stream->file_.shared());
    if (!record) {
        co_return failure(record.error());
    }
    one_shot_future connecting(io, **record);
    auto target = std::make_unique<connect_target>();
    std::memcpy(&target->address, peer.data(), peer.size());
    target->address_bytes = peer.size();
    (*record)->arguments = std::move(target);
    if (const auto connected = co_await connecting; !connected) {
        co_return failure(connected.error());
    }
    co_return std::move(*stream);
}

void tcp_stream::close() noexcept {
    if (receiving_ != nullptr) {
        file_.io().release(*std::exchange(receiving_, nullptr));
        file_.reset();
    }
}

one_shot_future tcp_stream::send(owned_bytes bytes) {
    auto record = io().make_one_shot(operation_kind::send, file_.shared());
    if (!record) {
        return {};
    }
    (*record)->arguments = std::move(bytes);
    return {io(), **record};
}

one_shot_future tcp_stream::send(std::vector<owned_bytes> parts) {
    assert(parts.size() <= send_parts_max);
    auto record = io().make_one_shot(operation_kind::send_vector, file_.shared());
    if (!record) {
        return {};
    }
    one_shot_future sending(io(), **record);
    auto kept = std::make_unique<send_parts>();
    kept->parts = std::move(parts);
    kept->vector.reserve(kept->parts.size());
    for (const owned_bytes& part : kept->parts) {
        // iovec is not const-correct; a send does not write.
        kept->vector.push_back({const_cast<std::byte*>(part.data()), part.size()});
    }
    kept->header.msg_iov = kept->vector.data();
    kept->header.msg_iovlen = kept->vector.size();
    (*record)->arguments = std::move(kept);
    return sending;
}

send_file_future tcp_stream::send_file(owned_bytes head, const file& from, std::uint64_t offset,
                                       std::size_t bytes) {
    assert(bytes > 0 && bytes <= send_file_bytes_max);
    auto record = io().make_one_shot(operation_kind::send_file, file_.shared());
    if (!record) {
        return send_file_future({});
    }
    operation_handle asked(io(), **record);
    (*record)->arguments = std::make_unique<file_send>(file_send{.head = std::move(head),
                                                                 .source = from.share_descriptor(),
                                                                 .offset = offset,
                                                                 .left = bytes});
    return send_file_future(std::move(asked));
}

one_shot_future tcp_stream::shutdown(int how) {
    auto record = io().make_one_shot(operation_kind::shutdown, file_.shared());
    if (!record) {
        return {};
    }
    (*record)->arguments = how;
    return {io(), **record};
}

one_shot_future tcp_stream::shutdown_write() {
    return shutdown(SHUT_WR);
}

one_shot_future tcp_stream::shutdown_read() {
    return shutdown(SHUT_RD);
}

result<> tcp_stream::set_no_delay(bool on) noexcept {
    return set_socket_option(file_.fd(), IPPROTO_TCP, TCP_NODELAY, on ? 1 : 0);
}

address tcp_stream::peer_address() const noexcept {
    return socket_peer_address(file_.fd());
}

std::optional<std::uint64_t> tcp_stream::delivered() const noexcept {
    return socket_bytes_acknowledged(file_.fd());
}

address tcp_stream::local_address() const noexcept {
    return socket_address(file_.fd());
}

}  // namespace rouse
