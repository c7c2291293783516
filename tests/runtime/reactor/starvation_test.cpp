#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/net/tcp_stream.hpp"
#include "tests/support/reactor_drive.hpp"
#include "tests/support/sockets.hpp"

using rouse::buffer_lease;
using rouse::tcp_stream;
using rouse::test::drive;
using rouse::test::hand_task;
using rouse::test::tcp_pair;
using rouse::test::tested_backend;
using rouse::test::tested_reactor;
using rouse::test::turn_until;
using rouse::test::write_all;

namespace {

rouse::reactor_options pool_of(std::uint16_t buffers, std::uint16_t buffers_max) {
    auto options = rouse::test::small_ring();
    options.buffers = buffers;
    options.buffers_max = buffers_max;
    options.buffer_bytes = 512;
    return options;
}

/// A stream under test and the plain socket at its other end.
struct connection {
    explicit connection(rouse::reactor& io) : connection(io, tcp_pair()) {}
    connection(rouse::reactor& io, rouse::test::descriptor_pair pair)
        : stream(tcp_stream::adopt(io, std::move(pair.near)).value()), far(std::move(pair.far)) {}

    tcp_stream stream;
    rouse::unique_fd far;
};

/// Takes one lease from each of as many new connections as the pool has buffers.
std::vector<buffer_lease> hold_buffers(rouse::reactor& io, std::vector<connection>& connections,
                                       std::size_t count) {
    std::vector<buffer_lease> held;
    for (std::size_t i = 0; i < count; ++i) {
        connection& added = connections.emplace_back(io);
        write_all(added.far, "held");
        auto got = drive(io, added.stream.recv());
        REQUIRE(got);
        held.push_back(*std::move(got));
    }
    return held;
}

}  // namespace

