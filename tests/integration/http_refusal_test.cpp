#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/client.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/http_answer.hpp"

using rouse::test::ask;
using rouse::test::chunk;
using rouse::test::client;
using rouse::test::get;
using rouse::test::http_answer;
using rouse::test::next_answer;
using rouse::test::occurrences_of;
using rouse::test::post;
using rouse::test::running_daemon;

namespace {

// Whether this gets one answer, which says that it is the last, and then the end; whatever else was
// sent.
http_answer refused(const running_daemon& running, const std::string& request) {
    client visitor(running.http());
    visitor.send(request);
    const http_answer answer = next_answer(visitor);
    CHECK(answer.field("connection") == "close");
    CHECK(visitor.receive_to_end().empty());
    CHECK_FALSE(visitor.was_reset());
    return answer;
}

bool is_serving(const running_daemon& running) {
    client visitor(running.http());
    return ask(visitor, get("/plaintext")).status == 200;
}

}  // namespace

TEST_SUITE_BEGIN("integration/http_refusal");

TEST_CASE(
    "requests whose end two parsers might see differently are refused, and nothing after them is "
    "answered") {
    const running_daemon running;
    const std::string smuggled = get("/healthz");
    const std::string body = "0\r\n\r\n" + smuggled;
    for (const char* const fields : {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                                     "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                                     "Content-Length: 5\r\nContent-Length: 6\r\n",
                                     "Content-Length: 5\r\nContent-Length: 5\r\n",
                                     "Content-Length: 5, 5\r\n",
                                     "Content-Length: +5\r\n",
                                     "Content-Length: -5\r\n",
                                     "Content-Length: 0x5\r\n",
                                     "Content-Length: 5 5\r\n",
                                     "Content-Length:\r\n",
                                     "Content-Length: 99999999999999999999\r\n",
                                     "Transfer-Encoding: chunked, chunked\r\n",
                                     "Transfer-Encoding: identity\r\n",
                                     "Transfer-Encoding: chunked, identity\r\n",
                                     "Transfer-Encoding: xchunked\r\n",
                                     "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                                     "Transfer-Encoding : chunked\r\n",
                                     "Content-Length : 5\r\n",
                                     " Content-Length: 5\r\n",
                                     "X: a\r\n Content-Length: 5\r\n",
                                     "X: a\r\n\tTransfer-Encoding: chunked\r\n",
                                     "X: a\nContent-Length: 5\r\n",
                                     "X: a\rContent-Length: 5\r\n",
                                     "X: a\r\r\nContent-Length: 5\r\n",
                                     "Content-Length: 5\n",
                                     "X\r\n",
                                     ": no name\r\n",
                                     "Host: another\r\n"}) {
        CAPTURE(fields);
        CHECK(refused(running,
                      "POST /echo HTTP/1.1\r\nHost: test\r\n" + std::string(fields) + "\r\n" + body)
                  .status == 400);
    }
    CHECK(refused(running, "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
              .status == 400);
    CHECK(refused(running,
                  "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" +
                      body)
              .status == 501);
    CHECK(is_serving(running));
}

TEST_CASE("a header with a byte 0 is refused, and nothing after it is answered") {
    const running_daemon running;
    const std::string fields("X: a\0b\r\n", 8);
    CHECK(refused(running, get("/plaintext", fields) + get("/healthz")).status == 400);
}

TEST_CASE("request lines that are none are refused, and nothing after them is answered") {
    const running_daemon running;
    for (const char* const line :
         {"GET  / HTTP/1.1", "GET /", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET /\tHTTP/1.1",
          "GET / http/1.1", "GET / HTTP/11", "G@T / HTTP/1.1", "GET / HTTP/1.1\r",
          "GET nothing HTTP/1.1", "GET * HTTP/1.1", "GET /a b HTTP/1.1", "\x16\x03\x01\x02"}) {
        CAPTURE(line);
        CHECK(refused(running, line + std::string("\r\nHost: test\r\n\r\n") + get("/healthz"))
                  .status == 400);
    }
    CHECK(refused(running, "GET / HTTP/1.1\n\n" + get("/healthz")).status == 400);
    CHECK(refused(running, "GET / HTTP/1.1\r\n\r\n" + get("/healthz")).status == 400);  // No Host.
    CHECK(refused(running, "GET / HTTP/2.0\r\nHost: test\r\n\r\n" + get("/healthz")).status == 505);
    CHECK(refused(running, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status == 505);
    CHECK(refused(running, "CONNECT test:80 HTTP/1.1\r\nHost: test:80\r\n\r\n").status == 501);
    // RFC 9110, 15.6.2: whatever the route.
    for (const char* const target : {"/anything", "/plaintext", "/none"}) {
        CHECK(refused(running, "BREW " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n\r\n" +
                                   get("/healthz"))
                  .status == 501);
    }
    CHECK(is_serving(running));
}

TEST_CASE("answers to good requests come before the refusal of the bad one behind them") {
    const running_daemon running;
    client visitor(running.http());
    visitor.send(get("/plaintext") + post("/echo", "body") + "bad\r\n\r\n" + get("/healthz"));
    CHECK(next_answer(visitor).body == "Hello, World!");
    CHECK(next_answer(visitor).body == "body");
    CHECK(next_answer(visitor).status == 400);
    CHECK(visitor.receive_to_end().empty());
}

TEST_CASE("chunks that are none are refused, and nothing after them is answered") {
    const running_daemon running;
    for (const char* const chunks :
         {"x\r\n", "-1\r\n", "0x5\r\nhello\r\n", "5 \r\nhello\r\n", "5\nhello\r\n",
          "5\r\nhelloX\r\n", "5\r\nhello\n", "11111111111111111\r\n", "\r\n",
          "5;a=\x01\r\nhello\r\n", "0\r\nno colon\r\n\r\n", "0\r\n X: folded\r\n\r\n"}) {
        CAPTURE(chunks);
        const http_answer answer = refused(
            running, "POST /upload HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n" +
                         std::string(chunks) + "0\r\n\r\n" + get("/healthz"));
        CHECK(answer.status == 400);
    }
    CHECK(is_serving(running));
}

TEST_CASE("headers beyond the limit of bytes or of lines are 431") {
    const running_daemon running(
        {"--http-header-bytes-max", "2KiB", "--http-header-count-max", "10"});
    const std::string large = "X: " + std::string(3000, 'x') + "\r\n";
    CHECK(refused(running, get("/plaintext", large)).status == 431);
    CHECK(refused(running, "GET / HTTP/1.1\r\nHost: test\r\nX: " + std::string(3000, 'x')).status ==
          431);
    std::string lines;
    for (int line = 0; line < 9; ++line) {
        lines += "X: y\r\n";
    }
    client visitor(running.http());
    CHECK(ask(visitor, get("/plaintext", lines)).status == 200);  // With Host they are ten.
    CHECK(refused(running, get("/plaintext", lines + "X: y\r\n")).status == 431);
    CHECK(refused(running, get("/plaintext", lines + "X: y\r\n") + get("/healthz")).status == 431);
}

TEST_CASE("a target beyond the limit is 414, also one that does not end") {
    const running_daemon running({"--http-target-bytes-max", "64"});
    client visitor(running.http());
    CHECK(ask(visitor, get("/anything/" + std::string(54, 'x'))).status == 200);
    CHECK(refused(running, get("/anything/" + std::string(55, 'x'))).status == 414);
    CHECK(refused(running, "GET /" + std::string(200, 'x')).status == 414);
}

TEST_CASE("a Content-Length beyond the limit is 413 before any of the body is sent") {
    const running_daemon running({"--http-body-bytes-max", "1000"});
    client visitor(running.http());
    CHECK(ask(visitor, post("/upload", std::string(1000, 'x'))).status == 200);
    CHECK(refused(running, "POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 1001\r\n\r\n")
              .status == 413);
    CHECK(refused(running,
                  "POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 1001\r\n"
                  "Expect: 100-continue\r\n\r\n")
              .status == 413);
    CHECK(refused(running, "POST /nothing HTTP/1.1\r\nHost: test\r\nContent-Length: 1001\r\n\r\n")
              .status == 413);
    CHECK(refused(running, post("/upload", std::string(100'000, 'x'))).status == 413);
}

TEST_CASE("a chunked body beyond the limit is 413") {
    const running_daemon running({"--http-body-bytes-max", "1000"});
    for (const char* const target : {"/upload", "/anything"}) {
        CAPTURE(target);
        const std::string head = "POST " + std::string(target) +
                                 " HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
        client visitor(running.http());
        const std::string within = chunk(std::string(500, 'x')) + chunk(std::string(500, 'x'));
        CHECK(ask(visitor, head + within + chunk("")).status == 200);
        CHECK(refused(running, head + within + chunk("x") + chunk("") + get("/healthz")).status ==
              413);
        CHECK(refused(running, head + chunk(std::string(100'000, 'x'))).status == 413);
    }
    client echoed(running.http());
    echoed.send("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n" +
                chunk(std::string(2000, 'x')) + chunk(""));
    CHECK(echoed.receive_to_end().find("0\r\n\r\n") == std::string::npos);
    CHECK(is_serving(running));
}

TEST_CASE("refused requests are counted by why, and the end of the log has the counts") {
    running_daemon running;
    CHECK(refused(running, "GET /plaintext HTTP/1.1\r\n\r\n").status == 400);
    CHECK(refused(running, "GET /plaintext HTTP/1.1\r\n\r\n").status == 400);
    CHECK(refused(running, "GET /plaintext HTTP/2.0\r\nHost: a\r\n\r\n").status == 505);
    running.signal(SIGTERM);
    const std::string log = running.await_end().log;
    CHECK(log.contains(" requests_refused reason=\"Host is missing\" count=2"));
    CHECK(log.contains(
        " requests_refused reason=\"only HTTP/1.0 and HTTP/1.1 are supported here\" count=1"));
    CHECK(log.contains(" http_refused=3 "));
}

TEST_CASE("a client address gets as many connections as it may have, over all workers") {
    running_daemon running({"--workers", "2", "--connections-per-address-max", "3"});
    std::vector<client> held;
    for (int i = 0; i < 3; ++i) {
        held.emplace_back(running.http());
        CHECK(ask(held.back(), get("/plaintext")).status == 200);
    }
    client refused_one(running.http());
    CHECK(refused_one.receive_to_end().empty());
    client refused_echo(running.echo());
    CHECK(refused_echo.receive_to_end().empty());
    held.pop_back();
    // The place is free when the worker has seen the end.
    while (true) {
        client again(running.http());
        (void)again.send_what_fits(get("/plaintext"));
        if (again.receive_more()) {
            break;
        }
    }
    CHECK(ask(held.front(), get("/plaintext")).status == 200);
    held.clear();
    running.signal(SIGTERM);
    const std::string log = running.await_end().log;
    CHECK(occurrences_of(log, " connections_per_address_max address=127.0.0.1 limit=3 ") >= 1);
    CHECK(log.contains(" connections_refused count="));
}

TEST_SUITE_END();
