#include <sys/socket.h>

#include <string_view>
#include <thread>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/net/tcp_stream.hpp"
#include "tests/support/reactor_drive.hpp"
#include "tests/support/sockets.hpp"

namespace {

using rouse::tcp_stream;
using rouse::unique_fd;
using rouse::test::descriptor_pair;
using rouse::test::drive;
using rouse::test::tested_reactor;

constexpr std::string_view last_words = "GET / HT";

// Sends and ends in one breath, while another processor begins to receive.
void speak_and_end(unique_fd speaker, bool with_reset) {
    (void)::send(speaker.get(), last_words.data(), last_words.size(), MSG_NOSIGNAL);
    if (with_reset) {
        const linger now{.l_onoff = 1, .l_linger = 0};
        (void)::setsockopt(speaker.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    speaker.reset();
}

// The other processor is given another head start each time: only some of them meet the race.
int head_start_of(int round) {
    return round % 128 * 256;
}

// True when the end came as an end, false as an error.
bool receive_to_the_end(rouse::reactor& io, descriptor_pair ends, bool with_reset, int head_start) {
    auto stream = tcp_stream::adopt(io, std::move(ends.near)).value();
    std::thread speaker(speak_and_end, std::move(ends.far), with_reset);
    volatile int spun = 0;
    while (spun < head_start) {
        spun = spun + 1;
    }
    while (true) {
        const auto received = drive(io, stream.recv());
        if (!received || received->empty()) {
            speaker.join();
            return received.has_value();
        }
    }
}

}  // namespace

TEST_SUITE("runtime/reactor end of stream") {
    // The kernel loses an end about once in some thousand times: see uring_reactor::look_for_ends.
    constexpr int rounds = 4000;

    TEST_CASE("a reset that follows bytes at once is told") {
        const auto io = tested_reactor();
        for (int round = 0; round < rounds; ++round) {
            (void)receive_to_the_end(*io, rouse::test::tcp_pair(), true, head_start_of(round));
        }
        MESSAGE("ends that the kernel had lost: ", io->counters().receives_restarted);
    }

    TEST_CASE("the end of a unix stream that follows bytes at once is told") {
        const auto io = tested_reactor();
        for (int round = 0; round < rounds; ++round) {
            CHECK(receive_to_the_end(*io, rouse::test::unix_pair(), false, head_start_of(round)));
        }
        MESSAGE("ends that the kernel had lost: ", io->counters().receives_restarted);
    }

    TEST_CASE("a stream that has had bytes and goes on is not begun anew") {
        const auto io = tested_reactor();
        auto [near, far] = rouse::test::tcp_pair();
        auto stream = tcp_stream::adopt(*io, std::move(near)).value();
        rouse::test::write_all(far, "one");
        CHECK(drive(*io, stream.recv())->text() == "one");
        // One turn looks for the end and sleeps on; none of it ends the receive.
        REQUIRE(io->turn(rouse::milliseconds(300)));
        REQUIRE(io->turn(rouse::milliseconds(1)));
        CHECK(io->counters().receives_restarted == 0);
        rouse::test::write_all(far, "two");
        CHECK(drive(*io, stream.recv())->text() == "two");
        CHECK(io->counters().submissions == 1);
    }
}
