#include "runtime/net/tcp_stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/shared_bytes.hpp"
#include "runtime/net/tcp_listener.hpp"
#include "tests/support/counted_bytes.hpp"
#include "tests/support/executors.hpp"
#include "tests/support/sockets.hpp"

using rouse::errno_code;
using rouse::owned_bytes;
using rouse::task;
using rouse::tcp_listener;
using rouse::tcp_stream;
using rouse::test::any_port;
using rouse::test::drive;
using rouse::test::pattern;
using rouse::test::read_now;
using rouse::test::tested_reactor;
using rouse::test::waking_executor;

namespace {

constexpr std::size_t bulk_bytes = 8U << 20U;

/// Sends `text` in pieces whose sizes go round, then ends this way.
task<> send_in_pieces(tcp_stream& stream, const std::string& text, std::vector<std::size_t> sizes) {
    std::size_t at = 0;
    for (std::size_t round = 0; at < text.size(); ++round) {
        const std::string piece = text.substr(at, sizes[round % sizes.size()]);
        at += piece.size();
        const auto sent = co_await stream.send(owned_bytes::from_string(piece));
        CHECK(sent);
        if (!sent) {
            co_return;
        }
    }
    CHECK(co_await stream.shutdown_write());
}

task<std::string> receive_all(tcp_stream& stream) {
    std::string all;
    while (true) {
        const auto got = co_await stream.recv();
        CHECK(got);
        if (!got || got->empty()) {
            co_return all;
        }
        all += got->text();
    }
}

task<> echo(tcp_stream stream) {
    while (true) {
        auto got = co_await stream.recv();
        if (!got || got->empty() || !co_await stream.send(std::move(*got).into_bytes())) {
            co_return;
        }
    }
}

tcp_stream adopt(rouse::reactor& io, rouse::unique_fd fd) {
    return tcp_stream::adopt(io, std::move(fd)).value();
}

}  // namespace

