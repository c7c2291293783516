#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/http_drive.hpp"
#include "tests/support/http_routes.hpp"

namespace rouse::test {
namespace {

constexpr std::string_view request = "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view post = "POST /all HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n";
constexpr milliseconds tick{1};

http::service_limits limits() {
    return {.body_timeout = milliseconds(3'000),
            .body_rate_min = 10,
            .body_grace = milliseconds(1'000),
            .write_timeout = milliseconds(8'000),
            .requests_max = 3,
            .pipelined_requests_max = 2};
}

struct fixture : http_routes {
    http_drive server{routes, limits()};
};

}  // namespace

TEST_SUITE("protocols/http/connection limits") {
    TEST_CASE_FIXTURE(fixture, "the last request that a connection may have closes it") {
        CHECK_FALSE(server.ask(request).contains("Connection: close"));
        CHECK_FALSE(server.ask(request).contains("Connection: close"));
        CHECK(server.ask(std::string(request) + std::string(request)).ends_with("hello"));
        CHECK(server.peer->write_ended);
        server.peer->end();
        server.run();
        CHECK_FALSE(server.is_open());
        CHECK(server.counters().requests == 3);
    }

    TEST_CASE_FIXTURE(fixture, "refusals count among the requests of a connection") {
        CHECK_FALSE(server.ask("GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n").contains("close"));
        CHECK_FALSE(server.ask(request).contains("Connection: close"));
        CHECK(server.ask(request).contains("Connection: close"));
    }

    TEST_CASE_FIXTURE(fixture, "pipelined requests beyond the bound wait until answers are sent") {
        server.peer->mode = fake_peer::send_mode::held;
        server.feed(std::string(request) + std::string(request) + std::string(request));
        CHECK(count_of(server.peer->in_flight(), "hello") == 2);
        CHECK(server.counters().requests == 2);
        server.peer->finish_send();
        server.run();
        CHECK(server.counters().requests == 3);
        CHECK(count_of(server.peer->in_flight(), "hello") == 1);
        server.peer->finish_send();
        server.run();
        CHECK(count_of(server.take_output(), "hello") == 3);
    }

    // With 10 bytes a second after a second of grace.
    TEST_CASE_FIXTURE(fixture, "a body that trickles in is closed when its time is used up") {
        server.feed(post);
        int pieces = 0;
        for (; server.peer->output.empty() && pieces < 100; ++pieces) {
            server.advance(milliseconds(500));
            server.feed("a");
        }
        CHECK(pieces == 2);
        CHECK(server.take_output().starts_with("HTTP/1.1 408 "));
        CHECK(server.counters().timeouts == 1);
    }

    TEST_CASE_FIXTURE(fixture, "a body that keeps the rate has all the time that it needs") {
        server.feed(post);
        for (int pieces = 0; pieces < 50; ++pieces) {
            server.advance(milliseconds(900));
            server.feed(std::string(20, 'a'));
        }
        CHECK(server.take_output().contains("200 OK"));
    }

    TEST_CASE_FIXTURE(fixture, "a body that has been fast may pause for what it has earned") {
        server.feed(post);
        server.feed(std::string(500, 'a'));
        server.advance(milliseconds(2'900));  // Within body_timeout.
        server.feed("a");
        server.advance(milliseconds(3'000) - tick);
        CHECK(server.peer->output.empty());
        server.advance(tick);
        CHECK(server.take_output().starts_with("HTTP/1.1 408 "));
    }

    TEST_CASE_FIXTURE(fixture, "a peer that takes bytes slowly is not stalled") {
        server.peer->mode = fake_peer::send_mode::held;
        server.peer->delivered = 100;
        server.feed(request);
        for (int i = 1; i < 10; ++i) {
            for (int seconds = 1; seconds < 8; ++seconds) {
                server.advance(milliseconds(1'000));
            }
            CHECK(server.is_open());
            server.peer->delivered = 100 + i;
        }
        CHECK(server.counters().timeouts == 0);
    }

    TEST_CASE_FIXTURE(fixture, "a peer that takes no byte more is closed within a quarter more") {
        server.peer->mode = fake_peer::send_mode::held;
        server.peer->delivered = 100;
        server.feed(request);
        for (int seconds = 1; seconds < 10; ++seconds) {
            server.advance(milliseconds(1'000));
        }
        CHECK(server.is_open());
        server.advance(milliseconds(1'000) - tick);
        CHECK(server.is_open());
        server.advance(tick);
        CHECK_FALSE(server.is_open());
        CHECK(server.counters().timeouts == 1);
    }

    TEST_CASE_FIXTURE(fixture, "where the kernel cannot tell, a send has write_timeout") {
        server.peer->mode = fake_peer::send_mode::held;
        server.feed(request);
        for (int seconds = 1; seconds < 8; ++seconds) {
            server.advance(milliseconds(1'000));
        }
        server.advance(milliseconds(1'000) - tick);
        CHECK(server.is_open());
        server.advance(tick);
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE("what is refused is counted by its reason") {
        http_routes set;
        http_drive server(set.routes);
        const auto count = [&](http::parse_error reason) {
            return server.counters().refused_by[static_cast<std::size_t>(reason)];
        };
        CHECK(server.ask("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 "));
        CHECK(count(http::parse_error::host_missing) == 1);
        server.connect();
        CHECK(server.ask("GET / HTTP/2.0\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 505 "));
        CHECK(count(http::parse_error::version_not_supported) == 1);
        server.connect();
        CHECK(server.ask("POST /all HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx")
                  .starts_with("HTTP/1.1 400 "));
        CHECK(count(http::parse_error::chunk_size_invalid) == 1);
        server.connect();
        CHECK(server.ask("BREW / HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 501 "));
        CHECK(count(http::parse_error::method_unknown) == 1);
        CHECK(server.counters().refused_requests == 4);
    }

    // RFC 9110, 9.1 and 15.6.2.
    TEST_CASE("a method that is not known is 501 whatever the route, and ends the connection") {
        http_routes set;
        int asked = 0;
        set.routes.any("/any", [&asked](http::request&) {
            ++asked;
            return http::response::literal("any");
        });
        set.routes.use([&asked](http::handler inner) {
            return http::with_check(std::move(inner), [&asked](http::request&) {
                ++asked;
                return std::optional<http::response>();
            });
        });
        http_drive server(set.routes);
        for (const char* const method : {"BREW", "get", "QUERY", "PROPFIND", "!#$%&'*+-.^_`|~0aZ",
                                         "METHOD-WITH-NO-FEWER-THAN-32-BYT"}) {
            for (const char* const rest :
                 {" /any HTTP/1.1\r\nHost: a\r\n\r\n", " /none HTTP/1.1\r\nHost: a\r\n\r\n",
                  " /any HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
                  " /any HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                  " / HTTP/1.1\r\nHost:a\r\nExpect:100-continue\r\nContent-Length:5\r\n\r\n"}) {
                CAPTURE(method);
                CAPTURE(rest);
                const std::string answer =
                    server.ask(std::string(method) + rest + std::string(request));
                CHECK(answer.starts_with("HTTP/1.1 501 Not Implemented\r\n"));
                CHECK(answer.contains("Connection: close\r\n"));
                CHECK(answer.ends_with(
                    "\r\n\r\n501 Not Implemented: the method is not known here\n"));
                CHECK(answer.find("HTTP/1.1", 1) == std::string::npos);
                server.connect();
            }
        }
        CHECK(asked == 0);
        CHECK(server.counters().requests == 0);
        // What is wrong with the message comes first.
        CHECK(server.ask("BREW / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 "));
    }
}

}  // namespace rouse::test
