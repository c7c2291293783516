#include "server/health_check.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "runtime/base/unique_fd.hpp"
#include "server/duration_text.hpp"
#include "server/version.hpp"

namespace rouse::server {
namespace {

/// Of an answer's heads, up to the status line that counts.
constexpr std::size_t answer_bytes_max = 16'384;

using clock = std::chrono::steady_clock;
using status_result = std::expected<unsigned, std::string>;

std::unexpected<std::string> refuse(std::string_view why) {
    return std::unexpected(std::string(why));
}

// A connection, each of whose waits ends at the same moment.
class timed_connection {
   public:
    explicit timed_connection(std::chrono::milliseconds timeout)
        : timeout_(timeout), end_(clock::now() + timeout) {}

    std::expected<void, std::string> connect(const address& place) {
        socket_.reset(::socket(place.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        int error =
            !socket_ || ::connect(socket_.get(), place.data(), place.size()) != 0 ? errno : 0;
        if (error == EINPROGRESS) {
            if (!await(POLLOUT)) {
                return late();
            }
            socklen_t size = sizeof error;
            (void)::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
        }
        if (error != 0) {
            return refuse("cannot connect to " + place.to_string() + ": " + errno_text(error));
        }
        return {};
    }

    std::expected<void, std::string> send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent >= 0) {
                bytes.remove_prefix(static_cast<std::size_t>(sent));
            } else if (errno != EAGAIN) {
                return refuse(std::string("cannot send: ") + errno_text(errno));
            } else if (!await(POLLOUT)) {
                return late();
            }
        }
        return {};
    }

    // Appends what comes; false at the end of the stream.
    std::expected<bool, std::string> receive(std::string& bytes) {
        std::array<char, 2'048> room{};
        while (true) {
            const auto got = ::recv(socket_.get(), room.data(), room.size(), 0);
            if (got >= 0) {
                bytes.append(room.data(), static_cast<std::size_t>(got));
                return got > 0;
            }
            if (errno != EAGAIN) {
                return refuse(std::string("cannot receive: ") + errno_text(errno));
            }
            if (!await(POLLIN)) {
                return late();
            }
        }
    }

   private:
    [[nodiscard]] bool await(short events) const {
        pollfd watched{.fd = socket_.get(), .events = events, .revents = 0};
        while (true) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - clock::now());
            const auto wait = std::max<std::chrono::milliseconds::rep>(left.count(), 0);
            const int ready = ::poll(&watched, 1, static_cast<int>(wait));
            if (ready >= 0 || errno != EINTR) {
                return ready > 0;
            }
        }
    }

    [[nodiscard]] std::unexpected<std::string> late() const {
        return refuse("no answer within " + duration_text(timeout_));
    }

    std::chrono::milliseconds timeout_;
    clock::time_point end_;
    unique_fd socket_;
};

// The status of the answer at the start of `bytes`, once its line is there. RFC 9112, section 4:
// "HTTP/1.1 200 OK".
std::optional<status_result> read_status(std::string_view bytes) {
    constexpr std::string_view shape = "HTTP/1.d ddd";
    const std::size_t line_end = bytes.find('\n');
    if (line_end == std::string_view::npos) {
        return {};
    }
    const std::string_view line = bytes.substr(0, line_end);
    const bool fits = line.size() > shape.size() &&
                      std::ranges::equal(shape, line.substr(0, shape.size()), [](char a, char b) {
                          return a == 'd' ? b >= '0' && b <= '9' : a == b;
                      });
    const char after = fits ? line[shape.size()] : '\0';
    if (after != ' ' && after != '\r') {
        return refuse("the answer is not HTTP");
    }
    const auto digit = [line](std::size_t at) { return static_cast<unsigned>(line[at] - '0'); };
    return digit(9) * 100 + digit(10) * 10 + digit(11);
}

// Of the final answer, as soon as it can be told: interim ones are passed over. RFC 9110, 15.2.
std::optional<status_result> read_final_status(std::string_view bytes) {
    while (true) {
        auto status = read_status(bytes);
        if (!status || !*status || **status >= 200) {
            return status;
        }
        const std::size_t end = bytes.find("\r\n\r\n");
        if (end == std::string_view::npos) {
            return {};
        }
        bytes.remove_prefix(end + 4);
    }
}

status_result receive_status(timed_connection& from) {
    std::string bytes;
    while (bytes.size() < answer_bytes_max) {
        const auto more = from.receive(bytes);
        if (!more) {
            return std::unexpected(more.error());
        }
        if (auto status = read_final_status(bytes)) {
            return *std::move(status);
        }
        if (!*more) {
            return refuse("closed without an answer");
        }
    }
    return refuse("no status in the first " + std::to_string(answer_bytes_max) +
                  " bytes of the answer");
}

// Or why the first of them cannot be had.
std::expected<void, std::string> connect_first(timed_connection& connection,
                                               const std::vector<address>& places) {
    std::optional<std::expected<void, std::string>> first;
    for (const address& place : places) {
        auto done = connection.connect(place);
        if (done) {
            return done;
        }
        first = first ? std::move(first) : std::move(done);
    }
    return first ? *std::move(first) : refuse("there is nothing to ask");
}

}  // namespace

std::expected<void, std::string> ask_health(const health_question& question,
                                            std::chrono::milliseconds timeout) {
    timed_connection connection(timeout);
    auto done = connect_first(connection, question.places);
    if (done) {
        done = connection.send("GET " + question.target + " HTTP/1.1\r\nHost: " + question.host +
                               "\r\nUser-Agent: roused-health-check/" + std::string(version) +
                               "\r\nConnection: close\r\n\r\n");
    }
    if (!done) {
        return done;
    }
    const status_result status = receive_status(connection);
    if (!status) {
        return std::unexpected(status.error());
    }
    if (*status < 200 || *status > 299) {
        return refuse("answered " + std::to_string(*status));
    }
    return {};
}

}  // namespace rouse::server
