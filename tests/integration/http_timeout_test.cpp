#include <poll.h>

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/client.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/http_answer.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/process_facts.hpp"

using rouse::test::ask;
using rouse::test::await_descriptors;
using rouse::test::chunk;
using rouse::test::client;
using rouse::test::descriptor_count;
using rouse::test::get;
using rouse::test::http_answer;
using rouse::test::next_answer;
using rouse::test::patience;
using rouse::test::post;
using rouse::test::resident_bytes;
using rouse::test::running_daemon;

namespace {

constexpr std::size_t mebibyte = 1U << 20U;

void check_408(client& visitor) {
    const http_answer answer = next_answer(visitor);
    CHECK(answer.status == 408);
    CHECK(answer.field("connection") == "close");
    CHECK(visitor.receive_to_end().empty());
    CHECK_FALSE(visitor.was_reset());
}

}  // namespace

TEST_SUITE_BEGIN("integration/http_timeout");

TEST_CASE("a head that does not end is 408 at header_timeout") {
    const running_daemon running({"--http-header-timeout", "40ms"});
    for (const char* const begun :
         {"G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: test\r\nX: "}) {
        CAPTURE(begun);
        client visitor(running.http());
        visitor.send(begun);
        check_408(visitor);
    }
    client second(running.http());
    CHECK(ask(second, get("/plaintext")).status == 200);
    second.send("GET");
    check_408(second);
}

TEST_CASE("a head that comes a byte at a time is 408 at header_timeout as well") {
    const running_daemon running({"--http-header-timeout", "100ms"});
    client visitor(running.http());
    visitor.send("GET / HTTP/1.1\r\nHost: test\r\nX: ");
    const patience waiting;
    pollfd answer{.fd = visitor.fd(), .events = POLLIN, .revents = 0};
    constexpr int pause_milliseconds = 5;
    while (::poll(&answer, 1, pause_milliseconds) == 0 && !waiting.is_over()) {
        visitor.send("x");
    }
    CHECK(next_answer(visitor).status == 408);
}

TEST_CASE("a body that pauses is 408 at body_timeout") {
    const running_daemon running({"--http-body-timeout", "40ms"});
    for (const char* const target : {"/upload", "/anything", "/nothing"}) {
        CAPTURE(target);
        client counted(running.http());
        std::string request = post(target, "hello");
        request.pop_back();
        counted.send(request);
        if (std::string_view(target) == "/nothing") {
            // Answered already, and the rest of its body is not waited for without end.
            CHECK(next_answer(counted).status == 404);
            CHECK(counted.receive_to_end().empty());
            continue;
        }
        check_408(counted);
        client chunked(running.http());
        chunked.send("POST " + std::string(target) +
                     " HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n" +
                     chunk("hello"));
        check_408(chunked);
    }
}

TEST_CASE("an echoed body that pauses ends the connection at body_timeout") {
    const running_daemon running({"--http-body-timeout", "40ms"});
    client visitor(running.http());
    std::string request = post("/echo", "hello");
    request.pop_back();
    visitor.send(request);
    CHECK(visitor.receive_to_end().ends_with("\r\n\r\nhell"));
}

TEST_CASE("a client that is told to continue and sends nothing is 408") {
    const running_daemon running({"--http-body-timeout", "40ms"});
    client visitor(running.http());
    visitor.send(
        "POST /upload HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    CHECK(next_answer(visitor).status == 100);
    check_408(visitor);
}

TEST_CASE("a connection without a request closes at idle_timeout, without a word") {
    const running_daemon running({"--http-idle-timeout", "40ms"});
    client silent(running.http());
    CHECK(silent.receive_to_end().empty());
    CHECK_FALSE(silent.was_reset());
    client empty_lines(running.http());
    empty_lines.send("\r\n");  // Not yet a request.
    CHECK(empty_lines.receive_to_end().empty());
    client visitor(running.http());
    CHECK(ask(visitor, get("/plaintext")).status == 200);
    CHECK(visitor.receive_to_end().empty());
    CHECK_FALSE(visitor.was_reset());
}

TEST_CASE("idle_timeout does not count while a request is under way") {
    const running_daemon running({"--http-idle-timeout", "20ms"});
    client visitor(running.http());
    CHECK(ask(visitor, get("/delay/200")).body == "waited 200 ms\n");
    CHECK(visitor.receive_to_end().empty());
}

TEST_CASE("a peer that never reads a stream is closed at write_timeout, and memory stays bounded") {
    const running_daemon running({"--workers", "1", "--http-write-timeout", "80ms"});
    {
        client warm(running.http());
        (void)ask(warm, get("/bytes/1000000"));
    }
    client other(running.http());
    CHECK(ask(other, get("/plaintext")).status == 200);
    const std::size_t open = descriptor_count(running.pid());
    const std::size_t before = resident_bytes(running.pid());
    constexpr int receive_buffer_bytes = 4096;
    client deaf(running.http(), receive_buffer_bytes);
    CHECK(ask(deaf, get("/plaintext")).status == 200);
    deaf.send(get("/bytes/1073741824"));
    await_descriptors(running.pid(), open);
    const std::size_t grown_max = before + 4 * mebibyte;
    CHECK(resident_bytes(running.pid()) < grown_max);
    CHECK(ask(other, get("/plaintext")).status == 200);
}

TEST_CASE(
    "a peer that pipelines and never reads is read no further, closed at write_timeout, and memory "
    "stays bounded") {
    const running_daemon running({"--workers", "1", "--http-write-timeout", "300ms"});
    client other(running.http());
    CHECK(ask(other, get("/plaintext")).status == 200);
    const std::size_t open = descriptor_count(running.pid());
    const std::size_t before = resident_bytes(running.pid());
    constexpr int receive_buffer_bytes = 4096;
    client deaf(running.http(), receive_buffer_bytes);
    CHECK(ask(deaf, get("/plaintext")).status == 200);
    std::string requests;
    while (requests.size() < 16 * mebibyte) {
        requests += get("/");
    }
    // The daemon does not read what it cannot answer, so the rest stays here.
    std::size_t sent = 0;
    const patience waiting;
    while (!deaf.was_reset() && waiting.await(deaf.fd(), POLLOUT)) {
        const std::size_t more = deaf.send_what_fits(std::string_view(requests).substr(sent));
        REQUIRE(sent < requests.size());
        sent += more;
    }
    CHECK(deaf.was_reset());
    await_descriptors(running.pid(), open);
    const std::size_t grown_max = before + 8 * mebibyte;
    CHECK(resident_bytes(running.pid()) < grown_max);
    CHECK(ask(other, get("/plaintext")).status == 200);
}

TEST_CASE("a peer that reads slowly gets everything") {
    const running_daemon running({"--workers", "1", "--http-write-timeout", "5s"});
    constexpr int receive_buffer_bytes = 4096;
    client slow(running.http(), receive_buffer_bytes);
    constexpr std::size_t count = 2000;
    std::string requests;
    for (std::size_t number = 0; number < count; ++number) {
        requests += get("/json");
    }
    std::size_t sent = 0;
    for (std::size_t number = 0; number < count; ++number) {
        sent += slow.send_what_fits(std::string_view(requests).substr(sent));
        REQUIRE(next_answer(slow).status == 200);
    }
    CHECK(sent == requests.size());
}

TEST_SUITE_END();