TEST_SUITE("runtime/tcp_stream") {
    TEST_CASE("connecting and accepting: both ends know each other's address") {
        const auto io = tested_reactor();
        auto listener = tcp_listener::bind(*io, any_port()).value();
        auto connected = drive(*io, tcp_stream::connect(*io, listener.local_address()));
        REQUIRE(connected);
        auto accepted = drive(*io, listener.accept());
        REQUIRE(accepted);
        CHECK(connected->peer_address() == accepted->local_address());
        CHECK(connected->local_address() == accepted->peer_address());
        CHECK(accepted->set_no_delay(true));
        CHECK(accepted->set_no_delay(false));
    }

    TEST_CASE("connecting where nobody listens is ECONNREFUSED, and leaves nothing behind") {
        const auto io = tested_reactor();
        const auto where = [] {
            const auto closed = rouse::test::listen_plain();
            return rouse::socket_address(closed.get());
        }();
        const auto refused = drive(*io, tcp_stream::connect(*io, where));
        REQUIRE_FALSE(refused);
        CHECK(refused.error() == errno_code(ECONNREFUSED));
        rouse::test::turn_until_left(*io, 0, 0);
    }

    TEST_CASE("connecting to no address, and to a unix path that does not exist, are errors") {
        const auto io = tested_reactor();
        CHECK_FALSE(drive(*io, tcp_stream::connect(*io, rouse::address())));
        const auto missing = drive(
            *io, tcp_stream::connect(*io, rouse::address::parse("unix:/nowhere/at/all").value()));
        REQUIRE_FALSE(missing);
        CHECK(missing.error() == errno_code(ENOENT));
        rouse::test::turn_until_left(*io, 0, 0);
    }

    TEST_CASE("unix streams have no TCP_NODELAY") {
        const auto io = tested_reactor();
        auto [near, far] = rouse::test::unix_pair();
        auto stream = adopt(*io, std::move(near));
        const auto set = stream.set_no_delay(true);
        REQUIRE_FALSE(set);
        CHECK(set.error() == errno_code(EOPNOTSUPP));
    }

    TEST_CASE("sends of a string, of static, shared and no bytes") {
        const auto io = tested_reactor();
        auto [near, far] = rouse::test::tcp_pair();
        auto stream = adopt(*io, std::move(near));
        const rouse::shared_bytes shared("shared ");
        REQUIRE(drive(*io, stream.send(owned_bytes::from_string("string "))));
        REQUIRE(drive(*io, stream.send(shared.share())));
        REQUIRE(drive(*io, stream.send(shared.share())));
        REQUIRE(drive(*io, stream.send(owned_bytes())));
        REQUIRE(drive(*io, stream.send(std::vector<owned_bytes>())));
        REQUIRE(drive(*io, stream.send(owned_bytes::from_static("static"))));
        CHECK(read_now(far).text == "string shared shared static");
    }

    TEST_CASE(
        "a vectored send larger than the socket's buffers is byte-exact, empty parts and all") {
        waking_executor on;
        auto [near, far] = rouse::test::unix_pair();
        auto sending = adopt(*on.io, std::move(near));
        auto receiving = adopt(*on.io, std::move(far));
        const std::string text = pattern(4U << 20U, 5);
        std::vector<owned_bytes> parts;
        std::size_t at = 0;
        for (std::size_t i = 0; at < text.size(); ++i) {
            const std::size_t size = i % 7 == 3 ? 0 : 1 + (i * 7919) % 20'011;
            parts.push_back(owned_bytes::from_string(text.substr(at, size)));
            at += std::min(size, text.size() - at);
        }
        REQUIRE(parts.size() <= rouse::send_parts_max);
        on.spawn([](tcp_stream& stream, std::vector<owned_bytes> all) -> task<> {
            CHECK(co_await stream.send(std::move(all)));
            CHECK(co_await stream.shutdown_write());
        }(sending, std::move(parts)));
        const auto got = on.runs.run_until(receive_all(receiving));
        REQUIRE(got);
        CHECK((*got == text));
    }

    TEST_CASE("eight mebibytes both ways at once, in odd pieces, are byte-exact") {
        waking_executor on;
        auto [near, far] = rouse::test::tcp_pair();
        auto left = adopt(*on.io, std::move(near));
        auto right = adopt(*on.io, std::move(far));
        const std::string there = pattern(bulk_bytes, 11);
        const std::string back = pattern(bulk_bytes, 23);
        on.spawn(send_in_pieces(left, there, {1, 65'537, 3, 4096, 250'001}));
        on.spawn(send_in_pieces(right, back, {4095, 7, 131'071}));
        auto got_there = on.runs.spawn(receive_all(right));
        const auto got_back = on.runs.run_until(receive_all(left));
        REQUIRE(got_back);
        CHECK((*got_back == back));
        const auto joined = on.runs.run_until(std::move(got_there));
        REQUIRE(joined);
        REQUIRE(*joined);
        CHECK((**joined == there));
    }

    TEST_CASE("an echo of leases: bytes go round without a copy, and every buffer comes back") {
        waking_executor on;
        auto [near, far] = rouse::test::tcp_pair();
        {
            auto asking = adopt(*on.io, std::move(near));
            on.spawn(echo(adopt(*on.io, std::move(far))));
            const std::string text = pattern(1U << 20U, 31);
            on.spawn(send_in_pieces(asking, text, {9973}));
            const auto got = on.runs.run_until(receive_all(asking));
            REQUIRE(got);
            CHECK((*got == text));
        }
        REQUIRE(on.runs.run());
        rouse::test::turn_until_left(*on.io, 0, 0);
        CHECK(on.io->buffers().leased() == 0);
    }

    TEST_CASE("a lease gives its bytes, a shorter view of them, and its buffer back early") {
        const auto io = tested_reactor();
        auto [near, far] = rouse::test::tcp_pair();
        auto stream = adopt(*io, std::move(near));
        rouse::test::write_all(far, "headbody");
        auto lease = drive(*io, stream.recv()).value();
        CHECK(lease.size() == 8);
        lease.remove_prefix(4);
        CHECK(lease.text() == "body");
        REQUIRE(drive(*io, stream.send(std::move(lease).into_bytes())));
        CHECK(io->buffers().leased() == 0);
        CHECK(read_now(far).text == "body");
        rouse::test::write_all(far, "x");
        lease = drive(*io, stream.recv()).value();
        CHECK(io->buffers().leased() == 1);
        lease.remove_prefix(1);
        CHECK(lease.empty());
        CHECK(std::move(lease).into_bytes().empty());
        CHECK(io->buffers().leased() == 0);
    }

    TEST_CASE("a hundred connections, each with its own echo, at once") {
        waking_executor on;
        auto listener = tcp_listener::bind(*on.io, any_port()).value();
        on.spawn([](rouse::executor& runs, tcp_listener& from) -> task<> {
            for (int i = 0; i < 100; ++i) {
                auto next = co_await from.accept();
                CHECK(next);
                runs.spawn(echo(*std::move(next))).detach();
            }
        }(on.runs, listener));
        int answered = 0;
        for (int i = 0; i < 100; ++i) {
            on.spawn([](rouse::reactor& io, rouse::address where, int own, int& done) -> task<> {
                auto stream = co_await tcp_stream::connect(io, where);
                CHECK(stream);
                const std::string text = std::to_string(own);
                CHECK(co_await stream->send(owned_bytes::from_string(text)));
                CHECK(co_await stream->shutdown_write());
                CHECK(co_await receive_all(*stream) == text);
                ++done;
            }(*on.io, listener.local_address(), i, answered));
        }
        REQUIRE(on.runs.run());
        CHECK(answered == 100);
    }
}
