// Makes connections with a model of what must come back on each, and counts what became of every
// request. Exit code: 0 everything came back, 1 something was wrong, 2 bad arguments.

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tests/bench/endpoint.hpp"
#include "tests/bench/load.hpp"
#include "tests/soak/client_connection.hpp"
#include "tests/soak/source_address.hpp"
#include "tests/soak/tally.hpp"

namespace rouse::soak {
namespace {

using clock_type = std::chrono::steady_clock;

constexpr int events_max = 256;
constexpr std::uint64_t faults_shown_max = 20;

struct load_options {
    client_options client;
    std::uint32_t first = 0;  ///< Number of the first connection.
    std::uint32_t connections = 1;
    std::uint32_t at_once = 64;
    std::chrono::milliseconds patience{10'000};  ///< Without any event.
};

class soak_load {
   public:
    explicit soak_load(const load_options& options)
        : options_(options), epoll_(::epoll_create1(EPOLL_CLOEXEC)), open_(options.at_once) {}

    [[nodiscard]] bool run() {
        const auto start = clock_type::now();
        for (place& each : open_) {
            begin_next(each);
        }
        while (count_open_ > 0 && turn()) {
        }
        for (place& each : open_) {
            if (each) {
                each->give_up(tally_);
                settle(each);
            }
        }
        report(std::chrono::duration<double>(clock_type::now() - start).count());
        return tally_.is_good();
    }

   private:
    using place = std::unique_ptr<client_connection>;

    void begin_next(place& at) {
        if (begun_ == options_.connections) {
            return;
        }
        at = std::make_unique<client_connection>(options_.client, options_.first + begun_++);
        ++count_open_;
        epoll_event event{};
        event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
        event.data.ptr = &at;
        if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, at->fd(), &event) != 0) {
            bench::fail("epoll_ctl", errno);
        }
    }

    // False when nothing has happened for too long.
    bool turn() {
        std::array<epoll_event, events_max> events;
        const int count = ::epoll_wait(epoll_.get(), events.data(), events_max,
                                       static_cast<int>(options_.patience.count()));
        for (int i = 0; i < count; ++i) {
            auto& at = *static_cast<place*>(events[static_cast<std::size_t>(i)].data.ptr);
            at->advance(tally_);
            if (at->is_over()) {
                settle(at);
                begin_next(at);
            }
        }
        return count != 0;
    }

    void settle(place& at) {
        if (!at->fault().empty() && faults_shown_++ < faults_shown_max) {
            std::fprintf(stderr, "connection %u: %s\n", at->number(), at->fault().c_str());
        }
        if (at->is_refused() && options_.client.may_close) {
            begun_ = options_.connections;  // It has drained, and is gone.
        }
        --count_open_;
        at.reset();
    }

    void report(double seconds) const {
        const auto line = [](const char* name, std::uint64_t value) {
            std::printf("%s=%llu ", name, static_cast<unsigned long long>(value));
        };
        line("connections", tally_.connections);
        line("requests", tally_.requests);
        line("answers", tally_.answers);
        line("abandoned", tally_.abandoned);
        line("cut", tally_.cut);
        line("closed", tally_.closed);
        line("lost", tally_.lost);
        line("spoilt", tally_.spoilt);
        line("mismatches", tally_.mismatches);
        line("connections_abandoned", tally_.connections_abandoned);
        line("connections_cut", tally_.connections_cut);
        line("connections_closed", tally_.connections_closed);
        line("connections_lost", tally_.connections_lost);
        line("bytes_sent", tally_.bytes_sent);
        line("bytes_received", tally_.bytes_received);
        line("adds_up", tally_.adds_up() ? 1 : 0);
        std::printf("seconds=%.3f\n", seconds);
    }

    load_options options_;
    unique_fd epoll_;
    std::vector<place> open_;
    std::uint32_t begun_ = 0;
    std::uint32_t count_open_ = 0;
    std::uint64_t faults_shown_ = 0;
    tally tally_;
};

}  // namespace
}  // namespace rouse::soak

int main(int count, char** values) {
    using namespace rouse::soak;
    using rouse::bench::find_option;
    using rouse::bench::number_option;
    const std::span arguments(values, static_cast<std::size_t>(count));
    const auto target =
        rouse::bench::parse_endpoint(find_option(arguments, "--target").value_or(""));
    const auto protocol = find_option(arguments, "--protocol").value_or("http");
    const auto patience = number_option<std::uint32_t>(arguments, "--patience-ms", 10'000);
    const load_options options{
        .client = {.target = target.value_or(sockaddr_in{}),
                   .echo = protocol == "echo",
                   .size = {.requests = number_option<std::uint64_t>(arguments, "--requests", 1),
                            .at_once = number_option<std::uint64_t>(arguments, "--depth", 1)},
                   .seed = number_option<std::uint64_t>(arguments, "--seed", 1),
                   .proxied = find_option(arguments, "--proxied").value_or("no") == "yes",
                   .may_close = find_option(arguments, "--may-close").value_or("no") == "yes",
                   .may_fail = find_option(arguments, "--may-fail").value_or("no") == "yes"},
        .first = number_option<std::uint32_t>(arguments, "--first", 0),
        .connections = number_option<std::uint32_t>(arguments, "--connections", 1),
        .at_once = number_option<std::uint32_t>(arguments, "--at-once", 64),
        .patience = std::chrono::milliseconds(patience)};
    if (!target || (protocol != "http" && protocol != "echo") || options.at_once == 0 ||
        options.client.size.requests == 0 || options.client.size.at_once == 0 ||
        options.connections > connections_max - options.first) {
        std::fprintf(
            stderr,
            "usage: %s --target ADDR:PORT [--protocol http|echo] [--connections N] "
            "[--at-once N] [--requests N] [--depth N] [--seed N] [--first N] "
            "[--proxied yes|no] [--may-close yes|no] [--may-fail yes|no] [--patience-ms N]\n",
            values[0]);
        return 2;
    }
    rouse::bench::need_descriptors(options.at_once);
    return soak_load(options).run() ? 0 : 1;
}
