// The least that an epoll server can do for a request: one wait a batch, one recv, one send.

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/bench/floor/floor.hpp"

namespace rouse::bench {
namespace {

constexpr std::size_t events_max = 512;
constexpr std::size_t read_bytes_max = 16'384;

struct connection {
    unique_fd socket;
    request_tail tail{};
    bool waits_to_write = false;
    std::size_t responses_owed_bytes = 0;
    std::string echo_owed;
};

class epoll_floor {
   public:
    explicit epoll_floor(const floor_options& options)
        : kind_(options.kind),
          epoll_(::epoll_create1(EPOLL_CLOEXEC)),
          listener_(listen_at(options.address, SOCK_NONBLOCK)) {
        watch(EPOLL_CTL_ADD, listener_.get(), EPOLLIN);
    }

    [[noreturn]] void run() {
        std::array<epoll_event, events_max> events;
        for (;;) {
            const int count = ::epoll_wait(epoll_.get(), events.data(), events_max, -1);
            if (count < 0 && errno != EINTR) {
                fail("epoll_wait", errno);
            }
            for (int i = 0; i < count; ++i) {
                const epoll_event& event = events[static_cast<std::size_t>(i)];
                if (event.data.fd == listener_.get()) {
                    accept_all();
                    continue;
                }
                auto& peer = connections_[static_cast<std::size_t>(event.data.fd)];
                if (!(peer.waits_to_write ? write_on(peer) : read_on(peer))) {
                    peer = connection{};
                }
            }
        }
    }

   private:
    void watch(int action, int fd, std::uint32_t interest) {
        epoll_event event{};
        event.events = interest;
        event.data.fd = fd;
        if (::epoll_ctl(epoll_.get(), action, fd, &event) != 0) {
            fail("epoll_ctl", errno);
        }
    }

    void accept_all() {
        for (;;) {
            const int fd =
                ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd < 0) {
                if (errno == ECONNABORTED || errno == EINTR) {
                    continue;
                }
                if (errno == EAGAIN) {
                    return;
                }
                fail("accept", errno);
            }
            const auto index = static_cast<std::size_t>(fd);
            if (connections_.size() <= index) {
                connections_.resize(index + 1);
            }
            connections_[index].socket.reset(fd);
            watch(EPOLL_CTL_ADD, fd, EPOLLIN);
        }
    }

    /// False ends the connection.
    [[nodiscard]] bool read_on(connection& peer) {
        for (;;) {
            const ssize_t got = ::recv(peer.socket.get(), &buffer_[tail_bytes], read_bytes_max, 0);
            if (got <= 0) {
                return got < 0 && (errno == EAGAIN || errno == EINTR);
            }
            const auto size = static_cast<std::size_t>(got);
            if (!answer(peer, {&buffer_[tail_bytes], size})) {
                return false;
            }
            // A short read means that the socket is empty: the call that would say so is saved.
            if (size < read_bytes_max || peer.waits_to_write) {
                return true;
            }
        }
    }

    [[nodiscard]] bool answer(connection& peer, std::span<char> data) {
        if (kind_ == floor_kind::http) {
            peer.responses_owed_bytes = count_request_ends(data, peer.tail) * response.size();
            return send_responses(peer);
        }
        std::size_t sent = 0;
        if (!send_some(peer, {data.data(), data.size()}, sent)) {
            return false;
        }
        if (sent < data.size()) {
            peer.echo_owed.assign(data.data() + sent, data.size() - sent);
            wait_to_write(peer, true);
        }
        return true;
    }

    [[nodiscard]] bool write_on(connection& peer) {
        if (kind_ == floor_kind::http) {
            return send_responses(peer);
        }
        std::size_t sent = 0;
        if (!send_some(peer, peer.echo_owed, sent)) {
            return false;
        }
        peer.echo_owed.erase(0, sent);
        wait_to_write(peer, !peer.echo_owed.empty());
        return true;
    }

    [[nodiscard]] bool send_responses(connection& peer) {
        while (peer.responses_owed_bytes > 0) {
            const std::string_view bytes = next_response_bytes(peer.responses_owed_bytes);
            std::size_t sent = 0;
            if (!send_some(peer, bytes, sent)) {
                return false;
            }
            peer.responses_owed_bytes -= sent;
            if (sent < bytes.size()) {
                break;
            }
        }
        wait_to_write(peer, peer.responses_owed_bytes > 0);
        return true;
    }

    [[nodiscard]] static bool send_some(connection& peer, std::string_view bytes,
                                        std::size_t& sent) {
        const ssize_t count = ::send(peer.socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        sent = static_cast<std::size_t>(count);
        return true;
    }

    /// While answers wait, nothing more is read: that bounds the memory for a peer that does not
    /// read.
    void wait_to_write(connection& peer, bool wait) {
        if (std::exchange(peer.waits_to_write, wait) != wait) {
            watch(EPOLL_CTL_MOD, peer.socket.get(), wait ? EPOLLOUT : EPOLLIN);
        }
    }

    floor_kind kind_;
    unique_fd epoll_;
    unique_fd listener_;
    std::vector<connection> connections_;  // By descriptor.
    std::array<char, tail_bytes + read_bytes_max> buffer_{};
};

}  // namespace
}  // namespace rouse::bench

int main(int count, char** arguments) {
    const auto options = rouse::bench::parse_floor_options(count, arguments);
    (void)rouse::bench::raise_descriptor_limit();
    rouse::bench::epoll_floor(options).run();
}
