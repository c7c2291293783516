#include "protocols/echo/udp_echo.hpp"

#include <sys/socket.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/executors.hpp"
#include "tests/support/sockets.hpp"

namespace rouse::test {
namespace {

unique_fd bound_datagram_socket() {
    unique_fd made(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    REQUIRE(made);
    const address where = any_port();
    REQUIRE(::bind(made.get(), where.data(), where.size()) == 0);
    return made;
}

struct fixture {
    waking_executor runs;
    address server;
    unique_fd client = bound_datagram_socket();
    std::optional<join_handle<std::error_code>> echoing;

    fixture() {
        unique_fd socket = bound_datagram_socket();
        server = socket_address(socket.get());
        auto adopted = udp_socket::adopt(*runs.io, std::move(socket));
        REQUIRE(adopted);
        echoing.emplace(runs.runs.spawn(echo::serve(*std::move(adopted))));
        REQUIRE(::connect(client.get(), server.data(), server.size()) == 0);
    }

    void send(const std::string& text) const {
        REQUIRE(::send(client.get(), text.data(), text.size(), 0) ==
                static_cast<ssize_t>(text.size()));
    }
    /// The next datagram that comes back.
    [[nodiscard]] std::string receive() {
        std::string room(70'000, '\0');
        const time_point give_up = clock::now() + completion_wait_max;
        while (clock::now() < give_up) {
            runs.runs.run_until_stalled();
            const auto got = ::recv(client.get(), room.data(), room.size(), MSG_DONTWAIT);
            if (got >= 0) {
                room.resize(static_cast<std::size_t>(got));
                return room;
            }
            REQUIRE(runs.io->turn(std::chrono::milliseconds(1)));
        }
        FAIL("no datagram came back");
        return {};
    }
};

}  // namespace

TEST_SUITE("protocols/echo/udp_echo") {
    TEST_CASE_FIXTURE(fixture, "each datagram comes back as it was") {
        for (const std::string text : {"one", "", "three"}) {
            send(text);
            CHECK(receive() == text);
        }
    }

    TEST_CASE_FIXTURE(fixture, "a datagram that does not fit into a buffer is not sent back") {
        send(std::string(10'000, 'x'));
        send("after");
        CHECK(receive() == "after");
    }

    TEST_CASE_FIXTURE(fixture, "a peer that is gone stops nobody else") {
        {
            const unique_fd gone = bound_datagram_socket();
            REQUIRE(::sendto(gone.get(), "x", 1, 0, server.data(), server.size()) == 1);
        }
        send("one");
        CHECK(receive() == "one");
        send("two");
        CHECK(receive() == "two");
        CHECK_FALSE(echoing->is_finished());
    }
}

}  // namespace rouse::test
