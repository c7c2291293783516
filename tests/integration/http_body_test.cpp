#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/client.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/http_answer.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/sockets.hpp"

using rouse::test::ask;
using rouse::test::chunk;
using rouse::test::client;
using rouse::test::get;
using rouse::test::http_answer;
using rouse::test::next_answer;
using rouse::test::pattern;
using rouse::test::post;
using rouse::test::resident_bytes;
using rouse::test::running_daemon;

namespace {

constexpr std::size_t mebibyte = 1U << 20U;
constexpr std::string_view digits = "0123456789abcdef";

std::string chunked_post(std::string_view target, std::string_view fields = {}) {
    std::string made = "POST ";
    return made.append(target)
        .append(" HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n")
        .append(fields)
        .append("\r\n");
}

// Receives a body of `bytes` bytes that repeats the digits; true when every byte is right.
bool receives_digits(client& from, std::size_t bytes) {
    std::string expected;
    while (expected.size() < 2 * mebibyte) {
        expected += digits;
    }
    std::size_t received = 0;
    bool same = true;
    while (received < bytes) {
        if (from.pending().empty()) {
            REQUIRE(from.receive_more());
        }
        const std::string_view piece = from.pending();
        const std::string_view wanted = std::string_view(expected).substr(received % digits.size());
        same = same && piece.size() <= wanted.size() && wanted.substr(0, piece.size()) == piece;
        received += piece.size();
        from.pending().clear();
    }
    return same && received == bytes;
}

}  // namespace

TEST_SUITE_BEGIN("integration/http_body");

TEST_CASE("/bytes sends exactly as many bytes as asked for") {
    const running_daemon running;
    client visitor(running.http());
    for (const std::size_t size : {0U, 1U, 16U, 17U, 4095U, 65535U, 65536U, 65537U, 1000000U}) {
        CAPTURE(size);
        const http_answer answer = ask(visitor, get("/bytes/" + std::to_string(size)));
        CHECK(answer.field("content-type") == "application/octet-stream");
        REQUIRE(answer.body.size() == size);
        for (std::size_t at = 0; at < size; ++at) {
            REQUIRE(answer.body[at] == digits[at % digits.size()]);
        }
    }
    CHECK(ask(visitor, get("/bytes/1073741825")).status == 400);
    CHECK(ask(visitor, get("/bytes/many")).status == 400);
}

TEST_CASE("/bytes sends 256 MiB byte-exact with flat memory") {
    const running_daemon running({"--workers", "1"});
    client visitor(running.http());
    (void)ask(visitor, get("/bytes/1000000"));
    const std::size_t before = resident_bytes(running.pid());
    constexpr std::size_t size = 256 * mebibyte;
    visitor.send(get("/bytes/" + std::to_string(size)));
    CHECK(visitor.receive_until("\r\n\r\n").find("Content-Length: 268435456\r\n") !=
          std::string::npos);
    CHECK(receives_digits(visitor, size));
    const std::size_t grown_max = before + 8 * mebibyte;
    CHECK(resident_bytes(running.pid()) < grown_max);
    CHECK(ask(visitor, get("/plaintext")).status == 200);
}

