#include <sys/socket.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/net/tcp_listener.hpp"
#include "runtime/net/tcp_stream.hpp"
#include "tests/support/reactor_drive.hpp"
#include "tests/support/sockets.hpp"

using rouse::tcp_listener;
using rouse::tcp_stream;
using rouse::test::drive;
using rouse::test::hand_task;
using rouse::test::pattern;
using rouse::test::tested_reactor;

namespace {

/// What the kernel may go on with once a multishot receive has begun (MULTISHOT_MAX_RETRY).
constexpr std::size_t receive_overshoot = 32;

rouse::reactor_options bounded(std::uint16_t receives, std::uint16_t accepts) {
    auto options = rouse::test::small_ring();
    options.buffers = 512;
    options.buffers_max = 512;
    options.buffer_bytes = 512;
    options.limits.receive_queue_max = receives;
    options.limits.accept_queue_max = accepts;
    return options;
}

/// Sends from `text` at `offset` what the socket takes without waiting.
void flood(const rouse::unique_fd& to, const std::string& text, std::size_t& offset) {
    while (offset < text.size()) {
        const auto sent = ::send(to.get(), text.data() + offset, text.size() - offset,
                                 MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        offset += static_cast<std::size_t>(sent);
    }
}

}  // namespace

TEST_SUITE("runtime/reactor backpressure") {
    TEST_CASE("a peer that floods while nobody takes is read no further than the bound") {
        const auto io = tested_reactor(bounded(4, 256));
        auto [near, far] = rouse::test::tcp_pair();
        auto stream = tcp_stream::adopt(*io, std::move(near)).value();
        const std::string text = pattern(4U << 20U);
        std::size_t written = 0;
        std::string got;
        {
            auto first = drive(*io, [&] {
                flood(far, text, written);
                return stream.recv();
            }());
            REQUIRE(first);
            got += first->text();
        }
        // Everything that comes now is stored and not taken.
        const auto before = io->counters().completions;
        for (int i = 0; i < 100; ++i) {
            flood(far, text, written);
            REQUIRE(io->turn(rouse::duration::zero()));
        }
        CHECK(io->counters().completions - before <= 4 + receive_overshoot + 1);
        CHECK(io->counters().receives_paused == 1);
        while (got.size() < text.size()) {
            flood(far, text, written);
            auto more = drive(*io, stream.recv());
            REQUIRE(more);
            REQUIRE_FALSE(more->empty());
            got += more->text();
        }
        CHECK(got == text);
        CHECK(io->counters().receives_paused > 1);
    }

    TEST_CASE("a paused receive that was taken from before the pause took effect goes on") {
        const auto io = tested_reactor(bounded(1, 256));
        auto [near, far] = rouse::test::unix_pair();
        auto stream = tcp_stream::adopt(*io, std::move(near)).value();
        const std::string text = pattern(64U << 10U, 7);
        std::string got;
        for (std::size_t at = 0; at < text.size(); at += 1000) {
            rouse::test::write_all(far, std::string_view(text).substr(at, 1000));
            while (got.size() < std::min(at + 1000, text.size())) {
                auto more = drive(*io, stream.recv());
                REQUIRE(more);
                REQUIRE_FALSE(more->empty());
                got += more->text();
            }
        }
        CHECK(got == text);
        CHECK(io->counters().receives_paused > 0);
        far.reset();
        CHECK(drive(*io, stream.recv())->empty());
    }

    TEST_CASE(
        "a peer that closes while its receive is paused is seen to have closed, after its bytes") {
        const auto io = tested_reactor(bounded(2, 256));
        auto [near, far] = rouse::test::unix_pair();
        auto stream = tcp_stream::adopt(*io, std::move(near)).value();
        const std::string text = pattern(20'000, 3);
        rouse::test::write_all(far, text);
        far.reset();
        std::string got;
        while (true) {
            auto more = drive(*io, stream.recv());
            REQUIRE(more);
            if (more->empty()) {
                break;
            }
            got += more->text();
            for (int i = 0; i < 3; ++i) {
                REQUIRE(io->turn(rouse::duration::zero()));
            }
        }
        CHECK(got == text);
        CHECK(drive(*io, stream.recv())->empty());
    }

    TEST_CASE(
        "accepting pauses at its bound, and all connections are accepted once they are taken") {
        const auto io = tested_reactor(bounded(16, 4));
        auto listener = tcp_listener::bind(*io, rouse::test::any_port());
        REQUIRE(listener);
        hand_task task;
        constexpr std::size_t count = 60;
        std::vector<rouse::unique_fd> clients;
        auto accepting = listener->accept();
        REQUIRE(task.poll(accepting).is_pending());
        REQUIRE(io->turn(rouse::duration::zero()));
        for (std::size_t i = 0; i < count; ++i) {
            clients.push_back(rouse::test::connect_plain(listener->local_address()));
            REQUIRE(io->turn(rouse::duration::zero()));
        }
        CHECK(io->counters().receives_paused == 1);
        CHECK(io->counters().completions < count);
        std::vector<tcp_stream> accepted;
        while (accepted.size() < count) {
            auto next = drive(*io, listener->accept());
            REQUIRE(next);
            accepted.push_back(*std::move(next));
        }
        for (std::size_t i = 0; i < count; ++i) {
            CHECK(accepted[i].peer_address() == rouse::socket_address(clients[i].get()));
        }
        // drive's waker took the place of the hand task's: nothing of it is left behind.
        CHECK(task.counts.owners == 1);
    }
}
