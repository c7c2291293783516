#include "runtime/net/udp_socket.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/counted_bytes.hpp"
#include "tests/support/reactor_drive.hpp"
#include "tests/support/sockets.hpp"

using rouse::address;
using rouse::errno_code;
using rouse::owned_bytes;
using rouse::udp_socket;
using rouse::test::any_port;
using rouse::test::drive;
using rouse::test::hand_task;
using rouse::test::pattern;
using rouse::test::tested_reactor;

namespace {

udp_socket bind_any(rouse::reactor& io) {
    auto made = udp_socket::bind(io, any_port());
    REQUIRE(made);
    return *std::move(made);
}

rouse::reactor_options small_buffers() {
    auto options = rouse::test::small_ring();
    options.buffer_bytes = 512;
    return options;
}

/// What is left of a buffer for the payload: io_uring puts a header and the sender's address before
/// it.
constexpr std::size_t payload_max(std::size_t buffer_bytes) {
    return buffer_bytes - 16 - 28;
}

}  // namespace

TEST_SUITE("runtime/udp_socket") {
    TEST_CASE("a datagram arrives with its sender, and the answer goes back there") {
        const auto io = tested_reactor();
        auto server = bind_any(*io);
        auto client = bind_any(*io);
        REQUIRE(
            drive(*io, client.send_to(owned_bytes::from_static("ping"), server.local_address())));
        auto asked = drive(*io, server.recv_from());
        REQUIRE(asked);
        CHECK(asked->payload.text() == "ping");
        CHECK(asked->sender == client.local_address());
        CHECK_FALSE(asked->truncated);
        REQUIRE(drive(*io, server.send_to(std::move(asked->payload).into_bytes(), asked->sender)));
        const auto answered = drive(*io, client.recv_from());
        REQUIRE(answered);
        CHECK(answered->payload.text() == "ping");
        CHECK(answered->sender == server.local_address());
    }

    TEST_CASE("an empty datagram is a datagram") {
        const auto io = tested_reactor();
        auto server = bind_any(*io);
        auto client = bind_any(*io);
        for (int i = 0; i < 100; ++i) {  // More than the pool has buffers.
            REQUIRE(drive(*io, client.send_to(owned_bytes(), server.local_address())));
            const auto got = drive(*io, server.recv_from());
            REQUIRE(got);
            CHECK(got->payload.empty());
            CHECK(got->sender == client.local_address());
        }
        CHECK(io->counters().receives_starved == 0);
    }

    TEST_CASE("datagrams keep their bounds and, over loopback, their order") {
        const auto io = tested_reactor();
        auto server = bind_any(*io);
        auto client = bind_any(*io);
        for (std::size_t i = 0; i < 40; ++i) {
            REQUIRE(drive(*io, client.send_to(owned_bytes::from_string(pattern(i * 17, 3)),
                                              server.local_address())));
        }
        for (std::size_t i = 0; i < 40; ++i) {
            const auto got = drive(*io, server.recv_from());
            REQUIRE(got);
            CHECK(got->payload.text() == pattern(i * 17, 3));
        }
    }

    TEST_CASE("a datagram that fills the buffer is whole; one byte more is cut, and said to be") {
        const auto io = tested_reactor(small_buffers());
        auto server = bind_any(*io);
        auto client = bind_any(*io);
        const std::size_t room = payload_max(512);
        for (const std::size_t size : {room, room + 1, std::size_t{5000}}) {
            const std::string text = pattern(size, 9);
            REQUIRE(
                drive(*io, client.send_to(owned_bytes::from_string(text), server.local_address())));
            const auto got = drive(*io, server.recv_from());
            REQUIRE(got);
            CHECK(got->truncated == (size > room));
            CHECK(got->payload.text() == text.substr(0, room));
            CHECK(got->sender == client.local_address());
        }
    }

    TEST_CASE("over IPv6, where the machine has it") {
        const auto io = tested_reactor();
        auto server = udp_socket::bind(*io, address::parse("[::1]:0").value());
        if (!server && server.error() == errno_code(EADDRNOTAVAIL)) {
            MESSAGE("skipped: this machine has no ::1");
            return;
        }
        REQUIRE(server);
        auto client = udp_socket::bind(*io, address::parse("[::1]:0").value());
        REQUIRE(client);
        REQUIRE(
            drive(*io, client->send_to(owned_bytes::from_static("six"), server->local_address())));
        const auto got = drive(*io, server->recv_from());
        REQUIRE(got);
        CHECK(got->payload.text() == "six");
        CHECK(got->sender == client->local_address());
    }

    TEST_CASE("a datagram that is too long for UDP is EMSGSIZE, and its bytes are given back") {
        const auto io = tested_reactor();
        rouse::test::counted_bytes bytes(std::string(70'000, 'x'));
        auto client = bind_any(*io);
        const auto sent = drive(*io, client.send_to(bytes.bytes(), client.local_address()));
        REQUIRE_FALSE(sent);
        CHECK(sent.error() == errno_code(EMSGSIZE));
        CHECK(bytes.releases == 1);
    }

    TEST_CASE("unix addresses are EAFNOSUPPORT; a port in use is EADDRINUSE, but for reuse_port") {
        const auto io = tested_reactor();
        const auto where = address::parse("unix:@rouse-udp").value();
        CHECK(udp_socket::bind(*io, where).error() == errno_code(EAFNOSUPPORT));
        auto first = udp_socket::bind(*io, any_port(), true);
        REQUIRE(first);
        CHECK(udp_socket::bind(*io, first->local_address()).error() == errno_code(EADDRINUSE));
        CHECK(udp_socket::bind(*io, first->local_address(), true));
    }

    TEST_CASE("sending where nobody listens is no error, and does not end the receive") {
        const auto io = tested_reactor();
        auto client = bind_any(*io);
        auto server = bind_any(*io);
        const auto nobody = bind_any(*io).local_address();
        rouse::test::turn_until_left(*io, 2, 2);
        CHECK(drive(*io, client.send_to(owned_bytes::from_static("lost"), nobody)));
        REQUIRE(
            drive(*io, server.send_to(owned_bytes::from_static("found"), client.local_address())));
        const auto got = drive(*io, client.recv_from());
        REQUIRE(got);
        CHECK(got->payload.text() == "found");
    }

    TEST_CASE("nobody takes the datagrams: no more are stored than the bound, the rest wait") {
        auto options = small_buffers();
        options.limits.receive_queue_max = 4;
        options.buffers = 256;
        options.buffers_max = 256;
        const auto io = tested_reactor(options);
        auto server = bind_any(*io);
        auto client = bind_any(*io);
        hand_task task;
        auto receiving = server.recv_from();
        REQUIRE(task.poll(receiving).is_pending());
        for (int i = 0; i < 100; ++i) {
            REQUIRE(drive(*io, client.send_to(owned_bytes::from_string(std::to_string(i)),
                                              server.local_address())));
        }
        CHECK(io->counters().receives_paused == 1);
        for (int i = 0; i < 100; ++i) {
            const auto got = drive(*io, server.recv_from());
            REQUIRE(got);
            CHECK(got->payload.text() == std::to_string(i));
        }
    }

    TEST_CASE("dropping a socket with a receive and a send in flight leaves nothing behind") {
        const auto io = tested_reactor();
        rouse::test::counted_bytes bytes("x");
        hand_task task;
        {
            auto socket = bind_any(*io);
            auto receiving = socket.recv_from();
            REQUIRE(task.poll(receiving).is_pending());
            REQUIRE(io->turn(rouse::duration::zero()));
            auto sending = socket.send_to(bytes.bytes(), socket.local_address());
            sending.start();
        }
        rouse::test::turn_until_left(*io, 0, 0);
        CHECK(bytes.releases == 1);
        CHECK(task.wakes() == 0);
    }
}