TEST_CASE("/upload counts the bytes of a body of either framing") {
    const running_daemon running;
    client visitor(running.http());
    CHECK(ask(visitor, post("/upload", "")).body == R"({"bytes":0})");
    CHECK(ask(visitor, post("/upload", "12345")).body == R"({"bytes":5})");
    const std::string large = pattern(20 * mebibyte);
    CHECK(ask(visitor, post("/upload", large)).body == R"({"bytes":20971520})");
    std::string chunked = chunked_post("/upload");
    for (std::size_t at = 0; at < 3 * mebibyte; at += 10'007) {
        chunked += chunk(std::string_view(large).substr(at, 10'007));
    }
    const std::string expected =
        R"({"bytes":)" + std::to_string(10'007 * ((3 * mebibyte + 10'006) / 10'007)) + "}";
    CHECK(ask(visitor, chunked + chunk("")).body == expected);
    CHECK(ask(visitor, get("/plaintext")).status == 200);
}

TEST_CASE("/echo gives a body with its length and type back") {
    const running_daemon running;
    client visitor(running.http());
    for (const std::size_t size : {0U, 1U, 4096U, 16385U, 100000U}) {
        CAPTURE(size);
        const std::string body = pattern(size);
        const http_answer answer =
            ask(visitor, post("/echo", body, "Content-Type: image/x-test\r\n"));
        CHECK(answer.status == 200);
        CHECK(answer.field("content-type") == "image/x-test");
        CHECK(answer.field("content-length") == std::to_string(size));
        CHECK((answer.body == body));
    }
    CHECK(ask(visitor, post("/echo", "x")).field("content-type") == "application/octet-stream");
}

TEST_CASE(
    "/echo gives a chunked body back chunked, whatever the sizes and extensions of its chunks") {
    const running_daemon running;
    client visitor(running.http());
    const std::string body = pattern(30'000);
    for (const std::size_t size : {1U, 7U, 4000U, 30000U}) {
        CAPTURE(size);
        std::string request = chunked_post("/echo");
        for (std::size_t at = 0; at < body.size(); at += size) {
            request += chunk(std::string_view(body).substr(at, size));
        }
        const http_answer answer = ask(visitor, request + chunk(""));
        CHECK(answer.field("transfer-encoding") == "chunked");
        CHECK((answer.body == body));
    }
    const http_answer odd =
        ask(visitor, chunked_post("/echo") +
                         "5;name=\"value\"\r\nhello\r\n001\r\n!\r\n0\r\nTrailer: x\r\n\r\n");
    CHECK(odd.body == "hello!");
    CHECK(ask(visitor, get("/plaintext")).status == 200);
}

TEST_CASE("/echo is full duplex: each piece comes back before the next one is sent") {
    const running_daemon running;
    client visitor(running.http());
    visitor.send(chunked_post("/echo"));
    for (int piece = 0; piece < 50; ++piece) {
        const std::string data = "piece " + std::to_string(piece) + " ";
        visitor.send(chunk(data));
        CHECK(visitor.receive_until(data + "\r\n").find(data) != std::string::npos);
    }
    visitor.send(chunk(""));
    CHECK(visitor.receive_until("0\r\n\r\n") == "0\r\n\r\n");
    CHECK(ask(visitor, get("/plaintext")).status == 200);
}

TEST_CASE("/echo streams 20 MiB byte-exact in both directions at once with flat memory") {
    const running_daemon running({"--workers", "1"});
    client warm(running.http());
    (void)ask(warm, post("/echo", pattern(100'000)));
    const std::size_t before = resident_bytes(running.pid());
    const std::string body = pattern(20 * mebibyte);
    client visitor(running.http());
    visitor.send(post("/echo", "").replace(post("/echo", "").find(": 0"), 3, ": 20971520"));
    std::size_t sent = visitor.send_what_fits(body);
    const std::string head = visitor.receive_until("\r\n\r\n");
    CHECK(head.find("Content-Length: 20971520\r\n") != std::string::npos);
    std::size_t received = 0;
    bool same = true;
    while (received < body.size()) {
        sent += visitor.send_what_fits(std::string_view(body).substr(sent));
        if (visitor.pending().empty()) {
            REQUIRE(visitor.receive_more());
        }
        same = same && std::string_view(body).substr(received, visitor.pending().size()) ==
                           visitor.pending();
        received += visitor.pending().size();
        visitor.pending().clear();
    }
    CHECK(same);
    CHECK(sent == body.size());
    CHECK(received == body.size());
    const std::size_t grown_max = before + 12 * mebibyte;
    CHECK(resident_bytes(running.pid()) < grown_max);
    CHECK(ask(visitor, get("/plaintext")).status == 200);
}

TEST_CASE(
    "Expect: 100-continue is answered before the body is sent, by every route that reads it") {
    const running_daemon running;
    client visitor(running.http());
    for (const std::string target : {"/echo", "/upload", "/anything"}) {
        CAPTURE(target);
        const std::string request = post(target, "hello", "Expect: 100-continue\r\n");
        visitor.send(request.substr(0, request.size() - 5));
        CHECK(visitor.receive_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
        visitor.send("hello");
        CHECK(next_answer(visitor).status == 200);
    }
    visitor.send(chunked_post("/upload", "Expect: 100-continue\r\n"));
    CHECK(visitor.receive_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(ask(visitor, chunk("1234") + chunk("")).body == R"({"bytes":4})");
}

TEST_CASE("a body that comes without waiting for 100 gets no 100") {
    const running_daemon running;
    client visitor(running.http());
    const http_answer answer = ask(visitor, post("/upload", "hello", "Expect: 100-continue\r\n"));
    CHECK(answer.status == 200);
    CHECK(answer.body == R"({"bytes":5})");
}

TEST_CASE("a route that takes no body refuses it before it is sent, and closes") {
    const running_daemon running;
    client visitor(running.http());
    const std::string request = post("/nothing", "hello", "Expect: 100-continue\r\n");
    const http_answer answer = ask(visitor, request.substr(0, request.size() - 5));
    CHECK(answer.status == 404);
    CHECK(answer.field("connection") == "close");
    CHECK(visitor.receive_to_end().empty());
    client curious(running.http());
    CHECK(ask(curious, get("/plaintext", "Expect: something-else\r\n")).status == 417);
}

TEST_CASE("a body that the handler did not read is skipped, and the next request is answered") {
    const running_daemon running;
    client visitor(running.http());
    CHECK(ask(visitor, post("/nothing", pattern(200'000))).status == 404);
    CHECK(ask(visitor, chunked_post("/plaintext") + chunk("hello") + chunk("")).status == 405);
    CHECK(ask(visitor, get("/plaintext")).status == 200);
}

TEST_CASE("a body that is too long to be skipped closes the connection after a whole answer") {
    const running_daemon running;
    client visitor(running.http());
    const http_answer answer = ask(visitor, post("/nothing", pattern(900'000)));
    CHECK(answer.status == 404);
    CHECK(visitor.receive_to_end().empty());
    CHECK_FALSE(visitor.was_reset());
}

TEST_CASE("an echoed body that breaks off ends the connection without the end of the answer") {
    const running_daemon running;
    client visitor(running.http());
    visitor.send(chunked_post("/echo") + chunk("first"));
    (void)visitor.receive_until("first\r\n");
    SUBCASE("with chunks that are none") {
        visitor.send("no chunk\r\n\r\n" + get("/plaintext"));
    }
    SUBCASE("with the end of the stream") {
        visitor.shutdown_write();
    }
    const std::string rest = visitor.receive_to_end();
    CHECK(rest.find("0\r\n\r\n") == std::string::npos);
    CHECK(rest.find("HTTP/1.1") == std::string::npos);
    client other(running.http());
    CHECK(ask(other, get("/plaintext")).status == 200);
}

TEST_SUITE_END();
