// Stands between clients and a server, and is what networks are: splits, joins, delays, stalls and
// cuts, each connection by the plan that follows from the seed and its number. Prints "listening
// PORT", and its counts when it gets SIGTERM.

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "tests/bench/endpoint.hpp"
#include "tests/bench/load.hpp"
#include "tests/soak/proxy_connection.hpp"

namespace rouse::soak {
namespace {

constexpr int events_max = 256;
constexpr int backlog = 4096;
constexpr std::uint64_t listener_id = 0;
constexpr std::uint64_t signal_id = 1;

class faulty_proxy {
   public:
    explicit faulty_proxy(const proxy_options& options)
        : options_(options),
          epoll_(::epoll_create1(EPOLL_CLOEXEC)),
          listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        sockaddr_in where{};
        socklen_t size = sizeof(where);
        where.sin_family = AF_INET;
        where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* const generic = reinterpret_cast<sockaddr*>(&where);
        if (::bind(listener_.get(), generic, size) != 0 ||
            ::listen(listener_.get(), backlog) != 0 ||
            ::getsockname(listener_.get(), generic, &size) != 0) {
            bench::fail("the proxy's listener", errno);
        }
        sigset_t ends{};
        (void)::sigemptyset(&ends);
        (void)::sigaddset(&ends, SIGTERM);
        (void)::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
        signals_.reset(::signalfd(-1, &ends, SFD_CLOEXEC));
        watch(listener_.get(), EPOLLIN, listener_id);
        watch(signals_.get(), EPOLLIN, signal_id);
        std::printf("listening %u\n", unsigned{ntohs(where.sin_port)});
        (void)std::fflush(stdout);
    }

    void run() {
        while (!ended_) {
            turn();
        }
        report();
    }

   private:
    struct place {
        std::unique_ptr<proxy_connection> connection;
        proxy_clock::time_point due = never;
    };

    void watch(int fd, std::uint32_t interest, std::uint64_t id) {
        epoll_event event{};
        event.events = interest;
        event.data.u64 = id;
        if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
            bench::fail("epoll_ctl", errno);
        }
    }

    void turn() {
        int wait = -1;
        if (!due_.empty()) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(due_.begin()->first -
                                                                           proxy_clock::now());
            wait = static_cast<int>(std::max<std::int64_t>(0, left.count()));
        }
        std::array<epoll_event, events_max> events;
        const int count = ::epoll_wait(epoll_.get(), events.data(), events_max, wait);
        const auto now = proxy_clock::now();
        for (int i = 0; i < count; ++i) {
            const std::uint64_t id = events[static_cast<std::size_t>(i)].data.u64;
            if (id == listener_id) {
                accept_all(now);
            } else if (id == signal_id) {
                ended_ = true;
            } else {
                advance(id, now);
            }
        }
        while (!due_.empty() && due_.begin()->first <= now) {
            advance(due_.begin()->second, now);
        }
    }

    void accept_all(proxy_clock::time_point now) {
        while (true) {
            sockaddr_in source{};
            socklen_t size = sizeof(source);
            unique_fd client(::accept4(listener_.get(), reinterpret_cast<sockaddr*>(&source), &size,
                                       SOCK_CLOEXEC | SOCK_NONBLOCK));
            if (!client) {
                return;  // None is there, or it has left already; too few descriptors end a load.
            }
            const int on = 1;
            (void)::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
            ++count_.connections;
            const std::uint64_t id = next_id_++;
            place& made = open_[id];
            made.connection =
                std::make_unique<proxy_connection>(options_, std::move(client), source);
            constexpr std::uint32_t interest = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
            watch(made.connection->client_fd(), interest, id);
            watch(made.connection->server_fd(), interest, id);
            advance(id, now);
        }
    }

    void advance(std::uint64_t id, proxy_clock::time_point now) {
        const auto found = open_.find(id);
        if (found == open_.end()) {
            return;  // Both of its sockets had an event, and the first ended it.
        }
        place& at = found->second;
        due_.erase({at.due, id});
        at.connection->advance(now, count_);
        if (at.connection->is_over()) {
            open_.erase(found);
            return;
        }
        at.due = at.connection->due();
        if (at.due != never) {
            due_.insert({at.due, id});
        }
    }

    void report() const {
        const auto line = [](const char* name, std::uint64_t value) {
            std::printf("%s=%llu ", name, static_cast<unsigned long long>(value));
        };
        line("connections", count_.connections);
        line("segments", count_.segments);
        line("delays", count_.delays);
        line("stalls", count_.stalls);
        line("ends", count_.ends);
        line("resets", count_.resets);
        line("vanished", count_.vanished);
        line("half_closes", count_.half_closes);
        line("spoilt", count_.spoilt);
        std::printf("open=%zu\n", open_.size());
    }

    proxy_options options_;
    unique_fd epoll_;
    unique_fd listener_;
    unique_fd signals_;
    std::unordered_map<std::uint64_t, place> open_;
    std::set<std::pair<proxy_clock::time_point, std::uint64_t>> due_;
    std::uint64_t next_id_ = signal_id + 1;
    proxy_counters count_;
    bool ended_ = false;
};

std::optional<spoiling> parse_spoiling(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, spoiling>, 7> all{{
        {"none", spoiling::none},
        {"flip", spoiling::flip},
        {"drop", spoiling::drop},
        {"twice", spoiling::twice},
        {"swap", spoiling::swap},
        {"close", spoiling::close},
        {"hang", spoiling::hang},
    }};
    const auto* const found = std::ranges::find(all, name, &decltype(all)::value_type::first);
    return found != all.end() ? std::optional(found->second) : std::nullopt;
}

}  // namespace
}  // namespace rouse::soak

int main(int count, char** values) {
    using namespace rouse::soak;
    using rouse::bench::find_option;
    const std::span arguments(values, static_cast<std::size_t>(count));
    const auto target =
        rouse::bench::parse_endpoint(find_option(arguments, "--target").value_or(""));
    const auto spoils = parse_spoiling(find_option(arguments, "--spoil").value_or("none"));
    if (!target || !spoils) {
        std::fprintf(stderr,
                     "usage: %s --target ADDR:PORT [--seed N] "
                     "[--spoil flip|drop|twice|swap|close|hang]\n",
                     values[0]);
        return 2;
    }
    (void)rouse::bench::raise_descriptor_limit();
    faulty_proxy({.target = *target,
                  .seed = rouse::bench::number_option<std::uint64_t>(arguments, "--seed", 1),
                  .spoils = *spoils})
        .run();
    return 0;
}
