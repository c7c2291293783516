#include "runtime/reactor/asio/attempt.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "runtime/reactor/send_file.hpp"

namespace rouse::epoll {
namespace {

constexpr int send_flags = MSG_NOSIGNAL | MSG_DONTWAIT;

// What a call that does not wait has answered; called again after a signal.
template <class Call>
std::optional<std::int32_t> answer_of(Call call) noexcept {
    for (;;) {
        const auto answer = call();
        if (answer >= 0) {
            return static_cast<std::int32_t>(answer);
        }
        if (errno == EAGAIN) {
            return std::nullopt;
        }
        if (errno != EINTR) {
            return -errno;
        }
    }
}

// See connect(2): asked again while it is under way, the call tells how far it is.
std::optional<std::int32_t> attempt_connect(int socket, const connect_target& target) noexcept {
    if (!set_nonblocking(socket)) {
        return -errno;
    }
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&target.address),
                  target.address_bytes) == 0 ||
        errno == EISCONN) {
        return 0;
    }
    if (errno == EINPROGRESS || errno == EALREADY || errno == EINTR) {
        return std::nullopt;
    }
    return -errno;
}

}  // namespace

bool set_nonblocking(int socket) noexcept {
    const int flags = ::fcntl(socket, F_GETFL);
    return flags >= 0 &&
           ((flags & O_NONBLOCK) != 0 || ::fcntl(socket, F_SETFL, flags | O_NONBLOCK) == 0);
}

std::optional<std::int32_t> attempt(one_shot_operation& op) noexcept {
    const int fd = op.file->fd;
    switch (op.kind) {
        case operation_kind::send:
            return answer_of([&] {
                const auto& bytes = std::get<owned_bytes>(op.arguments);
                return ::send(fd, bytes.data() + op.progress, bytes.size() - op.progress,
                              send_flags);
            });
        case operation_kind::send_vector:
            return answer_of([&] {
                return ::sendmsg(fd, &std::get<std::unique_ptr<send_parts>>(op.arguments)->header,
                                 send_flags);
            });
        case operation_kind::send_to:
            return answer_of([&] {
                return ::sendmsg(
                    fd, &std::get<std::unique_ptr<outgoing_datagram>>(op.arguments)->header,
                    send_flags);
            });
        case operation_kind::connect:
            return attempt_connect(fd, *std::get<std::unique_ptr<connect_target>>(op.arguments));
        case operation_kind::shutdown:
            return ::shutdown(fd, std::get<int>(op.arguments)) == 0 ? 0 : -errno;
        case operation_kind::send_file:
            return step_send_file(fd, op);
        case operation_kind::accept:
        case operation_kind::receive:
        case operation_kind::receive_from:
        case operation_kind::open_at:
        case operation_kind::stat:
        case operation_kind::read:
            break;
    }
    std::unreachable();
}

std::optional<std::int32_t> attempt_accept(int listener) noexcept {
    for (;;) {
        const auto answer =
            answer_of([=] { return ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC); });
        // The client has gone before it was taken: the next one is asked for.
        if (answer != -ECONNABORTED) {
            return answer;
        }
    }
}

std::optional<std::int32_t> attempt_receive(int socket, std::span<std::byte> into) noexcept {
    return answer_of([=] { return ::recv(socket, into.data(), into.size(), MSG_DONTWAIT); });
}

std::optional<completion> attempt_receive_from(int socket, std::span<std::byte> into) noexcept {
    iovec payload{.iov_base = into.data() + datagram_payload_offset,
                  .iov_len = into.size() - datagram_payload_offset};
    sockaddr_in6 sender{};
    msghdr header{};
    header.msg_name = &sender;
    header.msg_namelen = sizeof sender;
    header.msg_iov = &payload;
    header.msg_iovlen = 1;
    const auto answer = answer_of([&] { return ::recvmsg(socket, &header, MSG_DONTWAIT); });
    if (!answer) {
        return std::nullopt;
    }
    completion told{.result = *answer};
    if (*answer >= 0) {
        const std::size_t address_bytes = std::min<std::size_t>(header.msg_namelen, sizeof sender);
        std::memcpy(into.data(), &sender, address_bytes);
        told.has_buffer = true;
        told.truncated = (header.msg_flags & MSG_TRUNC) != 0;
        told.address_bytes = static_cast<std::uint16_t>(address_bytes);
        told.payload_offset = datagram_payload_offset;
    }
    return told;
}

}  // namespace rouse::epoll
