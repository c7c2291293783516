#include "runtime/net/tcp_listener.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/reactor_drive.hpp"
#include "tests/support/sockets.hpp"

using rouse::address;
using rouse::errno_code;
using rouse::tcp_listener;
using rouse::test::any_port;
using rouse::test::connect_plain;
using rouse::test::drive;
using rouse::test::read_now;
using rouse::test::read_to_end;
using rouse::test::tested_reactor;
using rouse::test::write_all;

namespace {

/// A directory of its own for each test, removed at the end.
class own_directory {
   public:
    own_directory() {
        std::string name = (std::filesystem::temp_directory_path() / "rouse.XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    own_directory(const own_directory&) = delete;
    own_directory& operator=(const own_directory&) = delete;
    ~own_directory() { std::filesystem::remove_all(path_); }

    [[nodiscard]] std::string file(const char* name) const { return (path_ / name).string(); }
    [[nodiscard]] address socket(const char* name) const {
        return address::parse("unix:" + file(name)).value();
    }

   private:
    std::filesystem::path path_;
};

/// One byte each way over a new connection to `listener`.
void check_serves(rouse::reactor& io, tcp_listener& listener) {
    const auto client = connect_plain(listener.local_address());
    auto accepted = drive(io, listener.accept());
    REQUIRE(accepted);
    write_all(client, "?");
    CHECK(drive(io, accepted->recv())->text() == "?");
    REQUIRE(drive(io, accepted->send(rouse::owned_bytes::from_static("!"))));
    CHECK(read_now(client).text == "!");
}

}  // namespace

TEST_SUITE("runtime/tcp_listener") {
    TEST_CASE("on IPv4, with the port that the kernel picks") {
        const auto io = tested_reactor();
        auto listener = tcp_listener::bind(*io, any_port());
        REQUIRE(listener);
        CHECK(listener->local_address().port() != 0);
        check_serves(*io, *listener);
    }

    TEST_CASE("on IPv6, where the machine has it") {
        const auto io = tested_reactor();
        auto listener = tcp_listener::bind(*io, address::parse("[::1]:0").value());
        if (!listener && listener.error() == errno_code(EADDRNOTAVAIL)) {
            MESSAGE("skipped: this machine has no ::1");
            return;
        }
        REQUIRE(listener);
        CHECK(listener->local_address().family() == AF_INET6);
        check_serves(*io, *listener);
    }

    TEST_CASE("on a unix path, which is removed at the end") {
        const own_directory directory;
        const auto io = tested_reactor();
        {
            auto listener = tcp_listener::bind(*io, directory.socket("s"));
            REQUIRE(listener);
            CHECK(listener->local_address().unix_path() == directory.file("s"));
            auto moved = std::move(*listener);
            check_serves(*io, moved);
            CHECK(std::filesystem::exists(directory.file("s")));
        }
        CHECK_FALSE(std::filesystem::exists(directory.file("s")));
    }

    TEST_CASE("on an abstract unix name") {
        const auto io = tested_reactor();
        const auto where =
            address::parse("unix:@rouse-test-" + std::to_string(::getpid()) + "-abstract").value();
        auto listener = tcp_listener::bind(*io, where);
        REQUIRE(listener);
        CHECK(listener->local_address() == where);
        check_serves(*io, *listener);
        const auto second = tcp_listener::bind(*io, where);
        REQUIRE_FALSE(second);
        CHECK(second.error() == errno_code(EADDRINUSE));
    }

    TEST_CASE("a unix path that a dead process left is taken over") {
        const own_directory directory;
        const auto where = directory.socket("s");
        {
            const rouse::unique_fd left(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
            REQUIRE(::bind(left.get(), where.data(), where.size()) == 0);
            REQUIRE(::listen(left.get(), 1) == 0);
        }
        REQUIRE(std::filesystem::exists(directory.file("s")));
        const auto io = tested_reactor();
        auto listener = tcp_listener::bind(*io, where);
        REQUIRE(listener);
        check_serves(*io, *listener);
    }

    TEST_CASE("a unix path on which somebody listens is refused, and left alone") {
        const own_directory directory;
        const auto io = tested_reactor();
        auto first = tcp_listener::bind(*io, directory.socket("s"));
        REQUIRE(first);
        const auto second = tcp_listener::bind(*io, directory.socket("s"));
        REQUIRE_FALSE(second);
        CHECK(second.error() == errno_code(EADDRINUSE));
        CHECK(std::filesystem::exists(directory.file("s")));
    }

    TEST_CASE("a unix listener whose backlog is full is alive: asking does not wait for it") {
        const own_directory directory;
        const auto where = directory.socket("s");
        const rouse::unique_fd busy(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        REQUIRE(::bind(busy.get(), where.data(), where.size()) == 0);
        REQUIRE(::listen(busy.get(), 0) == 0);
        const auto waits = connect_plain(where);
        const auto io = tested_reactor();
        const auto second = tcp_listener::bind(*io, where);
        REQUIRE_FALSE(second);
        CHECK(second.error() == errno_code(EADDRINUSE));
        CHECK(std::filesystem::exists(directory.file("s")));
    }

    TEST_CASE("a file that is no socket is never removed") {
        const own_directory directory;
        std::ofstream(directory.file("s")) << "precious";
        const auto io = tested_reactor();
        const auto refused = tcp_listener::bind(*io, directory.socket("s"));
        REQUIRE_FALSE(refused);
        CHECK(refused.error() == errno_code(EADDRINUSE));
        CHECK(std::filesystem::file_size(directory.file("s")) == 8);
    }

    TEST_CASE("a port in use is EADDRINUSE; a moment after its owner is gone it is free") {
        const auto io = tested_reactor();
        auto first = tcp_listener::bind(*io, any_port());
        REQUIRE(first);
        const auto where = first->local_address();
        const auto second = tcp_listener::bind(*io, where);
        REQUIRE_FALSE(second);
        CHECK(second.error() == errno_code(EADDRINUSE));
        check_serves(*io, *first);
        first->close();
        rouse::test::turn_until_left(*io, 0, 0);
        CHECK(tcp_listener::bind(*io, where));
    }

    TEST_CASE("several listeners share a port with reuse_port, and not without") {
        const auto io = tested_reactor();
        const rouse::listen_options shared{.reuse_port = true};
        auto first = tcp_listener::bind(*io, any_port(), shared);
        REQUIRE(first);
        const auto where = first->local_address();
        auto second = tcp_listener::bind(*io, where, shared);
        REQUIRE(second);
        CHECK_FALSE(tcp_listener::bind(*io, where));
        first->close();
        rouse::test::turn_until_left(*io, 1, 1);
        check_serves(*io, *second);
    }

    TEST_CASE("accepted connections have TCP_NODELAY, as asked") {
        const auto io = tested_reactor();
        for (const bool wanted : {true, false}) {
            auto listener =
                tcp_listener::bind(*io, any_port(), rouse::listen_options{.no_delay = wanted});
            REQUIRE(listener);
            const auto listening = rouse::open_listening_socket(any_port(), {.no_delay = wanted});
            REQUIRE(listening);
            const auto client = connect_plain(rouse::socket_address(listening->get()));
            const rouse::unique_fd accepted(::accept(listening->get(), nullptr, nullptr));
            int on = -1;
            socklen_t size = sizeof on;
            REQUIRE(::getsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &on, &size) == 0);
            CHECK((on != 0) == wanted);
        }
    }

    TEST_CASE("adopting a descriptor that listens already, as from socket activation") {
        const auto io = tested_reactor();
        auto listening = rouse::open_listening_socket(any_port(), {});
        REQUIRE(listening);
        const auto where = rouse::socket_address(listening->get());
        auto listener = tcp_listener::adopt(*io, *std::move(listening));
        REQUIRE(listener);
        CHECK(listener->local_address() == where);
        check_serves(*io, *listener);
    }

    TEST_CASE("assigning over a listener closes the one that was there") {
        const auto io = tested_reactor();
        auto listener = tcp_listener::bind(*io, any_port()).value();
        const auto client = connect_plain(listener.local_address());
        listener = tcp_listener::bind(*io, any_port()).value();
        rouse::test::turn_until_left(*io, 1, 1);
        CHECK(read_to_end(client).empty());
        check_serves(*io, listener);
    }

    TEST_CASE("a connection that was reset before it is accepted harms nobody") {
        const auto io = tested_reactor();
        auto listener = tcp_listener::bind(*io, any_port());
        REQUIRE(listener);
        for (int i = 0; i < 3; ++i) {
            auto client = connect_plain(listener->local_address());
            const linger hard{.l_onoff = 1, .l_linger = 0};
            REQUIRE(::setsockopt(client.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard) == 0);
        }
        for (int i = 0; i < 3; ++i) {
            auto accepted = drive(*io, listener->accept());
            REQUIRE(accepted);
            const auto got = drive(*io, accepted->recv());
            REQUIRE_FALSE(got);
            CHECK(got.error() == errno_code(ECONNRESET));
        }
        check_serves(*io, *listener);
    }
}
