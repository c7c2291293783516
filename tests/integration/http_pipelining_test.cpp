#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/client.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/http_answer.hpp"
#include "tests/support/sockets.hpp"

using rouse::test::ask;
using rouse::test::chunk;
using rouse::test::client;
using rouse::test::get;
using rouse::test::http_answer;
using rouse::test::next_answer;
using rouse::test::occurrences_of;
using rouse::test::pattern;
using rouse::test::post;
using rouse::test::running_daemon;

namespace {

// One of several sorts of requests, by its number, that can be told apart by its answer.
struct numbered_request {
    std::string request;
    std::string in_answer;
};

numbered_request numbered(std::size_t number) {
    const std::string name = "request-" + std::to_string(number) + "-";
    switch (number % 6) {
        case 0:
            return {get("/plaintext"), "Hello, World!"};
        case 1:
            return {get("/anything/" + name), "/anything/" + name};
        case 2:
            return {post("/echo", name + pattern(number * 3)), name + pattern(number * 3)};
        case 3:
            return {get("/delay/" + std::to_string(number % 4)),
                    "waited " + std::to_string(number % 4) + " ms"};
        case 4:
            return {"POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n" +
                        chunk(name) + chunk("end") + chunk(""),
                    name + "end"};
        default:
            return {post("/upload", std::string(number, 'u')),
                    "{\"bytes\":" + std::to_string(number) + "}"};
    }
}

}  // namespace

TEST_SUITE_BEGIN("integration/http_pipelining");

TEST_CASE("1,000 requests of every sort in one write are answered in their order") {
    const running_daemon running;
    client visitor(running.http());
    constexpr std::size_t count = 1000;
    std::string all;
    for (std::size_t number = 0; number < count; ++number) {
        all += numbered(number).request;
    }
    std::size_t sent = 0;
    for (std::size_t number = 0; number < count; ++number) {
        CAPTURE(number);
        // The answers wait for who reads them: the rest of the requests leaves between them.
        sent += visitor.send_what_fits(std::string_view(all).substr(sent));
        const http_answer answer = next_answer(visitor);
        REQUIRE(answer.status == 200);
        REQUIRE(answer.body.find(numbered(number).in_answer) != std::string::npos);
    }
    CHECK(sent == all.size());
    CHECK_FALSE(visitor.has_more());
}

TEST_CASE("answers to plain requests that came together leave together") {
    const running_daemon running({"--workers", "1"});
    client visitor(running.http());
    std::string all;
    for (int number = 0; number < 16; ++number) {
        all += get("/plaintext");
    }
    REQUIRE(all.size() < 1400);  // One segment.
    visitor.send(all);
    const std::string first = visitor.receive();
    CHECK(occurrences_of(first, "HTTP/1.1 200 OK\r\n") == 16);
    CHECK(occurrences_of(first, "Hello, World!") == 16);
}

TEST_CASE("a plain answer does not wait for the slow request behind it") {
    const running_daemon running({"--workers", "1"});
    client visitor(running.http());
    visitor.send(get("/plaintext") + get("/delay/300"));
    CHECK(next_answer(visitor).body == "Hello, World!");
    CHECK_FALSE(visitor.has_more());
    CHECK(next_answer(visitor).body == "waited 300 ms\n");
}

TEST_CASE("requests that are cut at every byte are answered as if they were whole") {
    const running_daemon running;
    const std::string request =
        get("/anything/x?y=z", "X-Name: value\r\n") +
        "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("hello") +
        chunk("") + post("/upload", "12345");
    client visitor(running.http());
    for (std::size_t cut = 1; cut < request.size(); ++cut) {
        CAPTURE(cut);
        visitor.send(request.substr(0, cut));
        // A whole turn of the daemon between the pieces: another connection has its answer.
        if (cut % 16 == 0) {
            client other(running.http());
            CHECK(ask(other, get("/plaintext")).status == 200);
        }
        visitor.send(request.substr(cut));
        REQUIRE(next_answer(visitor).body.find("\"query\": \"y=z\"") != std::string::npos);
        REQUIRE(next_answer(visitor).body == "hello");
        REQUIRE(next_answer(visitor).body == R"({"bytes":5})");
    }
}

