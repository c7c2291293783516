#include <string>

#include <doctest/doctest.h>

#include "tests/support/http_drive.hpp"
#include "tests/support/http_routes.hpp"

namespace rouse::test {
namespace {

constexpr std::string_view request = "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr milliseconds tick{1};

http::service_limits limits() {
    return {.head = {},
            .header_timeout = milliseconds(1'000),
            .idle_timeout = milliseconds(6'000),
            .body_timeout = milliseconds(3'000),
            .body_rate_min = 0,
            .write_timeout = milliseconds(2'000),
            .linger_timeout = milliseconds(200)};
}

task<http::response> stream_after(manual_control<std::string>& control) {
    (void)co_await manual_future<std::string>(control);
    co_return http::response::stream(
        std::make_unique<pieces_body>(std::vector<std::string>{"one", "three"}, 8), {});
}

struct fixture : http_routes {
    http_drive server{routes, limits()};
};

}  // namespace

TEST_SUITE("protocols/http/connection deadlines") {
    TEST_CASE_FIXTURE(fixture, "an idle connection closes at its deadline and not before") {
        server.run();
        server.advance(milliseconds(6'000) - tick);
        CHECK(server.is_open());
        server.advance(tick);
        CHECK_FALSE(server.is_open());
        CHECK(server.counters().timeouts == 0);
        CHECK(server.peer->output.empty());
    }

    TEST_CASE_FIXTURE(fixture, "each answer puts the idle deadline off") {
        for (int i = 0; i < 5; ++i) {
            server.advance(milliseconds(5'000));
            CHECK(server.ask(request).ends_with("hello"));
        }
        server.advance(milliseconds(6'000) - tick);
        CHECK(server.is_open());
        server.advance(tick);
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture,
                      "a head that trickles in gets 408 at the deadline of its first byte") {
        server.feed("G");
        for (int i = 0; i < 9; ++i) {
            server.advance(milliseconds(100));
            server.feed("E");
        }
        CHECK(server.take_output().empty());
        server.advance(milliseconds(100));
        const std::string answer = server.take_output();
        CHECK(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
        CHECK(count_of(answer, "Connection: close\r\n") == 1);
        CHECK(server.peer->write_ended);
        CHECK(server.counters().timeouts == 1);
        server.advance(milliseconds(200));
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "the deadline of a head begins anew for the next one") {
        server.feed("GET /plain HTTP/1.1\r\nHo");
        server.advance(milliseconds(900));
        CHECK(server.ask("st: a\r\n\r\nGET").ends_with("hello"));
        server.advance(milliseconds(900));
        CHECK(server.ask(" /plain HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("hello"));
    }

    TEST_CASE_FIXTURE(fixture, "empty lines between requests leave a connection idle") {
        CHECK(server.ask(std::string(request) + "\r\n").ends_with("hello"));
        server.advance(milliseconds(5'000));
        CHECK(server.take_output().empty());
        CHECK(server.ask(request).ends_with("hello"));
        (void)server.ask("\r");
        server.advance(milliseconds(5'000));
        CHECK(server.ask("\n" + std::string(request)).ends_with("hello"));
        server.feed("\r\n");
        server.drain();
        CHECK_FALSE(server.is_open());
        CHECK(server.peer->output.empty());
    }

    TEST_CASE_FIXTURE(fixture, "a body that stops gets 408 and each piece puts that off") {
        server.feed("POST /all HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
        for (int i = 0; i < 5; ++i) {
            server.advance(milliseconds(2'900));
            server.feed("a");
        }
        server.advance(milliseconds(3'000) - tick);
        CHECK(server.take_output().empty());
        server.advance(tick);
        CHECK(server.take_output().starts_with("HTTP/1.1 408 "));
        CHECK(server.counters().timeouts == 1);
        server.advance(milliseconds(200));
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "a body that nobody reads and that stops closes the connection") {
        CHECK(server.ask("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
                  .ends_with("ignored"));
        server.advance(milliseconds(3'000));
        server.advance(milliseconds(200));
        CHECK_FALSE(server.is_open());
        CHECK(server.take_output().empty());
    }

    TEST_CASE_FIXTURE(fixture, "a peer that does not read is closed") {
        server.peer->mode = fake_peer::send_mode::held;
        server.feed(request);
        server.advance(milliseconds(2'000) - tick);
        CHECK(server.is_open());
        server.advance(tick);
        CHECK_FALSE(server.is_open());
        CHECK(server.counters().timeouts == 1);
    }

    TEST_CASE_FIXTURE(fixture, "a peer that asks on and on but does not read is closed") {
        server.peer->mode = fake_peer::send_mode::held;
        server.feed(request);
        for (int i = 0; i < 4 && server.is_open(); ++i) {
            server.advance(milliseconds(500));
            server.feed(request);
        }
        CHECK_FALSE(server.is_open());
        CHECK(server.counters().timeouts == 1);
    }

    TEST_CASE_FIXTURE(fixture, "a peer that reads slowly gets the whole time for each send") {
        server.peer->mode = fake_peer::send_mode::held;
        server.feed("GET /counted HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(request));
        for (int i = 0; i < 3; ++i) {
            server.advance(milliseconds(1'900));
            REQUIRE(server.is_open());
            server.peer->finish_send();
            server.run();
        }
        CHECK(server.take_output().ends_with("hello"));
        CHECK(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "a response after a long wait has its own time to be sent") {
        server.peer->mode = fake_peer::send_mode::held;
        server.feed(request);
        routes.get("/wait-stream", [this](http::request&) { return stream_after(control); });
        // In one poll the send is over and the handler begins.
        server.peer->send("GET /wait-stream HTTP/1.1\r\nHost: a\r\n\r\n");
        server.peer->finish_send();
        server.run();
        server.advance(milliseconds(60'000));
        CHECK(server.is_open());
        control.finish("now");
        server.run();
        CHECK(server.is_open());
        server.advance(milliseconds(1'900));
        server.peer->finish_send();
        server.run();
        server.peer->mode = fake_peer::send_mode::in_turns;
        server.run();
        CHECK(server.take_output().ends_with("onethree"));
        CHECK(server.counters().timeouts == 0);
    }

    TEST_CASE_FIXTURE(fixture, "a handler may wait for longer than any deadline") {
        server.feed("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
        server.advance(milliseconds(100'000));
        CHECK(server.is_open());
        control.finish("late");
        server.run();
        CHECK(server.take_output().ends_with("late"));
        CHECK(server.ask(request).ends_with("hello"));
        server.advance(milliseconds(5'999));
        CHECK(server.is_open());
        server.advance(tick);
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "a refused peer that neither reads nor ends is closed") {
        server.feed("nonsense\r\n\r\n");
        for (int i = 0; i < 19; ++i) {
            server.advance(milliseconds(10));
            server.feed("x");
        }
        CHECK(server.is_open());
        server.advance(milliseconds(10));
        CHECK_FALSE(server.is_open());
    }
}

TEST_SUITE("protocols/http/connection drain") {
    TEST_CASE_FIXTURE(fixture, "an idle connection closes at once") {
        server.run();
        server.drain();
        CHECK_FALSE(server.is_open());
        server.connect();
        const std::string answer = server.ask(request);  // It had come before the drain was seen.
        CHECK(count_of(answer, "Connection: close\r\n") == 1);
        CHECK(server.is_open() == server.peer->write_ended);
    }

    TEST_CASE_FIXTURE(fixture, "a connection that is accepted while draining is closed") {
        server.shared.drain(server.timers);
        server.run();
        CHECK(server.is_open());  // For a moment: its request may be there.
        server.advance(http::drain_look);
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "a request behind the one that is being answered is answered too") {
        server.peer->mode = fake_peer::send_mode::held;
        server.feed(request);
        server.drain();
        server.peer->finish_send();
        server.run();
        server.peer->mode = fake_peer::send_mode::in_turns;
        CHECK(count_of(server.ask(request), "Connection: close\r\n") == 1);
    }

    TEST_CASE_FIXTURE(fixture, "half a request is still answered, and then the connection closes") {
        server.feed("GET /plain HTTP/1.1\r\nHo");
        server.drain();
        CHECK(server.is_open());
        const std::string answer = server.ask("st: a\r\n\r\n" + std::string(request));
        CHECK(count_of(answer, "HTTP/1.1 ") == 1);
        CHECK(count_of(answer, "Connection: close\r\n") == 1);
        server.peer->end();
        server.run();
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "what is being sent is sent before the close") {
        server.peer->mode = fake_peer::send_mode::held;
        server.feed(request);
        server.drain();
        CHECK(server.is_open());
        server.peer->finish_send();
        server.run();
        server.advance(http::drain_look);
        CHECK_FALSE(server.is_open());
        CHECK(server.take_output().ends_with("hello"));
    }

    TEST_CASE_FIXTURE(fixture, "a handler that waits is waited for") {
        server.feed("GET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
        server.drain();
        CHECK(server.is_open());
        control.finish("done");
        server.run();
        const std::string answer = server.take_output();
        CHECK(count_of(answer, "Connection: close\r\n") == 1);
        CHECK(answer.ends_with("done"));
        server.advance(milliseconds(200));
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "a stream is sent to its end") {
        server.feed("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        server.drain();
        control.finish("a");
        server.run();
        control.finish("");
        server.run();
        server.advance(http::drain_look);
        CHECK(server.take_output().ends_with("1\r\na\r\n0\r\n\r\n"));
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "a body that is coming is read") {
        server.feed("POST /all HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
        server.drain();
        const std::string answer = server.ask("bc");
        CHECK(answer.ends_with("/all abc"));
        CHECK(count_of(answer, "Connection: close\r\n") == 1);
    }

    TEST_CASE_FIXTURE(fixture, "every end of a connection is told") {
        auto told = server.shared.closed().notified();
        server.run();
        CHECK(poll_once(told).is_pending());
        server.drop();
        CHECK(poll_once(told).is_ready());
    }
}

}  // namespace rouse::test
