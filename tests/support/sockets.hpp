#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/base/unique_fd.hpp"
#include "runtime/net/address.hpp"
#include "runtime/net/socket_option.hpp"

namespace rouse::test {

/// Two connected descriptors.
struct descriptor_pair {
    unique_fd near;
    unique_fd far;
};

[[nodiscard]] inline descriptor_pair unix_pair() {
    std::array<int, 2> made{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, made.data()) == 0);
    return {unique_fd(made[0]), unique_fd(made[1])};
}

/// The address of 127.0.0.1 with a port that the kernel picks.
[[nodiscard]] inline address any_port() {
    return address::parse("127.0.0.1:0").value();
}

/// A plain blocking client, connected to `server`.
[[nodiscard]] inline unique_fd connect_plain(const address& server) {
    unique_fd made(::socket(server.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(made);
    REQUIRE(::connect(made.get(), server.data(), server.size()) == 0);
    return made;
}

/// A plain listening socket on loopback.
[[nodiscard]] inline unique_fd listen_plain(int backlog = 16) {
    unique_fd made(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(made);
    const address where = any_port();
    REQUIRE(::bind(made.get(), where.data(), where.size()) == 0);
    REQUIRE(::listen(made.get(), backlog) == 0);
    return made;
}

[[nodiscard]] inline descriptor_pair tcp_pair() {
    const unique_fd listening = listen_plain();
    unique_fd far = connect_plain(socket_address(listening.get()));
    unique_fd near(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
    REQUIRE(near);
    return {std::move(near), std::move(far)};
}

/// Writes all of it; the socket must take it without a reader.
inline void write_all(const unique_fd& to, std::string_view text) {
    while (!text.empty()) {
        const auto sent = ::send(to.get(), text.data(), text.size(), MSG_NOSIGNAL);
        REQUIRE(sent > 0);
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
}

/// What one non-blocking read finds: its bytes, nothing at the end of the stream, or an errno.
struct read_answer {
    std::string text;
    bool end = false;
    int error = 0;
};

[[nodiscard]] inline read_answer read_now(const unique_fd& from) {
    std::array<char, 65536> room{};
    const auto got = ::recv(from.get(), room.data(), room.size(), MSG_DONTWAIT);
    if (got < 0) {
        return {.text = {}, .end = false, .error = errno};
    }
    return {.text = std::string(room.data(), static_cast<std::size_t>(got)), .end = got == 0};
}

/// Blocks until the peer ends the stream, in whatever way. Returns what came before.
inline std::string read_to_end(const unique_fd& from) {
    std::string all;
    std::array<char, 65536> room{};
    while (true) {
        const auto got = ::recv(from.get(), room.data(), room.size(), 0);
        if (got <= 0) {
            return all;
        }
        all.append(room.data(), static_cast<std::size_t>(got));
    }
}

/// `size` bytes in which each place differs from those near it and a period is no power of two.
[[nodiscard]] inline std::string pattern(std::size_t size, unsigned seed = 1) {
    std::string made(size, '\0');
    for (std::size_t i = 0; i < size; ++i) {
        made[i] = static_cast<char>((i * 131 + i / 251 + seed) & 0xffU);
    }
    return made;
}

}  // namespace rouse::test