TEST_CASE("a request that comes byte by byte is answered") {
    const running_daemon running;
    client visitor(running.http());
    const std::string request = post("/echo", "the body") + get("/json");
    for (const char byte : request) {
        visitor.send({&byte, 1});
    }
    CHECK(next_answer(visitor).body == "the body");
    CHECK(next_answer(visitor).status == 200);
}

TEST_CASE("a client that ends its side after its requests gets all answers, then the end") {
    const running_daemon running;
    client visitor(running.http());
    visitor.send(get("/plaintext") + get("/delay/20") + post("/echo", "body") +
                 get("/bytes/100000"));
    visitor.shutdown_write();
    CHECK(next_answer(visitor).body == "Hello, World!");
    CHECK(next_answer(visitor).body == "waited 20 ms\n");
    CHECK(next_answer(visitor).body == "body");
    CHECK(next_answer(visitor).body.size() == 100'000);
    CHECK(visitor.receive_to_end().empty());
    CHECK_FALSE(visitor.was_reset());
}

TEST_CASE("Connection: close is said back, and the connection closes after the answer") {
    const running_daemon running;
    for (const std::string& request :
         {get("/plaintext", "Connection: close\r\n"), get("/delay/1", "Connection: close\r\n"),
          get("/bytes/100", "Connection: keep-alive, Close\r\n"),
          post("/echo", "body", "Connection: close\r\n")}) {
        CAPTURE(request);
        client visitor(running.http());
        visitor.send(request + get("/healthz"));
        const http_answer answer = next_answer(visitor);
        CHECK(answer.status == 200);
        CHECK(answer.field("connection") == "close");
        CHECK(visitor.receive_to_end().empty());
    }
}

TEST_CASE("HTTP/1.0 closes after its answer unless it asks to stay") {
    const running_daemon running;
    client once(running.http());
    const http_answer answer = ask(once, "GET /plaintext HTTP/1.0\r\n\r\n");
    CHECK(answer.body == "Hello, World!");
    CHECK(answer.field("connection") == "close");
    CHECK(once.receive_to_end().empty());
    client staying(running.http());
    for (int time = 0; time < 3; ++time) {
        const http_answer kept =
            ask(staying, "GET /json HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        CHECK(kept.status == 200);
        CHECK(kept.field("connection") == "keep-alive");
    }
    const auto told = nlohmann::json::parse(ask(staying, "GET /anything HTTP/1.0\r\n\r\n").body);
    CHECK(told["version"] == "HTTP/1.0");
    CHECK(staying.receive_to_end().empty());
}

TEST_CASE("requests before a body that the peer's end cuts short are answered") {
    const running_daemon running;
    const std::string whole_echo =
        "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("first") +
        chunk("");
    for (const char* const path : {"/upload", "/anything", "/echo"}) {
        CAPTURE(path);
        // The answers are on their way, or not yet, when the end comes: it is a race.
        for (int time = 0; time < 20; ++time) {
            const std::string cut = post(path, "1234567890");
            client visitor(running.http());
            visitor.send(whole_echo + get("/plaintext") + cut.substr(0, cut.size() - 1));
            visitor.shutdown_write();
            REQUIRE(next_answer(visitor).body == "first");
            REQUIRE(next_answer(visitor).body == "Hello, World!");
        }
    }
}

TEST_CASE("empty lines before a request are skipped") {
    const running_daemon running;
    client visitor(running.http());
    CHECK(ask(visitor, "\r\n" + get("/plaintext")).status == 200);
    CHECK(ask(visitor, "\r\n\r\n" + post("/echo", "x")).body == "x");
}

TEST_SUITE_END();