TEST_SUITE("runtime/reactor starvation") {
    TEST_CASE("a receive without a free buffer starves, and goes on when a lease returns") {
        const auto io = tested_reactor(pool_of(2, 2));
        hand_task task;
        std::vector<connection> connections;
        auto held = hold_buffers(*io, connections, 2);
        connection hungry(*io);
        auto receiving = hungry.stream.recv();
        REQUIRE(task.poll(receiving).is_pending());
        write_all(hungry.far, "waits for a buffer");
        turn_until(*io, [&] { return io->counters().receives_starved > 0; });
        CHECK(task.wakes() == 0);
        // No operation of ours ends from here on: the turn itself must feed the starved one, and
        // not sleep.
        held.clear();
        turn_until(*io, [&] { return task.wakes() > 0; });
        const auto answer = task.poll(receiving);
        REQUIRE(answer.is_ready());
    }

    TEST_CASE("a starving receive does not spin") {
        const auto io = tested_reactor(pool_of(2, 2));
        hand_task task;
        std::vector<connection> connections;
        auto held = hold_buffers(*io, connections, 2);
        connection hungry(*io);
        auto receiving = hungry.stream.recv();
        REQUIRE(task.poll(receiving).is_pending());
        write_all(hungry.far, "x");
        turn_until(*io, [&] { return io->counters().receives_starved > 0; });
        const auto starved = io->counters().receives_starved;
        const auto submissions = io->counters().submissions;
        for (int i = 0; i < 20; ++i) {
            REQUIRE(io->turn(rouse::duration::zero()));
        }
        CHECK(io->counters().receives_starved == starved);
        CHECK(io->counters().submissions == submissions);
    }

    TEST_CASE("many connections share two buffers, one after the other") {
        const auto io = tested_reactor(pool_of(2, 2));
        constexpr std::size_t count = 40;
        std::vector<hand_task> tasks(count);
        std::vector<connection> connections;
        std::vector<rouse::receive_future> receiving;
        connections.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            connections.emplace_back(*io);
            write_all(connections[i].far, std::to_string(i));
            receiving.push_back(connections[i].stream.recv());
            REQUIRE(tasks[i].poll(receiving[i]).is_pending());
        }
        std::vector<bool> served(count, false);
        std::size_t left = count;
        const auto give_up = io->now() + rouse::test::completion_wait_max;
        while (left > 0 && io->now() < give_up) {
            REQUIRE(io->turn(rouse::test::completion_wait_max));
            for (std::size_t i = 0; i < count; ++i) {
                if (served[i] || tasks[i].wakes() == 0) {
                    continue;
                }
                auto answer = tasks[i].poll(receiving[i]);
                REQUIRE(answer.is_ready());
                REQUIRE(answer.value());
                CHECK(answer.value()->text() == std::to_string(i));
                served[i] = true;
                --left;
            }
        }
        CHECK(left == 0);
        CHECK(io->counters().receives_starved > 0);
        CHECK(io->buffers().leased() == 0);
    }

    TEST_CASE("the pool doubles up to its bound, and no further") {
        const auto io = tested_reactor(pool_of(2, 8));
        hand_task task;
        std::vector<connection> connections;
        auto held = hold_buffers(*io, connections, 8);
        CHECK(io->buffers().leased() == 8);
        CHECK(io->counters().receives_starved == 2);  // At 2 and at 4 buffers.
        connection hungry(*io);
        auto receiving = hungry.stream.recv();
        REQUIRE(task.poll(receiving).is_pending());
        write_all(hungry.far, "x");
        turn_until(*io, [&] { return io->counters().receives_starved == 3; });
        held.pop_back();
        turn_until(*io, [&] { return task.wakes() > 0; });
        REQUIRE(task.poll(receiving).is_ready());
        for (const buffer_lease& lease : held) {
            CHECK(lease.text() == "held");
        }
    }

    TEST_CASE("a stream that is dropped while it starves is closed, and the next one is fed") {
        const auto io = tested_reactor(pool_of(2, 2));
        hand_task dropped_task;
        hand_task task;
        std::vector<connection> connections;
        auto held = hold_buffers(*io, connections, 2);
        std::optional<connection> dropped(*io);
        auto dropped_receive = dropped->stream.recv();
        REQUIRE(dropped_task.poll(dropped_receive).is_pending());
        write_all(dropped->far, "x");
        turn_until(*io, [&] { return io->counters().receives_starved == 1; });
        connection hungry(*io);
        auto receiving = hungry.stream.recv();
        REQUIRE(task.poll(receiving).is_pending());
        write_all(hungry.far, "y");
        turn_until(*io, [&] { return io->counters().receives_starved == 2; });
        const auto operations = io->operation_count();
        const auto far = std::move(dropped->far);
        dropped.reset();
        CHECK(io->operation_count() == operations - 1);
        REQUIRE(io->turn(rouse::duration::zero()));
        CHECK(rouse::test::read_now(far).error != EAGAIN);
        held.pop_back();
        turn_until(*io, [&] { return task.wakes() > 0; });
        CHECK(dropped_task.wakes() == 0);
    }

    TEST_CASE("streams that are dropped when their receives have just found no buffer are freed") {
        auto options = pool_of(2, 2);
        options.completion_entries = 64;
        const auto io = tested_reactor(options);
        hand_task task;
        std::vector<connection> connections;
        auto held = hold_buffers(*io, connections, 2);
        const auto operations = io->operation_count();
        const auto descriptors = io->descriptor_count();
        {
            // More than the completion queue holds, so some answers of a ring are on their way when
            // the streams go.
            std::vector<connection> dropped;
            for (int i = 0; i < 200; ++i) {
                write_all(dropped.emplace_back(*io).far, "too late");
            }
            for (connection& each : dropped) {
                auto receiving = each.stream.recv();
                REQUIRE(task.poll(receiving).is_pending());
            }
            REQUIRE(io->turn(rouse::duration::zero()));
        }
        CHECK((io->counters().orphans > 0) == (tested_backend() == rouse::backend::io_uring));
        rouse::test::turn_until_left(*io, operations, descriptors);
        CHECK(task.wakes() == 0);
    }

    TEST_CASE("a lease whose bytes are being sent comes back when the send is over") {
        const auto io = tested_reactor(pool_of(2, 2));
        connection one(*io);
        for (int round = 0; round < 10; ++round) {
            write_all(one.far, "round trip");
            auto got = drive(*io, one.stream.recv());
            REQUIRE(got);
            REQUIRE(drive(*io, one.stream.send(std::move(*got).into_bytes())));
            CHECK(rouse::test::read_now(one.far).text == "round trip");
            CHECK(io->buffers().leased() == 0);
        }
    }
}
