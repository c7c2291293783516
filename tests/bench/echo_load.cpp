// Load for an echo server. Each connection sends a message, waits for its echo, compares every
// byte, and sends the next; the bytes are a pseudo-random stream of the connection's own, so that
// an echo of another connection's bytes, or of an older message, is a mismatch.

#include <fcntl.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/bench/latency_histogram.hpp"
#include "tests/bench/load.hpp"

namespace rouse::bench {
namespace {

using clock_type = std::chrono::steady_clock;

constexpr int events_max = 256;
constexpr std::size_t read_bytes_max = 65'536;
/// How long the echoes of the last messages may take before they count as errors.
constexpr auto grace = std::chrono::seconds(2);

struct echo_options {
    sockaddr_in target;
    std::size_t connections;
    double seconds;
    std::size_t message_bytes;
};

struct connection {
    unique_fd socket;
    std::uint64_t pattern = 0;
    std::vector<char> message;
    std::size_t sent_bytes = 0;
    std::size_t echoed_bytes = 0;
    bool waits_to_write = false;
    clock_type::time_point started;
};

/// Fills the message with the next bytes of the connection's stream (splitmix64, public domain).
void next_message(connection& peer) {
    for (std::size_t at = 0; at < peer.message.size(); at += sizeof(std::uint64_t)) {
        std::uint64_t word = peer.pattern += 0x9e3779b97f4a7c15U;
        word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9U;
        word = (word ^ (word >> 27U)) * 0x94d049bb133111ebU;
        word ^= word >> 31U;
        std::memcpy(&peer.message[at], &word, std::min(sizeof(word), peer.message.size() - at));
    }
    peer.sent_bytes = 0;
    peer.echoed_bytes = 0;
}

class echo_load {
   public:
    explicit echo_load(const echo_options& options)
        : options_(options), epoll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(read_bytes_max) {
        connections_.reserve(options.connections);
        for (std::size_t i = 0; i < options.connections; ++i) {
            connection& peer = connections_.emplace_back();
            peer.socket = connect_to(options.target, i);
            peer.pattern = i << 40U;  // Far enough apart: streams of neighbours never meet.
            peer.message.resize(options.message_bytes);
            (void)::fcntl(peer.socket.get(), F_SETFL, O_NONBLOCK);  // Cannot fail on a socket.
            watch(peer, EPOLL_CTL_ADD, EPOLLIN);
        }
    }

    /// Runs the load and prints its line. True if every byte was right and no socket failed.
    [[nodiscard]] bool run() {
        const auto start = clock_type::now();
        const auto window = std::chrono::duration<double>(options_.seconds);
        stop_at_ = start + std::chrono::duration_cast<clock_type::duration>(window);
        for (connection& peer : connections_) {
            begin_message(peer, start);
        }
        auto now = start;
        while (in_flight_ > 0 && now < stop_at_ + grace) {
            turn();
            now = clock_type::now();
        }
        errors_ += in_flight_;
        report(std::chrono::duration<double>(std::min(now, stop_at_) - start).count());
        return mismatches_ == 0 && errors_ == 0;
    }

   private:
    void watch(connection& peer, int action, std::uint32_t interest) {
        epoll_event event{};
        event.events = interest;
        event.data.ptr = &peer;
        if (::epoll_ctl(epoll_.get(), action, peer.socket.get(), &event) != 0) {
            fail("epoll_ctl", errno);
        }
    }

    void turn() {
        std::array<epoll_event, events_max> events;
        constexpr int patience_milliseconds =
            100;  // So that a silent server does not hide the deadline.
        const int count =
            ::epoll_wait(epoll_.get(), events.data(), events_max, patience_milliseconds);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            auto& peer = *static_cast<connection*>(event.data.ptr);
            if ((event.events & EPOLLOUT) != 0) {
                send_rest(peer);
            }
            if (peer.socket && (event.events & ~std::uint32_t{EPOLLOUT}) != 0) {
                receive(peer);
            }
        }
    }

    void begin_message(connection& peer, clock_type::time_point now) {
        next_message(peer);
        peer.started = now;
        ++in_flight_;
        send_rest(peer);
    }

