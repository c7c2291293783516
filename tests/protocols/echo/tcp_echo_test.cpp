#include "protocols/echo/tcp_echo.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "runtime/time/timer_wheel.hpp"
#include "tests/support/fake_stream.hpp"
#include "tests/support/poll_once.hpp"

namespace rouse::test {
namespace {

/// One echo connection, run by hand in virtual time: polled when it was woken, and never otherwise.
struct fixture {
    timer_wheel timers{time_point(std::chrono::hours(1))};
    echo::echo_service shared{
        {.idle_timeout = milliseconds(5'000), .write_timeout = milliseconds(1'000)}};
    fake_peer peer;
    hand_task task{&timers};
    std::optional<rouse::task<>> serving{echo::serve(shared, fake_stream(peer))};
    int seen_wakes = -1;
    std::uint32_t task_budget = 128;

    ~fixture() {
        serving.reset();
        CHECK(peer.leased() == 0);
        CHECK(shared.counters().connections_open == 0);
    }
    bool step() {
        if (!serving || task.wakes() == seen_wakes) {
            return false;
        }
        seen_wakes = task.wakes();
        task.budget.remaining = task_budget;
        if (task.poll(*serving).is_ready()) {
            serving.reset();
        }
        return true;
    }
    void run() {
        while (step() || peer.take_turn()) {
        }
    }
    void feed(std::string_view bytes) {
        peer.send(bytes);
        run();
    }
    void advance(milliseconds by) {
        timers.advance(timers.now() + by);
        run();
    }
    [[nodiscard]] bool is_open() const { return serving.has_value(); }
};

}  // namespace

TEST_SUITE("protocols/echo/tcp_echo") {
    TEST_CASE_FIXTURE(fixture, "what comes goes back") {
        feed("one");
        feed(" two");
        CHECK(peer.output == "one two");
        CHECK(shared.counters().connections_accepted == 1);
        CHECK(shared.counters().connections_open == 1);
        CHECK(peer.leased() == 0);
    }

    TEST_CASE_FIXTURE(fixture, "a peer that has ended gets everything, and then the end") {
        std::string bytes;
        for (int i = 0; i < 5'000; ++i) {
            bytes += std::to_string(i) + ",";
        }
        peer.mode = fake_peer::send_mode::held;
        peer.send(bytes);
        peer.end();
        run();
        CHECK(is_open());
        CHECK_FALSE(peer.write_ended);
        peer.mode = fake_peer::send_mode::in_turns;
        run();
        CHECK(peer.output == bytes);
        CHECK(peer.write_ended);
        CHECK_FALSE(is_open());
    }

    TEST_CASE_FIXTURE(fixture, "sends that are over at once make no difference") {
        peer.mode = fake_peer::send_mode::immediately;
        const std::string bytes(10 * test_buffers::size + 1, 'e');
        for (std::uint32_t budget = 1; budget < 4; ++budget) {
            task_budget = budget;
            peer.output.clear();
            feed(bytes);
            CHECK(peer.output == bytes);
        }
    }

    TEST_CASE_FIXTURE(fixture, "a peer that does not read is read no further") {
        peer.mode = fake_peer::send_mode::held;
        feed(std::string(20 * test_buffers::size, 'e'));
        CHECK(peer.receives == 2);
        CHECK(peer.leased() == 2);
        peer.finish_send();
        run();
        CHECK(peer.receives == 3);
    }

    TEST_CASE_FIXTURE(fixture, "a peer that sends nothing is closed at the idle deadline") {
        run();
        advance(milliseconds(4'999));
        feed("x");
        advance(milliseconds(4'999));
        CHECK(is_open());
        advance(milliseconds(1));
        CHECK_FALSE(is_open());
        CHECK(shared.counters().timeouts == 1);
    }

    TEST_CASE_FIXTURE(fixture, "a peer that does not read is closed at the write deadline") {
        peer.mode = fake_peer::send_mode::held;
        feed(std::string(3 * test_buffers::size, 'e'));
        advance(milliseconds(999));
        CHECK(is_open());
        feed("more");
        advance(milliseconds(1));
        CHECK_FALSE(is_open());
        CHECK(shared.counters().timeouts == 1);
    }

    TEST_CASE_FIXTURE(fixture, "an error of either way closes at once") {
        SUBCASE("receiving") {
            feed("abc");
            peer.end_with(errno_code(ECONNRESET));
            run();
        }
        SUBCASE("sending") {
            peer.fail_send = 0;
            feed("abc");
            CHECK(peer.output.empty());
        }
        CHECK_FALSE(is_open());
        CHECK_FALSE(peer.write_ended);
    }

    TEST_CASE_FIXTURE(fixture, "draining closes an idle connection at once") {
        feed("abc");
        shared.drain(timers);
        advance(milliseconds(0));
        CHECK_FALSE(is_open());
        CHECK(shared.counters().timeouts == 0);
    }

    TEST_CASE_FIXTURE(fixture, "draining sends back what has come before the close") {
        peer.mode = fake_peer::send_mode::held;
        const std::string bytes(5 * test_buffers::size, 'e');
        feed(bytes);
        shared.drain(timers);
        advance(milliseconds(0));
        CHECK(is_open());
        peer.mode = fake_peer::send_mode::in_turns;
        run();
        CHECK(peer.output == bytes);
        advance(echo::drain_look);
        CHECK_FALSE(is_open());
    }

    TEST_CASE_FIXTURE(fixture, "draining waits for what the kernel was not asked for") {
        peer.mode = fake_peer::send_mode::held;
        feed("first");
        shared.drain(timers);
        peer.finish_send();
        run();
        CHECK(is_open());
        feed(" second");  // As from a receive that had paused.
        peer.finish_send();
        run();
        CHECK(peer.output == "first second");
        CHECK(is_open());
        advance(echo::drain_look);
        CHECK_FALSE(is_open());
        CHECK(shared.counters().timeouts == 0);
    }

    TEST_CASE("a connection counts as open before it is polled") {
        echo::echo_service shared({});
        fake_peer peer;
        {
            const auto serving = echo::serve(shared, fake_stream(peer));
            CHECK(shared.counters().connections_open == 1);
        }
        CHECK(shared.counters().connections_open == 0);
        CHECK(peer.is_closed);
    }

    TEST_CASE("draining sends back what has come whatever the budget of a poll") {
        for (std::uint32_t budget = 1; budget < 6; ++budget) {
            fixture echo;
            echo.task_budget = budget;
            echo.peer.mode = fake_peer::send_mode::immediately;
            echo.run();
            const std::string bytes(9 * test_buffers::size, 'e');
            echo.peer.send(bytes);
            echo.shared.drain(echo.timers);
            echo.advance(milliseconds(0));
            CHECK(echo.peer.output == bytes);
            echo.advance(echo::drain_look);
            CHECK_FALSE(echo.is_open());
        }
    }

    TEST_CASE("draining closes a connection that has not begun") {
        fixture echo;
        echo.shared.drain(echo.timers);
        echo.run();
        CHECK_FALSE(echo.is_open());
    }

    TEST_CASE("a connection may be dropped after any poll") {
        bool finished = false;
        for (int stop = 0; !finished && stop < 100; ++stop) {
            fixture echo;
            echo.task_budget = 1;
            echo.peer.send(std::string(4 * test_buffers::size, 'e'));
            echo.peer.end();
            for (int i = 0; i < stop && (echo.step() || echo.peer.take_turn()); ++i) {
            }
            finished = !echo.is_open();
            echo.serving.reset();
            CHECK(echo.peer.is_closed);
        }
        CHECK(finished);
    }

    TEST_CASE_FIXTURE(fixture, "every end of a connection is told") {
        auto told = shared.closed().notified();
        run();
        CHECK(poll_once(told).is_pending());
        serving.reset();
        CHECK(poll_once(told).is_ready());
    }
}

}  // namespace rouse::test
