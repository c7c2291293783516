#include "tests/support/client.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/net/socket_option.hpp"
#include "tests/support/patience.hpp"

namespace rouse::test {
namespace {

constexpr std::size_t receive_bytes = 262'144;

std::string text_of(int error) {
    return std::generic_category().message(error);
}

unique_fd connect_to(const address& server, int type, int receive_buffer_bytes = 0) {
    unique_fd made(::socket(server.family(), type | SOCK_CLOEXEC, 0));
    REQUIRE(made);
    if (receive_buffer_bytes != 0) {
        REQUIRE(set_socket_option(made.get(), SOL_SOCKET, SO_RCVBUF, receive_buffer_bytes));
    }
    const int connected = ::connect(made.get(), server.data(), server.size());
    const int error = errno;  // Composing the message below may change it.
    REQUIRE_MESSAGE(connected == 0, text_of(error) << " at " << server.to_string());
    REQUIRE(::fcntl(made.get(), F_SETFL, O_NONBLOCK) == 0);
    return made;
}

bool is_not_yet(int error) {
    return error == EAGAIN || error == EINTR;
}

}  // namespace

client::client(const address& server) : socket_(connect_to(server, SOCK_STREAM)) {}

client::client(const address& server, int receive_buffer_bytes)
    : socket_(connect_to(server, SOCK_STREAM, receive_buffer_bytes)) {}

address client::local_address() const noexcept {
    return socket_address(socket_.get());
}

void client::send(std::string_view bytes) {
    const patience waiting;
    while (!bytes.empty()) {
        bytes.remove_prefix(send_what_fits(bytes));
        if (!bytes.empty()) {
            REQUIRE_FALSE(was_reset_);
            REQUIRE_MESSAGE(waiting.await(fd(), POLLOUT), "the other end does not read");
        }
    }
}

std::size_t client::send_what_fits(std::string_view bytes) {
    std::size_t total = 0;
    while (total < bytes.size()) {
        const auto sent = ::send(fd(), bytes.data() + total, bytes.size() - total, MSG_NOSIGNAL);
        if (sent < 0) {
            was_reset_ = errno == EPIPE || errno == ECONNRESET;
            REQUIRE_MESSAGE((was_reset_ || is_not_yet(errno)), text_of(errno));
            break;
        }
        total += static_cast<std::size_t>(sent);
    }
    return total;
}

void client::shutdown_write() {
    REQUIRE(::shutdown(fd(), SHUT_WR) == 0);
}

void client::reset() {
    const linger none{.l_onoff = 1, .l_linger = 0};
    REQUIRE(::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &none, sizeof none) == 0);
    socket_.reset();
}

bool client::has_more() const {
    pollfd watched{.fd = fd(), .events = POLLIN, .revents = 0};
    return ::poll(&watched, 1, 0) > 0;
}

bool client::receive_more() {
    const patience waiting;
    while (true) {
        const std::size_t before = pending_.size();
        pending_.resize(before + receive_bytes);
        const auto got = ::recv(fd(), pending_.data() + before, receive_bytes, 0);
        const int error = errno;
        pending_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        if (got >= 0) {
            return got > 0;
        }
        if (error == ECONNRESET) {
            was_reset_ = true;
            return false;
        }
        REQUIRE_MESSAGE(is_not_yet(error), text_of(error));
        REQUIRE_MESSAGE(waiting.await(fd(), POLLIN), "nothing comes after: " << pending_);
    }
}

std::string client::receive() {
    (void)receive_more();
    return std::exchange(pending_, {});
}

std::string client::receive_exactly(std::size_t bytes) {
    while (pending_.size() < bytes) {
        REQUIRE_MESSAGE(receive_more(), "it ended after " << pending_.size() << " bytes");
    }
    std::string taken = pending_.substr(0, bytes);
    pending_.erase(0, bytes);
    return taken;
}

std::string client::receive_until(std::string_view mark) {
    std::size_t found = 0;
    while ((found = pending_.find(mark)) == std::string::npos) {
        REQUIRE_MESSAGE(receive_more(), "it ended after: " << pending_);
    }
    return receive_exactly(found + mark.size());
}

std::string client::receive_to_end() {
    while (receive_more()) {
    }
    return std::exchange(pending_, {});
}

void echo_through(client& through, std::string_view bytes,
                  const std::vector<std::size_t>& piece_sizes) {
    std::size_t sent = 0;
    std::size_t received = 0;
    std::size_t next_piece = 0;
    std::string room(receive_bytes, '\0');
    bool ended = false;
    while (!ended) {
        const bool sending = sent < bytes.size();
        pollfd watched{through.fd(), static_cast<short>(sending ? POLLIN | POLLOUT : POLLIN), 0};
        REQUIRE_MESSAGE(::poll(&watched, 1, patience().milliseconds_left()) > 0,
                        sent << " bytes sent, " << received << " came back");
        if (sending && (watched.revents & POLLOUT) != 0) {
            const std::size_t piece = piece_sizes[next_piece++ % piece_sizes.size()];
            sent += through.send_what_fits(bytes.substr(sent, piece));
            if (sent == bytes.size()) {
                through.shutdown_write();
            }
        }
        if ((watched.revents & (POLLIN | POLLHUP | POLLERR)) != 0) {
            const auto got = ::recv(through.fd(), room.data(), room.size(), 0);
            REQUIRE_MESSAGE(got >= 0, text_of(errno) << " after " << received << " bytes");
            const std::string_view piece(room.data(), static_cast<std::size_t>(got));
            const bool same = bytes.substr(received, piece.size()) == piece;
            REQUIRE_MESSAGE(same, "other bytes came back near " << received);
            received += piece.size();
            ended = got == 0;
        }
    }
    CHECK(sent == bytes.size());
    CHECK(received == bytes.size());
}

datagram_client::datagram_client(const address& server) : socket_(connect_to(server, SOCK_DGRAM)) {}

void datagram_client::send(std::string_view bytes) {
    const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), 0);
    REQUIRE(sent == static_cast<ssize_t>(bytes.size()));
}

std::string datagram_client::receive() {
    REQUIRE_MESSAGE(patience().await(socket_.get(), POLLIN), "no datagram comes");
    constexpr std::size_t datagram_bytes_max = 65'536;
    std::string room(datagram_bytes_max, '\0');
    const auto got = ::recv(socket_.get(), room.data(), room.size(), 0);
    REQUIRE(got >= 0);
    room.resize(static_cast<std::size_t>(got));
    return room;
}

void need_descriptors(std::size_t count) {
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    REQUIRE_MESSAGE(limit.rlim_max >= count, "raise the limit of descriptors: ulimit -Hn");
    limit.rlim_cur = std::max<rlim_t>(limit.rlim_cur, count);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

}  // namespace rouse::test
