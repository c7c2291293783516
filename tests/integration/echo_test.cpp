#include <poll.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/client.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/sockets.hpp"

using rouse::test::await_descriptors;
using rouse::test::client;
using rouse::test::datagram_client;
using rouse::test::descriptor_count;
using rouse::test::echo_through;
using rouse::test::patience;
using rouse::test::pattern;
using rouse::test::resident_bytes;
using rouse::test::running_daemon;

namespace {

constexpr std::size_t mebibyte = 1U << 20U;

// Room for the header and the address that the kernel puts before a datagram in its buffer.
constexpr std::size_t datagram_overhead = 44;

std::string echoed(client& through, std::string_view bytes) {
    through.send(bytes);
    return through.receive_exactly(bytes.size());
}

std::string echoed(datagram_client& through, std::string_view bytes) {
    through.send(bytes);
    return through.receive();
}

}  // namespace

TEST_SUITE_BEGIN("integration/echo");

TEST_CASE("64 MiB in odd-sized pieces come back byte-exact, and then the end") {
    const running_daemon running({"--workers", "1"});
    client warm(running.echo());
    echo_through(warm, pattern(mebibyte), {4096});
    const std::size_t before = resident_bytes(running.pid());
    client visitor(running.echo());
    echo_through(visitor, pattern(64 * mebibyte), {1, 3, 17, 1021, 4099, 16'381, 65'537, 100'003});
    const std::size_t grown_max = before + 8 * mebibyte;
    CHECK(resident_bytes(running.pid()) < grown_max);
}

TEST_CASE("a client that ends its side before it reads gets everything back") {
    const running_daemon running;
    client visitor(running.echo());
    const std::string bytes = pattern(100'000);
    visitor.send(bytes);
    visitor.shutdown_write();
    CHECK((visitor.receive_to_end() == bytes));
    CHECK_FALSE(visitor.was_reset());
    client silent(running.echo());
    silent.shutdown_write();
    CHECK(silent.receive_to_end().empty());
}

TEST_CASE(
    "a client that never reads is read no further, closed at write_timeout, and memory stays "
    "bounded") {
    const running_daemon running({"--workers", "1", "--echo-write-timeout", "300ms"});
    client other(running.echo());
    CHECK(echoed(other, "hello") == "hello");
    const std::size_t open = descriptor_count(running.pid());
    constexpr int receive_buffer_bytes = 4096;
    const std::string bytes = pattern(64 * mebibyte);
    const auto send_unread = [&] {
        client deaf(running.echo(), receive_buffer_bytes);
        CHECK(echoed(deaf, "hello") == "hello");
        std::size_t sent = 0;
        const patience waiting;
        while (!deaf.was_reset() && waiting.await(deaf.fd(), POLLOUT)) {
            const std::size_t more = deaf.send_what_fits(std::string_view(bytes).substr(sent));
            REQUIRE(sent < bytes.size());
            sent += more;
        }
        CHECK(deaf.was_reset());
        await_descriptors(running.pid(), open);
    };
    send_unread();  // What is used for the first time is brought into memory.
    const std::size_t before = resident_bytes(running.pid());
    send_unread();
    const std::size_t grown_max = before + 4 * mebibyte;
    CHECK(resident_bytes(running.pid()) < grown_max);
    CHECK(echoed(other, "again") == "again");
}

TEST_CASE("a client that reads late gets everything that it could send") {
    const running_daemon running({"--workers", "1"});
    constexpr int receive_buffer_bytes = 4096;
    client late(running.echo(), receive_buffer_bytes);
    const std::string bytes = pattern(64 * mebibyte);
    // Until every buffer on the way is full, and others are still served.
    std::size_t sent = late.send_what_fits(bytes);
    client other(running.echo());
    for (int turn = 0; turn < 100; ++turn) {
        CHECK(echoed(other, "hello") == "hello");
        sent += late.send_what_fits(std::string_view(bytes).substr(sent));
    }
    REQUIRE(sent < bytes.size());
    late.shutdown_write();
    CHECK((late.receive_to_end() == bytes.substr(0, sent)));
}

TEST_CASE("an echo connection without a byte closes at idle_timeout") {
    const running_daemon running({"--echo-idle-timeout", "40ms"});
    client silent(running.echo());
    CHECK(silent.receive_to_end().empty());
    client visitor(running.echo());
    CHECK(echoed(visitor, "hello") == "hello");
    CHECK(visitor.receive_to_end().empty());
}

TEST_CASE("datagrams come back whole, the empty one and the largest that fits a buffer included") {
    const running_daemon running;
    datagram_client visitor(running.udp_echo());
    constexpr std::size_t buffer_bytes = 4096;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{512},
                                   std::size_t{1472}, buffer_bytes - datagram_overhead}) {
        CAPTURE(size);
        const std::string bytes = pattern(size, 7);
        CHECK((echoed(visitor, bytes) == bytes));
    }
}

TEST_CASE("a datagram that does not fit a buffer is not echoed in part, and the next one is") {
    const running_daemon running({"--workers", "1"});
    datagram_client visitor(running.udp_echo());
    visitor.send(pattern(60'000));
    CHECK(echoed(visitor, "small") == "small");
}

TEST_CASE("with large buffers, datagrams of nearly 64 KiB come back") {
    const running_daemon running({"--uring-buffer-bytes", "64KiB"});
    datagram_client visitor(running.udp_echo());
    const std::string bytes = pattern(65'536 - datagram_overhead);
    CHECK((echoed(visitor, bytes) == bytes));
}

TEST_CASE("the datagrams of many clients go back to whom they came from") {
    const running_daemon running;
    std::vector<datagram_client> visitors;
    for (int number = 0; number < 100; ++number) {
        visitors.emplace_back(running.udp_echo()).send("from " + std::to_string(number));
    }
    for (std::size_t number = 0; number < visitors.size(); ++number) {
        CHECK(visitors[number].receive() == "from " + std::to_string(number));
    }
}

TEST_CASE("echo is served over IPv6 and a unix socket as well") {
    const std::string path = "/tmp/roused-echo-" + std::to_string(::getpid()) + ".sock";
    {
        running_daemon running(
            {.arguments = {"--http", "off", "--echo", "[::1]:0", "--echo", "unix:" + path}});
        client ipv6(running.echo());
        CHECK(echoed(ipv6, "hello") == "hello");
        datagram_client datagrams(running.udp_echo());
        CHECK(echoed(datagrams, "hello") == "hello");
        client local(running.addresses("echo", "unix").at(0));
        echo_through(local, pattern(3 * mebibyte), {1, 70'001});
        CHECK(running.addresses("echo", "udp").size() == 1);
    }
    CHECK(::access(path.c_str(), F_OK) != 0);
}

TEST_SUITE_END();
