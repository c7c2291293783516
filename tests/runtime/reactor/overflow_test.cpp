#include <algorithm>
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
using rouse::tcp_stream;
using rouse::test::drive;
using rouse::test::hand_task;
using rouse::test::tested_reactor;
using rouse::test::turn_until;
using rouse::test::turn_until_left;
using rouse::test::unix_pair;

namespace {

rouse::reactor_options smallest_ring() {
    auto options = rouse::test::small_ring();
    options.entries = 64;
    options.completion_entries = 64;
    options.buffers = 1024;
    options.buffers_max = 1024;
    options.buffer_bytes = 512;
    return options;
}

constexpr std::size_t many = 400;

struct crowd {
    explicit crowd(rouse::reactor& io) {
        for (std::size_t i = 0; i < many; ++i) {
            auto [near, far] = unix_pair();
            near_ends.push_back(tcp_stream::adopt(io, std::move(near)).value());
            far_ends.push_back(std::move(far));
        }
    }
    std::vector<tcp_stream> near_ends;
    std::vector<rouse::unique_fd> far_ends;
};

}  // namespace

TEST_SUITE("runtime/reactor overflow") {
    TEST_CASE("more completions in one turn than the completion queue holds: none is lost") {
        const auto io = tested_reactor(smallest_ring());
        std::vector<hand_task> tasks(many);
        crowd connections(*io);
        std::vector<rouse::receive_future> receiving;
        for (std::size_t i = 0; i < many; ++i) {
            receiving.push_back(connections.near_ends[i].recv());
            REQUIRE(tasks[i].poll(receiving[i]).is_pending());
        }
        REQUIRE(io->turn(rouse::duration::zero()));
        for (int round = 0; round < 3; ++round) {
            const int wanted = round + 1;
            for (std::size_t i = 0; i < many; ++i) {
                rouse::test::write_all(connections.far_ends[i], std::to_string(i * 3));
            }
            turn_until(*io, [&] {
                return std::ranges::all_of(tasks, [&](auto& t) { return t.wakes() >= wanted; });
            });
            for (std::size_t i = 0; i < many; ++i) {
                auto answer = tasks[i].poll(receiving[i]);
                REQUIRE(answer.is_ready());
                REQUIRE(answer.value());
                CHECK(answer.value()->text() == std::to_string(i * 3));
                REQUIRE(tasks[i].poll(receiving[i]).is_pending());
            }
        }
    }

    TEST_CASE(
        "more submissions in one turn than both queues hold: all are done, and no completion is "
        "lost") {
        const auto io = tested_reactor(smallest_ring());
        std::vector<hand_task> tasks(many);
        crowd connections(*io);
        std::vector<rouse::one_shot_future> sending;
        for (std::size_t i = 0; i < many; ++i) {
            sending.push_back(
                connections.near_ends[i].send(owned_bytes::from_string(std::to_string(i * 7))));
            REQUIRE(tasks[i].poll(sending[i]).is_pending());
        }
        turn_until(*io, [&] {
            return std::ranges::all_of(tasks, [](auto& task) { return task.wakes() == 1; });
        });
        for (std::size_t i = 0; i < many; ++i) {
            REQUIRE(tasks[i].poll(sending[i]).is_ready());
            CHECK(rouse::test::read_now(connections.far_ends[i]).text == std::to_string(i * 7));
        }
        // Small sends complete while they are submitted, 64 at a time, before anything is reaped.
        CHECK((io->counters().queue_overflows > 0) ==
              (rouse::test::tested_backend() == rouse::backend::io_uring));
    }

    TEST_CASE("more cancels at once than the submission queue holds: every stream is closed") {
        const auto io = tested_reactor(smallest_ring());
        std::vector<hand_task> tasks(many);
        std::vector<rouse::unique_fd> far_ends;
        {
            crowd connections(*io);
            for (std::size_t i = 0; i < many; ++i) {
                auto receiving = connections.near_ends[i].recv();
                REQUIRE(tasks[i].poll(receiving).is_pending());
            }
            REQUIRE(io->turn(rouse::duration::zero()));
            far_ends = std::move(connections.far_ends);
        }
        turn_until_left(*io, 0, 0);
        for (const auto& far : far_ends) {
            CHECK(rouse::test::read_now(far).end);
        }
        CHECK(io->counters().orphans == many);
    }

    TEST_CASE(
        "receives, sends and cancels at once in a ring that is too small: all bytes come back") {
        const auto io = tested_reactor(smallest_ring());
        rouse::test::counted_bytes bytes(std::string(1U << 20U, 'z'));
        std::vector<hand_task> tasks(many);
        {
            crowd connections(*io);
            std::vector<rouse::one_shot_future> sending;
            for (std::size_t i = 0; i < many; ++i) {
                sending.push_back(connections.near_ends[i].send(bytes.bytes()));
                REQUIRE(tasks[i].poll(sending.back()).is_pending());
                auto receiving = connections.near_ends[i].recv();
                REQUIRE(tasks[i].poll(receiving).is_pending());
                rouse::test::write_all(connections.far_ends[i], "x");
            }
            REQUIRE(io->turn(rouse::duration::zero()));
        }
        turn_until_left(*io, 0, 0);
        CHECK(bytes.releases == static_cast<int>(many));
        CHECK(io->buffers().leased() == 0);
    }

    TEST_CASE("a record more than the limit is refused with a reason, and everything goes on") {
        auto options = rouse::test::small_ring();
        options.limits.operations_max = 2;
        options.limits.descriptors_max = 2;
        const auto io = tested_reactor(options);
        auto first = unix_pair();
        auto second = unix_pair();
        auto third = unix_pair();
        auto stream = tcp_stream::adopt(*io, std::move(first.near)).value();
        {
            const auto other = tcp_stream::adopt(*io, std::move(second.near));
            REQUIRE(other);
            const auto refused = tcp_stream::adopt(*io, std::move(third.near));
            REQUIRE_FALSE(refused);
            CHECK(refused.error() == rouse::errc::limit_exceeded);
            CHECK(rouse::test::read_now(third.far).end);
            const auto sent = drive(*io, stream.send(owned_bytes::from_static("no record left")));
            REQUIRE_FALSE(sent);
            CHECK(sent.error() == rouse::errc::limit_exceeded);
        }
        REQUIRE(drive(*io, stream.send(owned_bytes::from_static("free again"))));
        CHECK(rouse::test::read_now(first.far).text == "free again");
    }
}
