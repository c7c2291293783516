#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <string_view>

#include "runtime/base/unique_fd.hpp"
#include "tests/bench/endpoint.hpp"

namespace rouse::bench {

/// Descriptors that a load program has besides its connections: standard streams, epoll and some
/// slack.
inline constexpr std::size_t other_descriptors = 16;

/// The value that follows `name` on the command line.
[[nodiscard]] inline std::optional<std::string_view> find_option(std::span<char*> arguments,
                                                                 std::string_view name) {
    for (std::size_t i = 1; i + 1 < arguments.size(); i += 2) {
        if (arguments[i] == name) {
            return arguments[i + 1];
        }
    }
    return std::nullopt;
}

/// A number from the command line, or `otherwise` if it is not given. Ends the program on anything
/// else.
template <class Number>
[[nodiscard]] Number number_option(std::span<char*> arguments, std::string_view name,
                                   Number otherwise) {
    const auto text = find_option(arguments, name);
    const auto value = text ? parse_number<Number>(*text) : otherwise;
    if (!value || *value < Number{}) {
        std::fprintf(stderr, "%.*s needs a number that is not negative\n",
                     static_cast<int>(name.size()), name.data());
        std::quick_exit(2);
    }
    return *value;
}

/// Raises the descriptor limit for `connections`; ends the program with the cure if that cannot be
/// done.
inline void need_descriptors(std::size_t connections) {
    const auto limit = raise_descriptor_limit();
    if (limit < connections + other_descriptors) {
        std::fprintf(stderr,
                     "%zu connections need %zu descriptors, and the hard limit is %llu: raise it "
                     "(ulimit -Hn, or LimitNOFILE= of the service) or ask for fewer connections\n",
                     connections, connections + other_descriptors,
                     static_cast<unsigned long long>(limit));
        std::quick_exit(1);
    }
}

/// A connected blocking socket whose calls give up after five seconds. Every 4,096 connections
/// leave from another address of 127.0.0.0/8, so that the ports of one address do not run out.
[[nodiscard]] inline unique_fd connect_to(const sockaddr_in& target, std::size_t index) {
    unique_fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    const timeval patience{.tv_sec = 5, .tv_usec = 0};
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(index / 4096));
    const bool is_loopback = ntohl(target.sin_addr.s_addr) >> 24U == IN_LOOPBACKNET;
    const auto generic = [](const sockaddr_in& address) {
        return reinterpret_cast<const sockaddr*>(&address);
    };
    if (::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
        ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0 ||
        ::setsockopt(socket.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) != 0 ||
        (is_loopback && ::bind(socket.get(), generic(source), sizeof(source)) != 0) ||
        ::connect(socket.get(), generic(target), sizeof(target)) != 0) {
        fail("connect", errno);
    }
    return socket;
}

}  // namespace rouse::bench
