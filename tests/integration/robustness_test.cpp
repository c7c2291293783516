#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/client.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/http_answer.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/sockets.hpp"

using rouse::test::ask;
using rouse::test::await_descriptors;
using rouse::test::chunk;
using rouse::test::client;
using rouse::test::cpu_time;
using rouse::test::descriptor_count;
using rouse::test::get;
using rouse::test::need_descriptors;
using rouse::test::next_answer;
using rouse::test::on_any_port;
using rouse::test::pattern;
using rouse::test::post;
using rouse::test::resident_bytes;
using rouse::test::running_daemon;

namespace {

constexpr std::size_t mebibyte = 1U << 20U;

bool is_serving(const running_daemon& running) {
    client visitor(running.http());
    client echoed(running.echo());
    echoed.send("hello");
    return ask(visitor, get("/plaintext")).status == 200 && echoed.receive_exactly(5) == "hello";
}

// Connects, gets to some point of a request or none, and resets.
void connect_and_reset(const running_daemon& running, std::size_t first, std::size_t count) {
    const std::vector<std::string> begun{
        "",
        "GET / HT",
        get("/plaintext"),
        get("/delay/5"),
        get("/bytes/10000000"),
        post("/echo", "1234567890").substr(0, 80),
        "POST /upload HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("x"),
        get("/plaintext") + get("/delay/1") + post("/echo", "x"),
    };
    for (std::size_t number = first; number < first + count; ++number) {
        const std::string& request = begun[number % begun.size()];
        client gone(number % 5 == 0 ? running.echo() : running.http());
        gone.send(request);
        if (number % 64 == 2 && number % 5 != 0) {
            CHECK(next_answer(gone).status == 200);
        }
        gone.reset();
    }
}

}  // namespace

TEST_SUITE_BEGIN("integration/robustness");