    void send_rest(connection& peer) {
        const std::span<const char> rest = std::span(peer.message).subspan(peer.sent_bytes);
        const ssize_t count = ::send(peer.socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (count < 0 && errno != EAGAIN) {
            return give_up(peer, errors_);
        }
        peer.sent_bytes += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
        const bool wait = peer.sent_bytes < peer.message.size();
        if (std::exchange(peer.waits_to_write, wait) != wait) {
            watch(peer, EPOLL_CTL_MOD, wait ? EPOLLIN | EPOLLOUT : EPOLLIN);
        }
    }

    void receive(connection& peer) {
        const ssize_t count = ::recv(peer.socket.get(), buffer_.data(), buffer_.size(), 0);
        if (count < 0 && errno == EAGAIN) {
            return;
        }
        if (count <= 0) {
            return give_up(peer, errors_);
        }
        const auto size = static_cast<std::size_t>(count);
        // More than was sent can only be wrong, as is anything after the last echo.
        if (size > peer.sent_bytes - peer.echoed_bytes ||
            std::memcmp(buffer_.data(), &peer.message[peer.echoed_bytes], size) != 0) {
            return give_up(peer, mismatches_);
        }
        peer.echoed_bytes += size;
        if (peer.echoed_bytes < peer.message.size()) {
            return;
        }
        const auto now = clock_type::now();
        latencies_.add(static_cast<std::uint64_t>((now - peer.started).count()));
        --in_flight_;
        // An echo that comes after the window is checked like the others, but is not part of the
        // rate.
        if (now < stop_at_) {
            ++messages_;
            begin_message(peer, now);
        }
    }

    void give_up(connection& peer, std::uint64_t& counter) {
        ++counter;
        if (peer.echoed_bytes < peer.message.size()) {
            --in_flight_;
        }
        peer.socket.reset();
    }

    void report(double seconds) const {
        const auto microseconds = [this](double share) {
            return static_cast<double>(latencies_.percentile(share)) / 1000.0;
        };
        std::printf(
            "messages=%llu mismatches=%llu errors=%llu seconds=%.3f rate=%.1f p50_us=%.1f "
            "p99_us=%.1f p99_9_us=%.1f\n",
            static_cast<unsigned long long>(messages_),
            static_cast<unsigned long long>(mismatches_), static_cast<unsigned long long>(errors_),
            seconds, static_cast<double>(messages_) / seconds, microseconds(0.5),
            microseconds(0.99), microseconds(0.999));
    }

    echo_options options_;
    unique_fd epoll_;
    std::vector<connection> connections_;
    std::vector<char> buffer_;
    clock_type::time_point stop_at_;
    latency_histogram latencies_;
    std::uint64_t in_flight_ = 0;
    std::uint64_t messages_ = 0;
    std::uint64_t mismatches_ = 0;
    std::uint64_t errors_ = 0;
};

void pin_to(unsigned cpu) {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET(cpu, &cpus);
    if (::sched_setaffinity(0, sizeof(cpus), &cpus) != 0) {
        fail("--pin", errno);
    }
}

}  // namespace
}  // namespace rouse::bench

int main(int count, char** values) {
    using namespace rouse::bench;
    const std::span arguments(values, static_cast<std::size_t>(count));
    const auto target = parse_endpoint(find_option(arguments, "--target").value_or(""));
    const echo_options options{
        .target = target.value_or(sockaddr_in{}),
        .connections = number_option<std::size_t>(arguments, "--connections", 64),
        .seconds = number_option(arguments, "--seconds", 5.0),
        .message_bytes = number_option<std::size_t>(arguments, "--size", 64),
    };
    if (!target || options.connections == 0 || options.seconds <= 0 || options.message_bytes == 0) {
        std::fprintf(stderr,
                     "usage: %s --target ADDR:PORT [--connections N] [--seconds S] [--size BYTES] "
                     "[--pin CPU]\n",
                     values[0]);
        return 2;
    }
    if (find_option(arguments, "--pin")) {
        pin_to(number_option(arguments, "--pin", 0U));
    }
    need_descriptors(options.connections);
    return echo_load(options).run() ? 0 : 1;
}
