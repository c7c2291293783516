#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/base/unique_fd.hpp"
#include "tests/bench/endpoint.hpp"

namespace rouse::bench {

/// What a floor program answers: the fixed response once a request, or the bytes that came.
enum class floor_kind { http, echo };

struct floor_options {
    floor_kind kind;
    sockaddr_in address;
};

/// Reads `--http ADDR:PORT` or `--echo ADDR:PORT`; ends the program with exit code 2 on anything
/// else.
[[nodiscard]] inline floor_options parse_floor_options(int count, char** arguments) {
    const std::string_view flag = count == 3 ? arguments[1] : "";
    const auto address = parse_endpoint(count == 3 ? arguments[2] : "");
    if (!address || (flag != "--http" && flag != "--echo")) {
        std::fprintf(stderr, "usage: %s --http ADDR:PORT | --echo ADDR:PORT\n", arguments[0]);
        std::quick_exit(2);
    }
    return {flag == "--http" ? floor_kind::http : floor_kind::echo, *address};
}

/// Listens at `address` and prints "listening PORT". `type_flags` may add SOCK_NONBLOCK.
/// Accepted sockets inherit TCP_NODELAY from the listener (see tcp(7)), which saves a call for
/// each.
[[nodiscard]] inline unique_fd listen_at(sockaddr_in address, int type_flags) {
    unique_fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | type_flags, 0));
    const int on = 1;
    socklen_t length = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        ::setsockopt(listener.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        ::bind(listener.get(), generic, length) != 0 || ::listen(listener.get(), 4096) != 0 ||
        ::getsockname(listener.get(), generic, &length) != 0) {
        fail("listen", errno);
    }
    std::printf("listening %d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    return listener;
}

/// The bytes of roused's /plaintext answer in size and shape, with a date that stands still.
inline constexpr std::string_view response =
    "HTTP/1.1 200 OK\r\n"
    "Server: rouse\r\n"
    "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Length: 13\r\n"
    "\r\n"
    "Hello, World!";

/// How many responses one send may carry.
inline constexpr std::size_t responses_max = 256;

/// `responses_max` responses in a row: what is owed to a client is sent from here, without a copy.
[[nodiscard]] inline const std::string& response_block() {
    static const std::string block = [] {
        std::string text;
        for (std::size_t i = 0; i < responses_max; ++i) {
            text += response;
        }
        return text;
    }();
    return block;
}

/// The part of response_block that continues an answer of which `owed` bytes are left to send.
[[nodiscard]] inline std::string_view next_response_bytes(std::size_t owed) {
    const std::size_t partial = owed % response.size();
    const std::size_t start = partial == 0 ? 0 : response.size() - partial;
    return std::string_view(response_block()).substr(start, owed);
}

/// The end of a request's header block may be split over reads: the last bytes of the read before.
inline constexpr std::size_t tail_bytes = 3;
using request_tail = std::array<char, tail_bytes>;

/// Counts the "\r\n\r\n" that end within `data`. The tail_bytes of memory before `data` must be
/// writable; `tail` is put there and then replaced by the last bytes of this read.
[[nodiscard]] inline std::size_t count_request_ends(std::span<char> data, request_tail& tail) {
    constexpr std::size_t block_bytes =
        128;  // A byte counter cannot overflow, so the loop vectorises.
    char* const begin = data.data() - tail_bytes;
    std::memcpy(begin, tail.data(), tail_bytes);
    std::size_t ends = 0;
    for (std::size_t at = 0; at < data.size(); at += block_bytes) {
        const std::size_t stop = std::min(at + block_bytes, data.size());
        std::uint8_t found = 0;
        for (std::size_t i = at; i < stop; ++i) {
            const auto cr = static_cast<unsigned>(begin[i] == '\r') &
                            static_cast<unsigned>(begin[i + 2] == '\r');
            const auto lf = static_cast<unsigned>(begin[i + 1] == '\n') &
                            static_cast<unsigned>(begin[i + 3] == '\n');
            found = static_cast<std::uint8_t>(found + (cr & lf));
        }
        ends += found;
    }
    std::memcpy(tail.data(), begin + data.size(), tail_bytes);
    return ends;
}

}  // namespace rouse::bench