TEST_CASE("10,000 clients that connect and reset leave flat memory and no descriptor behind") {
    const running_daemon running;
    CHECK(is_serving(running));
    const std::size_t open =
        descriptor_count(running.pid()) - 2;  // Without the two that just left.
    connect_and_reset(running, 0, 4000);
    CHECK(is_serving(running));
    await_descriptors(running.pid(), open + 2);
    const std::size_t before = resident_bytes(running.pid());
    connect_and_reset(running, 4000, 10'000);
    CHECK(is_serving(running));
    await_descriptors(running.pid(), open + 2);
    const std::size_t grown_max = before + 4 * mebibyte;
    CHECK(resident_bytes(running.pid()) < grown_max);
}

TEST_CASE("2,000 clients at the same time are all served, and leave nothing behind") {
    constexpr std::size_t count = 2000;
    need_descriptors(count + 100);
    const running_daemon running;
    CHECK(is_serving(running));
    const std::size_t open = descriptor_count(running.pid());
    std::size_t before = 0;
    // The first ones bring into memory what is used for the first time.
    constexpr int warm_up_rounds = 2;
    for (int round = 0; round < warm_up_rounds + 2; ++round) {
        CAPTURE(round);
        std::vector<client> visitors;
        visitors.reserve(count);
        for (std::size_t number = 0; number < count; ++number) {
            visitors.emplace_back(running.http()).send(get("/anything/" + std::to_string(number)));
        }
        for (std::size_t number = 0; number < count; ++number) {
            REQUIRE(next_answer(visitors[number])
                        .body.find("/anything/" + std::to_string(number) + "\"") !=
                    std::string::npos);
        }
        for (client& each : visitors) {
            each.send(post("/echo", "body") + get("/plaintext"));
        }
        for (client& each : visitors) {
            REQUIRE(next_answer(each).body == "body");
            REQUIRE(next_answer(each).body == "Hello, World!");
        }
        CHECK(is_serving(running));
        visitors.clear();
        await_descriptors(running.pid(), open);
        before = round < warm_up_rounds ? resident_bytes(running.pid()) : before;
    }
    const std::size_t grown_max = before + 4 * mebibyte;
    CHECK(resident_bytes(running.pid()) < grown_max);
}

TEST_CASE("2,000 echo clients at the same time get their bytes back") {
    constexpr std::size_t count = 2000;
    need_descriptors(count + 100);
    const running_daemon running;
    const std::size_t open = descriptor_count(running.pid());
    {
        std::vector<client> visitors;
        visitors.reserve(count);
        for (std::size_t number = 0; number < count; ++number) {
            visitors.emplace_back(running.echo())
                .send(pattern(5000, static_cast<unsigned>(number)));
        }
        for (std::size_t number = 0; number < count; ++number) {
            REQUIRE((visitors[number].receive_exactly(5000) ==
                     pattern(5000, static_cast<unsigned>(number))));
        }
    }
    await_descriptors(running.pid(), open);
}

TEST_CASE("clients that send garbage are refused or closed, and others are served") {
    const running_daemon running({"--http-header-timeout", "100ms", "--http-body-timeout", "100ms",
                                  "--http-idle-timeout", "100ms"});
    const std::size_t open = descriptor_count(running.pid());
    std::mt19937 random(20'240'229);
    const std::string valid =
        get("/anything", "X-Name: value\r\n") + post("/echo", "body") +
        "POST /upload HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("hello") +
        chunk("");
    for (int number = 0; number < 1000; ++number) {
        CAPTURE(number);
        std::string bytes = valid;
        if (number % 4 == 0) {
            for (char& byte : bytes) {
                byte = static_cast<char>(random());
            }
        } else {
            for (int change = 0; change <= number % 3; ++change) {
                bytes[random() % bytes.size()] = static_cast<char>(random());
            }
        }
        client visitor(running.http());
        visitor.send(bytes);
        visitor.shutdown_write();
        const std::string answered = visitor.receive_to_end();
        REQUIRE((answered.empty() || answered.starts_with("HTTP/1.1 ")));
    }
    CHECK(is_serving(running));
    await_descriptors(running.pid(), open);
}

TEST_CASE(
    "with 64 descriptors, those of 200 clients who are connected are served, the others later") {
    constexpr std::size_t descriptors_max = 64;
    constexpr std::size_t count = 200;
    running_daemon running(
        {.arguments = on_any_port({"--workers", "1"}), .descriptors_max = descriptors_max});
    const std::size_t open = descriptor_count(running.pid());
    REQUIRE(open < descriptors_max / 2);
    std::vector<client> visitors;
    visitors.reserve(count);
    for (std::size_t number = 0; number < count; ++number) {
        visitors.emplace_back(running.http()).send(get("/plaintext"));
    }
    running.await_log(" accept_failed protocol=http ");
    std::size_t served = 0;
    for (; served < descriptors_max - open; ++served) {
        CAPTURE(served);
        REQUIRE(next_answer(visitors[served]).status == 200);
    }
    SUBCASE("without spinning, and told in the log once") {
        const auto used = cpu_time(running.pid());
        CHECK(ask(visitors[0], get("/delay/1500")).status == 200);
        CHECK(cpu_time(running.pid()) - used < std::chrono::milliseconds(500));
        CHECK(rouse::test::occurrences_of(running.log(), " accept_failed protocol=http ") == 1);
        CHECK_FALSE(visitors[count - 1].has_more());
    }
    SUBCASE("again and again") {
        for (std::size_t number = 0; number < count; ++number) {
            CAPTURE(number);
            if (number >= served) {
                REQUIRE(next_answer(visitors[number]).status == 200);
            }
            visitors[number].close();
        }
        await_descriptors(running.pid(), open);
        client last(running.http());
        CHECK(ask(last, get("/plaintext")).status == 200);
    }
}

TEST_CASE("beyond connections_max a client waits until another one leaves") {
    const running_daemon running({"--workers", "1", "--connections-max", "2"});
    client first(running.http());
    client second(running.echo());
    CHECK(ask(first, get("/plaintext")).status == 200);
    second.send("hello");
    CHECK(second.receive_exactly(5) == "hello");
    client third(running.http());
    third.send(get("/plaintext"));
    CHECK(ask(first, get("/delay/50")).status == 200);
    CHECK_FALSE(third.has_more());
    second.close();
    CHECK(next_answer(third).status == 200);
}

TEST_SUITE_END();
