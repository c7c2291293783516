#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/net/tcp_listener.hpp"
#include "runtime/net/tcp_stream.hpp"
#include "runtime/net/udp_socket.hpp"
#include "tests/support/counted_bytes.hpp"
#include "tests/support/reactor_drive.hpp"
#include "tests/support/sockets.hpp"

using rouse::owned_bytes;
using rouse::tcp_listener;
using rouse::tcp_stream;
using rouse::test::connect_plain;
using rouse::test::counted_bytes;
using rouse::test::drive;
using rouse::test::hand_task;
using rouse::test::read_now;
using rouse::test::read_to_end;
using rouse::test::tcp_pair;
using rouse::test::tested_reactor;
using rouse::test::turn_until;
using rouse::test::turn_until_left;

TEST_SUITE("runtime/reactor shutdown") {
    TEST_CASE("a detached send goes out whole after its future and its stream are gone") {
        const auto io = tested_reactor();
        counted_bytes bytes("said by nobody");
        auto [near, far] = tcp_pair();
        {
            auto stream = tcp_stream::adopt(*io, std::move(near)).value();
            stream.send(bytes.bytes()).detach();
        }
        CHECK(bytes.releases == 0);
        turn_until_left(*io, 0, 0);
        CHECK(bytes.releases == 1);
        CHECK(read_to_end(far) == "said by nobody");
    }

    TEST_CASE("a detached send larger than the socket's buffers goes out whole before the close") {
        const auto io = tested_reactor();
        const std::string text = rouse::test::pattern(4U << 20U);
        counted_bytes bytes(text);
        auto [near, far] = tcp_pair();
        {
            auto stream = tcp_stream::adopt(*io, std::move(near)).value();
            auto sending = stream.send(bytes.bytes());
            sending.start();
            REQUIRE(io->turn(rouse::duration::zero()));
            std::move(sending).detach();
        }
        std::string got;
        const auto give_up = io->now() + rouse::test::completion_wait_max;
        while (io->now() < give_up) {
            REQUIRE(io->turn(rouse::duration::zero()));
            auto more = read_now(far);
            if (more.end) {
                break;
            }
            got += more.text;
        }
        CHECK((got == text));
        CHECK(bytes.releases == 1);
        CHECK(io->operation_count() == 0);
    }

    TEST_CASE("a send that is over has given its bytes back, and is freed when it is detached") {
        const auto io = tested_reactor();
        counted_bytes bytes("quick");
        auto [near, far] = tcp_pair();
        auto stream = tcp_stream::adopt(*io, std::move(near)).value();
        auto sending = stream.send(bytes.bytes());
        sending.start();
        turn_until(*io, [&] { return io->counters().completions > 0; });
        CHECK(bytes.releases == 1);
        CHECK(io->operation_count() == 2);
        std::move(sending).detach();
        CHECK(bytes.releases == 1);
        CHECK(io->operation_count() == 1);
        CHECK(read_now(far).text == "quick");
    }

    TEST_CASE("detaching and dropping what could not be made does nothing") {
        rouse::one_shot_future failed;
        failed.start();
        std::move(failed).detach();
        hand_task task;
        rouse::one_shot_future asked;
        auto answer = task.poll(asked);
        REQUIRE(answer.is_ready());
        CHECK(answer.value().error() == rouse::errc::limit_exceeded);
    }

    TEST_CASE("starting what is started, in flight or over does nothing") {
        const auto io = tested_reactor();
        auto [near, far] = tcp_pair();
        auto stream = tcp_stream::adopt(*io, std::move(near)).value();
        auto sending = stream.send(owned_bytes::from_static("once"));
        sending.start();
        sending.start();
        turn_until(*io, [&] { return io->counters().completions == 1; });
        sending.start();
        REQUIRE(drive(*io, sending));
        CHECK(io->counters().submissions == 1);
        CHECK(io->operation_count() == 1);
        CHECK(read_now(far).text == "once");
    }

    TEST_CASE(
        "a reactor that is destroyed with orphans in flight waits for them and frees their bytes") {
        counted_bytes bytes(std::string(16U << 20U, 'x'));
        hand_task task;
        auto [near, far] = tcp_pair();
        auto [idle_near, idle_far] = tcp_pair();
        rouse::unique_fd client;
        {
            const auto io = tested_reactor();
            auto stream = tcp_stream::adopt(*io, std::move(near)).value();
            auto idle = tcp_stream::adopt(*io, std::move(idle_near)).value();
            auto listener = tcp_listener::bind(*io, rouse::test::any_port()).value();
            auto udp = rouse::udp_socket::bind(*io, rouse::test::any_port()).value();
            auto sending = stream.send(bytes.bytes());
            auto receiving = stream.recv();
            auto idling = idle.recv();
            auto accepting = listener.accept();
            auto datagrams = udp.recv_from();
            REQUIRE(task.poll(sending).is_pending());
            REQUIRE(task.poll(receiving).is_pending());
            REQUIRE(task.poll(idling).is_pending());
            REQUIRE(task.poll(accepting).is_pending());
            REQUIRE(task.poll(datagrams).is_pending());
            REQUIRE(io->turn(rouse::duration::zero()));
            client = connect_plain(listener.local_address());
        }
        CHECK(bytes.releases == 1);
        CHECK(read_now(idle_far).end);
        CHECK(read_to_end(client).empty());
        CHECK(read_to_end(far).size() < (16U << 20U));
        CHECK(task.counts.owners == 1);
    }

    TEST_CASE("a reactor that is destroyed at once, and one with work that was never handed over") {
        {
            const auto unused = tested_reactor();
        }
        counted_bytes bytes("never sent");
        auto [near, far] = tcp_pair();
        {
            const auto io = tested_reactor();
            auto stream = tcp_stream::adopt(*io, std::move(near)).value();
            stream.send(bytes.bytes()).detach();
        }
        CHECK(bytes.releases == 1);
        const auto seen = read_now(far);
        CHECK(seen.end);
    }

    TEST_CASE("both ways close on their own: after our end the peer still talks, then ends") {
        const auto io = tested_reactor();
        auto [near, far] = tcp_pair();
        auto stream = tcp_stream::adopt(*io, std::move(near)).value();
        REQUIRE(drive(*io, stream.send(owned_bytes::from_static("question"))));
        REQUIRE(drive(*io, stream.shutdown_write()));
        CHECK(read_to_end(far) == "question");
        rouse::test::write_all(far, "answer");
        CHECK(drive(*io, stream.recv())->text() == "answer");
        REQUIRE(::shutdown(far.get(), SHUT_WR) == 0);
        const auto end = drive(*io, stream.recv());
        REQUIRE(end);
        CHECK(end->empty());
        CHECK(drive(*io, stream.recv())->empty());
        const auto late = drive(*io, stream.send(owned_bytes::from_static("late")));
        REQUIRE_FALSE(late);
        CHECK(late.error() == rouse::errno_code(EPIPE));
    }

    TEST_CASE("after the peer's end we still talk") {
        const auto io = tested_reactor();
        auto [near, far] = tcp_pair();
        auto stream = tcp_stream::adopt(*io, std::move(near)).value();
        REQUIRE(::shutdown(far.get(), SHUT_WR) == 0);
        CHECK(drive(*io, stream.recv())->empty());
        REQUIRE(drive(*io, stream.send(owned_bytes::from_static("more"))));
        CHECK(read_now(far).text == "more");
    }

    TEST_CASE("shutdown_read ends a receive that waits; sending goes on") {
        const auto io = tested_reactor();
        hand_task task;
        auto [near, far] = tcp_pair();
        auto stream = tcp_stream::adopt(*io, std::move(near)).value();
        auto receiving = stream.recv();
        REQUIRE(task.poll(receiving).is_pending());
        REQUIRE(io->turn(rouse::duration::zero()));
        REQUIRE(drive(*io, stream.shutdown_read()));
        turn_until(*io, [&] { return task.wakes() > 0; });
        auto answer = task.poll(receiving);
        REQUIRE(answer.is_ready());
        REQUIRE(answer.value());
        CHECK(answer.value()->empty());
        REQUIRE(drive(*io, stream.send(owned_bytes::from_static("still"))));
        CHECK(read_now(far).text == "still");
    }

    TEST_CASE("a peer's reset is an error of the receive and of the send, and frees all") {
        const auto io = tested_reactor();
        auto [near, far] = tcp_pair();
        {
            auto stream = tcp_stream::adopt(*io, std::move(near)).value();
            const linger hard{.l_onoff = 1, .l_linger = 0};
            REQUIRE(::setsockopt(far.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard) == 0);
            far.reset();
            const auto got = drive(*io, stream.recv());
            REQUIRE_FALSE(got);
            CHECK(got.error() == rouse::errno_code(ECONNRESET));
            const auto sent = drive(*io, stream.send(owned_bytes::from_static("x")));
            REQUIRE_FALSE(sent);
            CHECK(sent.error() == rouse::errno_code(EPIPE));
        }
        turn_until_left(*io, 0, 0);
    }
}
