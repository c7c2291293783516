// Opens keep-alive connections, makes one request on each, and holds them until its standard input
// is closed: between the line "ready N" and that moment a runner reads the server's memory.

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/load.hpp"

namespace rouse::bench {
namespace {

constexpr std::size_t response_bytes_max = 65'536;

[[noreturn]] void refuse(std::size_t index, std::string_view why, const std::string& response) {
    constexpr std::size_t shown_bytes_max = 200;
    std::fprintf(stderr, "connection %zu: %.*s: \"%s\"\n", index, static_cast<int>(why.size()),
                 why.data(), response.substr(0, shown_bytes_max).c_str());
    std::quick_exit(1);
}

/// The size that the head promises for the body, if it says so.
[[nodiscard]] std::optional<std::size_t> content_length(std::string_view head) {
    std::string lower(head);
    for (char& c : lower) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    constexpr std::string_view name = "\r\ncontent-length:";
    const auto found = lower.find(name);
    if (found == std::string::npos) {
        return std::nullopt;
    }
    const auto start = lower.find_first_not_of(' ', found + name.size());
    const auto end = lower.find('\r', start);
    return parse_number<std::size_t>(std::string_view(lower).substr(start, end - start));
}

/// Makes one request and reads the whole answer, so that nothing but the connection itself stays
/// behind.
void request_once(const unique_fd& socket, std::string_view request, std::size_t index) {
    if (::send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(request.size())) {
        fail("send", errno);
    }
    std::string response;
    std::optional<std::size_t> whole_bytes;
    while (!whole_bytes || response.size() < *whole_bytes) {
        std::array<char, 4096> buffer;
        const ssize_t got = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
        if (got < 0) {
            fail("recv", errno);
        }
        if (got == 0 || response.size() > response_bytes_max) {
            refuse(index, "no complete answer", response);
        }
        response.append(buffer.data(), static_cast<std::size_t>(got));
        const auto head_end = response.find("\r\n\r\n");
        if (!whole_bytes && head_end != std::string::npos) {
            const auto body_bytes =
                content_length(std::string_view(response).substr(0, head_end + 2));
            if (!response.starts_with("HTTP/1.1 200") || !body_bytes) {
                refuse(index, "not a 200 with Content-Length", response);
            }
            whole_bytes = head_end + 4 + *body_bytes;
        }
    }
    if (response.size() > *whole_bytes) {
        refuse(index, "bytes after the answer", response);
    }
}

void wait_for_end_of_input() {
    std::array<char, 256> ignored;
    for (;;) {
        const ssize_t got = ::read(STDIN_FILENO, ignored.data(), ignored.size());
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return;
        }
    }
}

/// How many of the connections the server has closed or written to since their answer.
[[nodiscard]] std::size_t count_disturbed(const std::vector<unique_fd>& connections) {
    std::size_t disturbed = 0;
    for (const unique_fd& socket : connections) {
        pollfd entry{.fd = socket.get(), .events = POLLIN, .revents = 0};
        disturbed += ::poll(&entry, 1, 0) != 0 ? 1 : 0;
    }
    return disturbed;
}

}  // namespace
}  // namespace rouse::bench

int main(int count, char** values) {
    using namespace rouse::bench;
    const std::span arguments(values, static_cast<std::size_t>(count));
    const std::string endpoint(find_option(arguments, "--target").value_or(""));
    const auto target = parse_endpoint(endpoint);
    const auto connections = number_option<std::size_t>(arguments, "--connections", 9000);
    if (!target || connections == 0) {
        std::fprintf(stderr, "usage: %s --target ADDR:PORT [--connections N] [--request PATH]\n",
                     values[0]);
        return 2;
    }
    need_descriptors(connections);
    const std::string path(find_option(arguments, "--request").value_or("/plaintext"));
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + endpoint + "\r\n\r\n";

    std::vector<rouse::unique_fd> held;
    held.reserve(connections);
    for (std::size_t i = 0; i < connections; ++i) {
        request_once(held.emplace_back(connect_to(*target, i)), request, i);
    }
    std::printf("ready %zu\n", held.size());
    std::fflush(stdout);
    wait_for_end_of_input();
    if (const std::size_t disturbed = count_disturbed(held); disturbed > 0) {
        std::fprintf(stderr, "%zu of %zu connections did not stay idle and open\n", disturbed,
                     held.size());
        return 1;
    }
    return 0;
}
