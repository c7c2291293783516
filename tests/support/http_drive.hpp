#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

#include "protocols/http/serve.hpp"
#include "runtime/time/timer_wheel.hpp"
#include "tests/support/fake_stream.hpp"
#include "tests/support/poll_once.hpp"

namespace rouse::test {

/// The responses of `output` without their Date and Server lines, which are the same everywhere.
[[nodiscard]] inline std::string plain(std::string output) {
    for (const std::string_view name : {"Date: ", "Server: "}) {
        for (auto at = output.find(name); at != std::string::npos; at = output.find(name, at)) {
            output.erase(at, output.find("\r\n", at) + 2 - at);
        }
    }
    return output;
}

/// How often `needle` occurs.
[[nodiscard]] inline std::size_t count_of(std::string_view text, std::string_view needle) {
    std::size_t count = 0;
    for (auto at = text.find(needle); at != std::string_view::npos;
         at = text.find(needle, at + 1)) {
        ++count;
    }
    return count;
}

/// An HTTP service with one connection to a fake peer, run by hand in virtual time: the connection
/// is polled when it was woken, and never otherwise.
class http_drive {
   public:
    explicit http_drive(const http::router& routes, http::service_limits limits = {})
        : shared(routes, limits) {
        connect();
    }
    http_drive(const http_drive&) = delete;
    http_drive& operator=(const http_drive&) = delete;
    ~http_drive() {
        serving_.reset();
        CHECK(peer->leased() == 0);
        CHECK(shared.counters().connections_open == 0);
    }

    /// A new connection to a new peer; the one before is dropped.
    void connect() {
        serving_.reset();
        peer = std::make_unique<fake_peer>();
        serving_.emplace(http::serve(shared, fake_stream(*peer)));
        seen_wakes_ = task_.wakes() - 1;  // It was spawned.
    }

    /// Polls once if it was woken. False when there was nothing to do.
    bool step() {
        if (!serving_ || task_.wakes() == seen_wakes_) {
            return false;
        }
        poll_now();
        return true;
    }
    /// Polls, woken or not.
    void poll_now() {
        REQUIRE(serving_);
        seen_wakes_ = task_.wakes();
        task_.budget.remaining = task_budget;
        ++polls;
        try {
            if (task_.poll(*serving_).is_ready()) {
                serving_.reset();
            }
        } catch (...) {
            failed = true;
            serving_.reset();
        }
    }
    /// Until nothing moves any more.
    void run() {
        for (std::size_t round = 0; step() || peer->take_turn(); ++round) {
            REQUIRE(round < rounds_max);
        }
    }
    /// The bytes arrive; what happens then, happens.
    void feed(std::string_view bytes) {
        peer->send(bytes);
        run();
    }
    void advance(milliseconds by) {
        timers.advance(timers.now() + by);
        run();
    }
    /// Feeds, and takes the output since the last call, without Date and Server.
    [[nodiscard]] std::string ask(std::string_view bytes) {
        feed(bytes);
        return take_output();
    }
    [[nodiscard]] std::string take_output() { return plain(std::exchange(peer->output, {})); }

    void drop() { serving_.reset(); }
    void drain() {
        shared.drain(timers);
        advance(milliseconds(0));
    }
    [[nodiscard]] bool is_open() const noexcept { return serving_.has_value(); }
    [[nodiscard]] http::service_counters& counters() noexcept { return shared.counters(); }

    timer_wheel timers{time_point(std::chrono::hours(1))};
    http::service shared;
    std::unique_ptr<fake_peer> peer;
    std::uint32_t task_budget = 128;
    std::size_t polls = 0;
    bool failed = false;  ///< It ended with an exception.

   private:
    static constexpr std::size_t rounds_max = 100'000;

    hand_task task_{&timers};
    int seen_wakes_ = 0;
    std::optional<decltype(http::serve(std::declval<http::service&>(),
                                       std::declval<fake_stream>()))>
        serving_;
};

}  // namespace rouse::test
