#include <string>

#include <doctest/doctest.h>

#include "tests/support/http_drive.hpp"
#include "tests/support/http_routes.hpp"

namespace rouse::test {
namespace {

constexpr std::string_view hello =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello";

struct fixture : http_routes {
    http_drive server{routes};
};

}  // namespace

TEST_SUITE("protocols/http/connection") {
    TEST_CASE_FIXTURE(fixture, "a request is answered and the connection stays open") {
        CHECK(server.ask("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n") == hello);
        CHECK(server.ask("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n") == hello);
        CHECK(server.is_open());
        CHECK(server.counters().requests == 2);
        CHECK(server.counters().connections_accepted == 1);
        CHECK(server.counters().connections_open == 1);
    }

    TEST_CASE_FIXTURE(fixture, "pipelined requests in one buffer are answered in one send") {
        const std::string one = "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n";
        const std::string answers = server.ask(one + one + one);
        CHECK(answers == std::string(hello) + std::string(hello) + std::string(hello));
        CHECK(server.peer->sends.size() == 1);
    }

    TEST_CASE_FIXTURE(fixture, "an idle connection holds no buffer") {
        server.feed("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(server.peer->leased() == 0);
    }

    TEST_CASE_FIXTURE(fixture, "half a head holds no buffer") {
        server.feed("GET /plain HTTP/1.1\r\nHo");
        CHECK(server.peer->leased() == 0);
        CHECK(server.ask("st: a\r\n\r\n") == hello);
    }

    TEST_CASE_FIXTURE(fixture, "requests that come byte by byte get the same answers") {
        const std::string requests =
            "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n"
            "POST /all?q HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Type: t/x\r\n\r\nabc"
            "POST /all HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            "2\r\nab\r\n1;x=y\r\nc\r\n0\r\nA: b\r\n\r\n"
            "POST /ignore HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
            "chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
            "GET /counted HTTP/1.1\r\nHost: a\r\n\r\n"
            "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n"
            "GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        const std::string expected = server.ask(requests);
        CHECK(count_of(expected, "HTTP/1.1 200 OK\r\n") == 6);
        CHECK(count_of(expected, "/all?q abc") == 1);
        CHECK_FALSE(server.is_open());
        for (std::size_t step = 1; step < 8; ++step) {
            server.connect();
            for (std::size_t at = 0; at < requests.size(); at += step) {
                server.feed(requests.substr(at, step));
            }
            CHECK(server.take_output() == expected);
            CHECK_FALSE(server.is_open());
        }
        // And cut in two, at every place.
        for (std::size_t cut = 1; cut < requests.size(); ++cut) {
            server.connect();
            server.peer->send(requests.substr(0, cut));
            server.feed(requests.substr(cut));
            CHECK(server.take_output() == expected);
        }
    }

    TEST_CASE_FIXTURE(fixture, "HEAD is answered with the head of GET and no body") {
        for (const std::string path : {"/plain", "/large", "/pieces", "/counted"}) {
            const std::string get = server.ask("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
            const std::string head = server.ask("HEAD " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
            CHECK(head == get.substr(0, get.find("\r\n\r\n") + 4));
        }
        CHECK(server.ask("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n") == hello);
    }

    TEST_CASE_FIXTURE(fixture, "a refused HEAD request gets no body") {
        const std::string answer =
            server.ask("HEAD /plain HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n");
        CHECK(answer.starts_with("HTTP/1.1 413 "));
        CHECK(answer.ends_with("\r\n\r\n"));
    }

    TEST_CASE_FIXTURE(fixture, "what a bad head gets has a body, also after HEAD") {
        (void)server.ask("HEAD /plain HTTP/1.1\r\nHost: a\r\n\r\n");
        const std::string answer = server.ask("GET /plain HTTP/1.1\r\n\r\n");
        CHECK(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"));
        CHECK(answer.ends_with("400 Bad Request: Host is missing\n"));
        CHECK(server.counters().refused_requests == 1);
    }

    TEST_CASE_FIXTURE(fixture, "HTTP/1.0 closes, or stays open when it asks") {
        CHECK(server.ask("GET /plain HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                  .find("Connection: keep-alive\r\n") != std::string::npos);
        CHECK(server.is_open());
        CHECK(server.ask("GET /plain HTTP/1.0\r\n\r\n").find("Connection: close\r\n") !=
              std::string::npos);
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "after Connection: close nothing more is answered") {
        const std::string answer = server.ask(
            "GET /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(count_of(answer, "HTTP/1.1 ") == 1);
        CHECK(answer.find("Connection: close\r\n") != std::string::npos);
        // More was sent than is read: closed at once, a reset might overtake the answer.
        CHECK(server.peer->write_ended);
        CHECK(server.is_open());
        CHECK(server.peer->leased() == 0);
        server.peer->end();
        server.run();
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture,
                      "a client that asked for the close and sent no more is closed at once") {
        (void)server.ask("GET /plain HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "a refused peer may read the answer before the close") {
        CHECK(server.ask("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
        CHECK(server.peer->write_ended);
        CHECK(server.is_open());
        server.feed(std::string(10'000, 'x'));
        CHECK(server.is_open());
        server.peer->end();
        server.run();
        CHECK_FALSE(server.is_open());
        CHECK(server.take_output().empty());
    }

    TEST_CASE_FIXTURE(fixture, "a refused peer that sends on and on is closed") {
        server.feed("nonsense\r\n\r\n");
        std::size_t sent = 0;
        while (server.is_open() && sent < 4 * http::linger_bytes_max) {
            server.feed(std::string(test_buffers::size, 'x'));
            sent += test_buffers::size;
        }
        CHECK_FALSE(server.is_open());
        CHECK(sent <= http::linger_bytes_max + 2 * test_buffers::size);
    }

    TEST_CASE_FIXTURE(fixture, "a peer that has ended still gets its answers") {
        server.peer->send(
            "GET /wait HTTP/1.1\r\nHost: a\r\n\r\nGET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
        server.peer->end();
        server.run();
        CHECK(server.is_open());
        control.finish("waited");
        server.run();
        const std::string answers = server.take_output();
        CHECK(count_of(answers, "waited") == 1);
        CHECK(answers.ends_with(hello));
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "OPTIONS * is answered with the methods of all routes") {
        const std::string answer = server.ask("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(answer == "HTTP/1.1 204 No Content\r\nAllow: GET, HEAD, POST, OPTIONS\r\n\r\n");
        CHECK(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "a handler that waits holds up no earlier answer") {
        SUBCASE("that came with its request") {
            const std::string answers = server.ask(
                "GET /plain HTTP/1.1\r\nHost: a\r\n\r\nGET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
            CHECK(answers == hello);
        }
        SUBCASE("that waits for an earlier send") {
            server.peer->mode = fake_peer::send_mode::held;
            server.feed("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
            server.feed(
                "GET /plain HTTP/1.1\r\nHost: a\r\n\r\nGET /wait HTTP/1.1\r\nHost: a\r\n\r\n");
            CHECK(server.peer->sends_started == 1);
            server.peer->finish_send();
            server.run();
            CHECK(server.peer->sends_started == 2);
        }
        CHECK(server.peer->leased() == 0);
        server.drop();
    }

    TEST_CASE_FIXTURE(fixture, "a peer that does not read is read no further") {
        server.peer->mode = fake_peer::send_mode::held;
        std::string requests;
        for (int i = 0; i < 100; ++i) {
            requests += "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n";
        }
        for (int i = 0; i < 100; ++i) {
            server.feed(requests);
        }
        CHECK(server.peer->unread() > 10);
        CHECK(server.counters().requests < 2'000);
        CHECK(server.peer->leased() == 0);
        server.peer->mode = fake_peer::send_mode::in_turns;
        server.run();
        CHECK(count_of(server.peer->output, "HTTP/1.1 200 OK") == 10'000);
    }

    TEST_CASE_FIXTURE(fixture,
                      "answers above the high-water mark go on when sends are over at once") {
        server.peer->mode = fake_peer::send_mode::immediately;
        std::string requests;
        for (int i = 0; i < 5'000; ++i) {
            requests += "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n";
        }
        server.peer->send("GET /plain HTTP/1.1\r\nHost: a\r\n");
        server.feed("\r\n" + requests);
        CHECK(count_of(server.peer->output, "HTTP/1.1 200 OK") == 5'001);
    }

    TEST_CASE("requests that come in one burst are answered whatever the budget of a poll") {
        http_routes routes;
        for (std::uint32_t budget = 1; budget < 6; ++budget) {
            http_drive server(routes.routes);
            server.task_budget = budget;
            for (int i = 0; i < 50; ++i) {
                server.peer->send("GET /plain HTTP/1.1\r\nHost: a\r\n\r\n");
                server.peer->send("POST /all HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n");
                server.peer->send("ab");
                server.peer->send("cd");
                server.peer->send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
                server.peer->send("cd");
            }
            server.run();
            CHECK(count_of(server.peer->output, "HTTP/1.1 200 OK") == 150);
            CHECK(server.is_open());
        }
    }

    TEST_CASE_FIXTURE(fixture, "a poll without a wake changes nothing") {
        server.feed("GET /wait HTTP/1.1\r\nHost: a\r\n\r\nGET /pl");
        for (int i = 0; i < 10; ++i) {
            server.poll_now();
        }
        CHECK(server.peer->output.empty());
        control.finish("waited");
        server.run();
        for (int i = 0; i < 10; ++i) {
            server.poll_now();
        }
        CHECK(server.ask("ain HTTP/1.1\r\nHost: a\r\n\r\n").ends_with(hello));
        CHECK(server.is_open());
    }
}

}  // namespace rouse::test
