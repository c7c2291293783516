#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/net/tcp_listener.hpp"
#include "runtime/net/tcp_stream.hpp"
#include "tests/support/counted_bytes.hpp"
#include "tests/support/reactor_drive.hpp"
#include "tests/support/sockets.hpp"

using rouse::owned_bytes;
using rouse::tcp_listener;
using rouse::tcp_stream;
using rouse::test::any_port;
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
using rouse::test::unix_pair;
using rouse::test::write_all;

namespace {

/// More than socket buffers hold.
constexpr std::size_t big_bytes = 16U << 20U;

tcp_stream adopt(rouse::reactor& io, rouse::unique_fd fd) {
    auto made = tcp_stream::adopt(io, std::move(fd));
    REQUIRE(made);
    return *std::move(made);
}

}  // namespace

TEST_SUITE("runtime/reactor orphans") {
    TEST_CASE("a stream that never did anything leaves nothing behind") {
        const auto io = tested_reactor();
        auto [near, far] = tcp_pair();
        {
            const tcp_stream stream = adopt(*io, std::move(near));
            CHECK(io->operation_count() == 1);
            CHECK(io->descriptor_count() == 1);
        }
        turn_until_left(*io, 0, 0);
        CHECK(read_now(far).end);
    }

    TEST_CASE("dropping a receive in flight and its stream closes the descriptor") {
        const auto io = tested_reactor();
        auto [near, far] = tcp_pair();
        hand_task task;
        {
            tcp_stream stream = adopt(*io, std::move(near));
            auto receiving = stream.recv();
            REQUIRE(task.poll(receiving).is_pending());
            REQUIRE(io->turn(rouse::duration::zero()));
        }
        CHECK(io->operation_count() == 1);
        CHECK(io->counters().orphans == 1);
        CHECK(read_now(far).error == EAGAIN);
        turn_until_left(*io, 0, 0);
        CHECK(read_now(far).end);
        CHECK(task.wakes() == 0);
        CHECK(task.counts.owners == 1);
    }

    TEST_CASE("dropping a receive that was not submitted yet frees it at once") {
        const auto io = tested_reactor();
        auto [near, far] = tcp_pair();
        hand_task task;
        {
            tcp_stream stream = adopt(*io, std::move(near));
            auto receiving = stream.recv();
            REQUIRE(task.poll(receiving).is_pending());
        }
        CHECK(io->operation_count() == 0);
        CHECK(io->descriptor_count() == 0);
        CHECK(io->counters().orphans == 0);
        REQUIRE(io->turn(rouse::duration::zero()));
        CHECK(read_now(far).end);
    }

    TEST_CASE("dropping a receive future loses no bytes: the next one has them") {
        const auto io = tested_reactor();
        auto [near, far] = tcp_pair();
        tcp_stream stream = adopt(*io, std::move(near));
        hand_task first;
        {
            auto receiving = stream.recv();
            REQUIRE(first.poll(receiving).is_pending());
            REQUIRE(io->turn(rouse::duration::zero()));
        }
        write_all(far, "kept");
        const auto got = drive(*io, stream.recv());
        REQUIRE(got);
        CHECK(got->text() == "kept");
    }

    TEST_CASE("bytes that an orphaned receive brings go back to the pool") {
        auto options = rouse::test::small_ring();
        options.buffers = 2;
        options.buffers_max = 2;
        const auto io = tested_reactor(options);
        hand_task task;
        // More rounds than buffers: one that leaked would show as a receive that starves for ever.
        for (int round = 0; round < 6; ++round) {
            auto [near, far] = tcp_pair();
            {
                tcp_stream stream = adopt(*io, std::move(near));
                auto receiving = stream.recv();
                REQUIRE(task.poll(receiving).is_pending());
                REQUIRE(io->turn(rouse::duration::zero()));
                write_all(far, "arrives when nobody is there any more");
            }
            turn_until_left(*io, 0, 0);
        }
        auto [near, far] = tcp_pair();
        tcp_stream stream = adopt(*io, std::move(near));
        write_all(far, "still served");
        CHECK(drive(*io, stream.recv())->text() == "still served");
    }

    TEST_CASE("bytes that were received and never taken go back to the pool") {
        auto options = rouse::test::small_ring();
        options.buffers = 2;
        options.buffers_max = 2;
        const auto io = tested_reactor(options);
        hand_task task;
        for (int round = 0; round < 6; ++round) {
            auto [near, far] = tcp_pair();
            {
                tcp_stream stream = adopt(*io, std::move(near));
                auto receiving = stream.recv();
                const int wakes = task.wakes();
                REQUIRE(task.poll(receiving).is_pending());
                write_all(far, "stored");
                turn_until(*io, [&] { return task.wakes() > wakes; });
            }
            turn_until_left(*io, 0, 0);
        }
        CHECK(io->counters().receives_starved == 0);
    }

    TEST_CASE("the bytes of an orphaned send are given back once, after its last completion") {
        const auto io = tested_reactor();
        counted_bytes bytes(std::string(big_bytes, 'x'));
        auto [near, far] = tcp_pair();
        hand_task task;
        {
            tcp_stream stream = adopt(*io, std::move(near));
            auto sending = stream.send(bytes.bytes());
            REQUIRE(task.poll(sending).is_pending());
            REQUIRE(io->turn(rouse::duration::zero()));
        }
        CHECK(bytes.releases == 0);
        CHECK(io->operation_count() == 1);
        turn_until_left(*io, 0, 0);
        CHECK(bytes.releases == 1);
        CHECK(task.wakes() == 0);
        CHECK(read_to_end(far).size() < big_bytes);
    }

    TEST_CASE("the parts of an orphaned vectored send are given back once each") {
        const auto io = tested_reactor();
        counted_bytes first(std::string(big_bytes / 2, 'x'));
        counted_bytes second(std::string(big_bytes / 2, 'y'));
        auto [near, far] = unix_pair();
        hand_task task;
        {
            tcp_stream stream = adopt(*io, std::move(near));
            std::vector<owned_bytes> parts;
            parts.push_back(first.bytes());
            parts.push_back(second.bytes());
            auto sending = stream.send(std::move(parts));
            REQUIRE(task.poll(sending).is_pending());
            REQUIRE(io->turn(rouse::duration::zero()));
        }
        CHECK(first.releases + second.releases == 0);
        turn_until_left(*io, 0, 0);
        CHECK(first.releases == 1);
        CHECK(second.releases == 1);
    }

    TEST_CASE("a send that was never polled sends nothing, and gives its bytes back at once") {
        const auto io = tested_reactor();
        counted_bytes bytes("never");
        auto [near, far] = tcp_pair();
        tcp_stream stream = adopt(*io, std::move(near));
        {
            [[maybe_unused]] const auto sending = stream.send(bytes.bytes());
        }
        CHECK(bytes.releases == 1);
        REQUIRE(io->turn(rouse::duration::zero()));
        CHECK(read_now(far).error == EAGAIN);
    }

    TEST_CASE("a connection that comes to a dropped accept is closed") {
        const auto io = tested_reactor();
        hand_task task;
        rouse::unique_fd client;
        {
            auto listener = tcp_listener::bind(*io, any_port());
            REQUIRE(listener);
            auto accepting = listener->accept();
            REQUIRE(task.poll(accepting).is_pending());
            REQUIRE(io->turn(rouse::duration::zero()));
            client = connect_plain(listener->local_address());
        }
        CHECK(io->counters().orphans == 1);
        turn_until_left(*io, 0, 0);
        CHECK(read_to_end(client).empty());
    }

    TEST_CASE("connections that were accepted and never taken are closed with the listener") {
        const auto io = tested_reactor();
        hand_task task;
        std::vector<rouse::unique_fd> clients;
        {
            auto listener = tcp_listener::bind(*io, any_port());
            REQUIRE(listener);
            auto accepting = listener->accept();
            REQUIRE(task.poll(accepting).is_pending());
            const auto before = io->counters().completions;
            for (int i = 0; i < 5; ++i) {
                clients.push_back(connect_plain(listener->local_address()));
            }
            turn_until(*io, [&] { return io->counters().completions >= before + 5; });
            CHECK(io->descriptor_count() == 1);
        }
        turn_until_left(*io, 0, 0);
        for (const auto& client : clients) {
            CHECK(read_to_end(client).empty());
        }
    }

    TEST_CASE("a connect that is dropped in flight leaves nothing behind") {
        const auto io = tested_reactor();
        // A backlog that is full: the connect stays in flight for as long as it takes.
        const auto listening = rouse::test::listen_plain(0);
        const auto where = rouse::socket_address(listening.get());
        const auto queued = connect_plain(where);
        hand_task task;
        std::optional connecting(tcp_stream::connect(*io, where));
        REQUIRE(task.poll(*connecting).is_pending());
        REQUIRE(io->turn(rouse::duration::zero()));
        CHECK(io->operation_count() == 2);
        connecting.reset();
        turn_until_left(*io, 0, 0);
        CHECK(task.wakes() == 0);
    }

    TEST_CASE("a shutdown that is dropped before and after it was submitted") {
        const auto io = tested_reactor();
        auto [near, far] = tcp_pair();
        hand_task task;
        {
            tcp_stream stream = adopt(*io, std::move(near));
            {
                auto never = stream.shutdown_write();
                CHECK(io->operation_count() == 2);
            }
            CHECK(io->operation_count() == 1);
            auto ending = stream.shutdown_write();
            ending.start();
            CHECK(read_now(far).error == EAGAIN);
        }
        turn_until_left(*io, 0, 0);
        CHECK(read_now(far).end);
    }

    TEST_CASE("a cancel that comes when the bytes are there already frees all the same") {
        const auto io = tested_reactor();
        hand_task task;
        for (int round = 0; round < 50; ++round) {
            auto [near, far] = tcp_pair();
            {
                tcp_stream stream = adopt(*io, std::move(near));
                auto receiving = stream.recv();
                REQUIRE(task.poll(receiving).is_pending());
                REQUIRE(io->turn(rouse::duration::zero()));
                write_all(far, "now");
                if (round % 2 == 0) {
                    far.reset();
                }
            }
            if (round % 3 == 0) {
                turn_until_left(*io, 0, 0);
            }
        }
        turn_until_left(*io, 0, 0);
        CHECK(io->buffers().leased() == 0);
    }
}
