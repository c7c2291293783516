#include <string>

#include <doctest/doctest.h>

#include "tests/support/http_drive.hpp"
#include "tests/support/http_routes.hpp"

namespace rouse::test {
namespace {

constexpr std::string_view next_request = "GET /plain HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

std::string counted(std::string_view path, std::string_view body, std::string_view headers = {}) {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nContent-Type: t/x\r\n" +
           std::string(headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

std::string chunked(std::string_view path, std::string_view chunks, std::string_view headers = {}) {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nContent-Type: t/x\r\n" +
           std::string(headers) + "Transfer-Encoding: chunked\r\n\r\n" + std::string(chunks);
}

struct fixture : http_routes {
    http_drive server{routes};

    static http::service_limits small_bodies() {
        http::service_limits limits;
        limits.body_bytes_max = 10;
        return limits;
    }
};

}  // namespace

TEST_SUITE("protocols/http/connection body") {
    TEST_CASE_FIXTURE(fixture, "a body comes to its handler whole however it is cut into buffers") {
        const std::string large(3 * test_buffers::size + 17, '#');
        for (const std::string path : {"/all", "/echo"}) {
            const std::string requests = counted(path, large) +
                                         chunked(path, "5\r\nabcde\r\n3\r\nfgh\r\n0\r\n\r\n") +
                                         counted(path, "xyz") + std::string(next_request);
            // The cut moves through heads, bodies and the ends of buffers.
            for (std::size_t first = 1; first < 400; first += 7) {
                server.connect();
                server.peer->send(requests.substr(0, first));
                server.feed(requests.substr(first));
                const std::string answers = server.take_output();
                CHECK(count_of(answers, "#") == large.size());
                CHECK(count_of(answers, "xyzHTTP/1.1 200 OK") == 1);
                CHECK(answers.ends_with("\r\n\r\nhello"));
            }
        }
    }

    TEST_CASE_FIXTURE(fixture, "a body that ends with its buffer leaves the next one alone") {
        for (const bool head_apart : {false, true}) {
            const std::string body(head_apart ? test_buffers::size : 1'000, 'b');
            const std::string request = counted("/all", body);
            server.connect();
            if (head_apart) {
                server.peer->send(request.substr(0, request.size() - body.size()));
                server.peer->send(body);
            } else {
                server.peer->send(request);
            }
            server.peer->send(next_request);
            server.run();
            const std::string answers = server.take_output();
            CHECK(count_of(answers, "b") == body.size());
            CHECK(answers.ends_with("\r\n\r\nhello"));
        }
    }

    TEST_CASE_FIXTURE(fixture, "a body that a handler leaves is read and dropped") {
        for (const std::string path : {"/ignore", "/piece", "/nowhere", "/plain"}) {
            for (const std::string& request :
                 {counted(path, std::string(100'000, 'b')),
                  chunked(path, "ff\r\n" + std::string(255, 'b') + "\r\n1\r\nb\r\n0\r\n\r\n")}) {
                server.connect();
                const std::string answers = server.ask(request + std::string(next_request));
                CHECK(count_of(answers, "HTTP/1.1 ") == 2);
                CHECK(answers.ends_with("\r\n\r\nhello"));
                CHECK(server.is_open());
            }
        }
    }

    TEST_CASE_FIXTURE(fixture, "the answer does not wait for a body that nobody reads") {
        const std::string request = counted("/ignore", "0123456789");
        CHECK(server.ask(request.substr(0, request.size() - 5)).ends_with("ignored"));
        CHECK(server.is_open());
        CHECK(server.ask("56789" + std::string(next_request)).ends_with("hello"));
    }

    TEST_CASE_FIXTURE(fixture, "an unread body beyond the bound closes the connection") {
        server.peer->send(
            counted("/ignore", std::string(http::unread_body_bytes_max + 10'000, 'b')) +
            std::string(next_request));
        server.run();
        CHECK(count_of(server.peer->output, "HTTP/1.1 ") == 1);
        CHECK(server.peer->write_ended);
        server.peer->end();
        server.run();
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE("a body beyond the limit is refused with 413 and the connection closes") {
        http_routes routes;
        http_drive server(routes.routes, fixture::small_bodies());
        for (const std::string& request :
             {counted("/all", "0123456789a"), chunked("/all", "b\r\n0123456789a\r\n0\r\n\r\n"),
              chunked("/all", "5\r\n01234\r\n6\r\n56789a\r\n0\r\n\r\n"),
              counted("/nowhere", "0123456789a", "Expect: 100-continue\r\n")}) {
            server.connect();
            const std::string answer = server.ask(request + std::string(next_request));
            CHECK(answer.starts_with("HTTP/1.1 413 "));
            CHECK(count_of(answer, "HTTP/1.1 ") == 1);
            CHECK(count_of(answer, "Connection: close\r\n") == 1);
            CHECK(server.peer->write_ended);
        }
        CHECK(server.counters().refused_requests == 4);
        server.connect();
        CHECK(server.ask(counted("/all", "0123456789")).ends_with("/all 0123456789"));
        CHECK(server.ask(chunked("/all", "a\r\n0123456789\r\n0\r\n\r\n"))
                  .ends_with("/all 0123456789"));
    }

    TEST_CASE_FIXTURE(fixture, "wrong chunks are refused with 400 and the connection closes") {
        for (const std::string chunks :
             {"x\r\n", "1\r\nab\r\n", "1\r\na\n", "1\r\na\r\n0\r\n \r\n"}) {
            server.connect();
            const std::string answer = server.ask(chunked("/all", chunks));
            CHECK(answer.starts_with("HTTP/1.1 400 "));
            CHECK(server.peer->write_ended);
        }
    }

    TEST_CASE_FIXTURE(fixture, "trailers that are too long are refused with 431") {
        const std::string trailer = "X: " + std::string(http::trailer_bytes_max, 't');
        const std::string answer = server.ask(chunked("/all", "1\r\na\r\n0\r\n" + trailer));
        CHECK(answer.starts_with("HTTP/1.1 431 "));
        CHECK(count_of(answer, "trailer") == 1);
        CHECK(server.peer->write_ended);
    }

    TEST_CASE_FIXTURE(fixture, "wrong chunks in an echo cut it off") {
        const std::string answer =
            server.ask(chunked("/echo", "1\r\na\r\nx\r\n") + std::string(next_request));
        CHECK(count_of(answer, "HTTP/1.1 ") <= 1);
        CHECK(count_of(answer, "0\r\n\r\n") == 0);
        server.peer->end();
        server.run();
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture,
                      "answers that are on their way are sent when a peer ends within a body") {
        server.peer->mode = fake_peer::send_mode::held;
        server.feed(std::string(next_request) +
                    "POST /all HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
        server.peer->end();
        server.run();
        REQUIRE(server.is_open());
        server.peer->finish_send();
        server.run();
        CHECK(server.take_output().ends_with("hello"));
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "a peer that ends within a body gets nothing") {
        const std::string request = counted("/all", "0123456789");
        server.feed(request.substr(0, request.size() - 1));
        server.peer->end();
        server.run();
        CHECK(server.take_output().empty());
        CHECK_FALSE(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "100 Continue is sent at the first read") {
        for (const std::string path : {"/all", "/echo", "/piece"}) {
            server.connect();
            const std::string request = counted(path, "abc", "Expect: 100-continue\r\n");
            const std::string before = server.ask(request.substr(0, request.size() - 3));
            CHECK(before.starts_with(go_on));
            const std::string after = server.ask("abc" + std::string(next_request));
            CHECK(count_of(before + after, go_on) == 1);
            CHECK(count_of(before + after, "HTTP/1.1 200 OK\r\n") == 2);
            CHECK(after.ends_with("hello"));
        }
    }

    TEST_CASE_FIXTURE(fixture, "100 Continue follows earlier answers and an earlier send") {
        server.peer->mode = fake_peer::send_mode::held;
        server.feed(next_request);
        const std::string request = counted("/all", "abc", "Expect: 100-continue\r\n");
        server.feed(std::string(next_request) + request.substr(0, request.size() - 3));
        server.peer->finish_send();
        server.run();
        CHECK(server.peer->in_flight().ends_with("hello" + std::string(go_on)));
        server.peer->mode = fake_peer::send_mode::in_turns;
        server.run();
        server.feed("abc");
        CHECK(server.peer->output.ends_with("/all abc"));
    }

    TEST_CASE_FIXTURE(fixture, "a body that comes without 100 Continue needs none") {
        const std::string answers = server.ask(counted("/all", "abc", "Expect: 100-continue\r\n") +
                                               std::string(next_request));
        CHECK(count_of(answers, "100 Continue") == 0);
        CHECK(count_of(answers, "/all abc") == 1);
        CHECK(answers.ends_with("hello"));
    }

    TEST_CASE_FIXTURE(fixture,
                      "a body that nobody wants is not asked for and the connection closes") {
        for (const std::string path : {"/ignore", "/nowhere"}) {
            server.connect();
            const std::string request = counted(path, "abc", "Expect: 100-continue\r\n");
            const std::string answer = server.ask(request.substr(0, request.size() - 3));
            CHECK(count_of(answer, "100 Continue") == 0);
            CHECK(count_of(answer, "HTTP/1.1 ") == 1);
            CHECK(count_of(answer, "Connection: close\r\n") == 1);
            CHECK(server.peer->write_ended);
            server.feed("abc" + std::string(next_request));
            CHECK(server.take_output().empty());
            server.peer->end();
            server.run();
            CHECK_FALSE(server.is_open());
        }
    }

    TEST_CASE_FIXTURE(fixture, "HTTP/1.0 is never told to continue") {
        CHECK(server.ask("POST /all HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
                  .empty());
        CHECK(server.ask("abc").ends_with("/all abc"));
    }

    TEST_CASE_FIXTURE(fixture, "an echo sends each piece back before it reads the next") {
        server.peer->mode = fake_peer::send_mode::held;
        const std::string body(20 * test_buffers::size, 'e');
        server.feed(counted("/echo", body));
        CHECK(server.peer->unread() > 15);
        CHECK(server.peer->leased() <= 2);
        server.peer->mode = fake_peer::send_mode::in_turns;
        server.run();
        CHECK(server.take_output().ends_with("\r\n\r\n" + body));
        CHECK(server.is_open());
    }

    TEST_CASE_FIXTURE(fixture, "an echo of a chunked body is chunked, and closed for HTTP/1.0") {
        CHECK(server.ask(chunked("/echo", "2\r\nab\r\n1\r\nc\r\n0\r\nT: v\r\n\r\n")) ==
              "HTTP/1.1 200 OK\r\nContent-Type: t/x\r\nTransfer-Encoding: chunked\r\n\r\n"
              "3\r\nabc\r\n0\r\n\r\n");
    }

    TEST_CASE_FIXTURE(fixture, "a request without a body is echoed as an empty one") {
        CHECK(server.ask("POST /echo HTTP/1.1\r\nHost: a\r\n\r\n")
                  .ends_with("Content-Length: 0\r\n\r\n"));
        CHECK(server.is_open());
    }
}

}  // namespace rouse::test
