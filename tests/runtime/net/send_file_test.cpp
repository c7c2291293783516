#include "runtime/reactor/send_file.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/fs/directory.hpp"
#include "runtime/net/tcp_stream.hpp"
#include "tests/runtime/fs/file_tree.hpp"
#include "tests/support/counted_bytes.hpp"
#include "tests/support/reactor_drive.hpp"
#include "tests/support/sockets.hpp"

using rouse::errno_code;
using rouse::file;
using rouse::owned_bytes;
using rouse::send_file_future;
using rouse::tcp_stream;
using rouse::test::descriptor_pair;
using rouse::test::drive;
using rouse::test::file_tree;
using rouse::test::hand_task;
using rouse::test::read_now;
using rouse::test::tcp_pair;
using rouse::test::tested_reactor;
using rouse::test::turn_until_left;
using rouse::test::varied_bytes;

namespace {

constexpr std::size_t large_bytes = (3U << 20U) + 17;
static_assert(large_bytes > 4 * rouse::send_file_step_bytes);

/// A stream whose peer is a plain socket, and a file to send to it.
struct sending_side {
    explicit sending_side(const std::string& content, descriptor_pair pair = tcp_pair())
        : far(std::move(pair.far)),
          near_number(pair.near.get()),
          stream(tcp_stream::adopt(*io, std::move(pair.near)).value()),
          opened(open(content)) {}

    [[nodiscard]] file open(const std::string& content) const {
        tree.write("a", content);
        const rouse::directory root = tree.open(*io);
        auto found = drive(*io, root.open_beneath("a"));
        REQUIRE(found);
        return *std::move(found);
    }

    /// Polls until it is over, and reads at the other end meanwhile.
    [[nodiscard]] rouse::result<std::size_t> finish(send_file_future sending) {
        hand_task task;
        auto answer = task.poll(sending);
        while (answer.is_pending()) {
            REQUIRE(io->turn(rouse::duration::zero()));
            received += read_now(far).text;
            answer = task.poll(sending);
        }
        return std::move(answer).value();
    }
    /// What is on its way still.
    void read_up_to(std::size_t bytes) {
        std::array<char, 65536> room{};
        while (received.size() < bytes) {
            const auto got = ::recv(far.get(), room.data(), room.size(), 0);
            REQUIRE(got > 0);
            received.append(room.data(), static_cast<std::size_t>(got));
        }
    }

    // As a program begins: the end of a peer must not end it.
    void (*const before)(int) = ::signal(SIGPIPE, SIG_DFL);
    file_tree tree;
    std::unique_ptr<rouse::reactor> io = tested_reactor();
    rouse::unique_fd far;
    int near_number;
    tcp_stream stream;
    file opened;
    std::string received;
};

/// Takes a file's bytes out of the kernel's memory. False: it does not let them go.
bool make_cold(const std::string& path) {
    const rouse::unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(file);
    REQUIRE(::fsync(file.get()) == 0);
    REQUIRE(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED) == 0);
    char ignored = 0;
    const iovec into{.iov_base = &ignored, .iov_len = 1};
    return ::preadv2(file.get(), &into, 1, 0, RWF_NOWAIT) < 0;
}

}  // namespace

TEST_SUITE("runtime/tcp_stream send_file") {
    TEST_CASE("bytes of one's own and a part of the file arrive, in order and whole") {
        const std::string content = varied_bytes(large_bytes);
        sending_side side(content);
        const auto sent = side.finish(
            side.stream.send_file(owned_bytes::from_string("head "), side.opened, 11, 2'500'000));
        REQUIRE(sent);
        CHECK(*sent == 2'500'000);
        side.read_up_to(5 + 2'500'000);
        CHECK(side.received == "head " + content.substr(11, 2'500'000));
    }

    TEST_CASE("without bytes of one's own, up to the last byte of the file, over a unix socket") {
        const std::string content = varied_bytes(large_bytes);
        sending_side side(content, rouse::test::unix_pair());
        const auto sent =
            side.finish(side.stream.send_file({}, side.opened, 1, content.size() - 1));
        REQUIRE(sent);
        CHECK(*sent == content.size() - 1);
        side.read_up_to(content.size() - 1);
        CHECK(side.received == content.substr(1));
    }

    TEST_CASE("a peer that does not read holds it up, and the reactor sleeps meanwhile") {
        const std::string content = varied_bytes(64U << 20U);
        sending_side side(content);
        send_file_future sending = side.stream.send_file({}, side.opened, 0, content.size());
        hand_task task;
        REQUIRE(task.poll(sending).is_pending());
        // Until the socket is full: then a turn brings nothing any more.
        std::uint64_t completions = 0;
        do {
            completions = side.io->counters().submissions;
            REQUIRE(side.io->turn(rouse::milliseconds(50)));
        } while (side.io->counters().submissions != completions);
        CHECK(task.wakes() == 0);
        const auto sent = side.finish(std::move(sending));
        REQUIRE(sent);
        CHECK(*sent == content.size());
        side.read_up_to(content.size());
        CHECK(side.received == content);
    }

    TEST_CASE("what has to come from a disk is left to who reads it") {
        sending_side side(varied_bytes(large_bytes));
        if (!make_cold(side.tree.path("a"))) {
            MESSAGE("the file system keeps its files in memory: not tested");
            return;
        }
        const auto sent = side.finish(
            side.stream.send_file(owned_bytes::from_string("head"), side.opened, 0, large_bytes));
        REQUIRE(sent);
        CHECK(*sent == 0);
        side.read_up_to(4);
        CHECK(side.received == "head");
    }

    TEST_CASE("a file that ends before its part does: ENODATA, after what there was") {
        const std::string content = varied_bytes(large_bytes);
        sending_side side(content);
        const auto sent =
            side.finish(side.stream.send_file({}, side.opened, 0, content.size() + 1));
        REQUIRE_FALSE(sent);
        CHECK(sent.error() == errno_code(ENODATA));
        side.read_up_to(content.size());
        CHECK(side.received == content);
    }

    TEST_CASE("a peer that has reset the connection: an error, and no signal") {
        sending_side side(varied_bytes(large_bytes));
        const linger reset{.l_onoff = 1, .l_linger = 0};
        REQUIRE(::setsockopt(side.far.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0);
        side.far.reset();
        const auto first = drive(*side.io, side.stream.send_file({}, side.opened, 0, large_bytes));
        REQUIRE_FALSE(first);
        CHECK(first.error() == errno_code(ECONNRESET));
        const auto second = drive(*side.io, side.stream.send_file({}, side.opened, 0, large_bytes));
        REQUIRE_FALSE(second);
        CHECK(second.error() == errno_code(EPIPE));
    }

    TEST_CASE("other sends of the same socket wait for room afterwards, as before") {
        sending_side side("of a file, ");
        REQUIRE(side.finish(side.stream.send_file({}, side.opened, 0, 11)));
        CHECK((::fcntl(side.near_number, F_GETFL) & O_NONBLOCK) == 0);
        const std::string text = varied_bytes(16U << 20U);
        auto sending = side.stream.send(owned_bytes::from_string(text));
        hand_task task;
        auto answer = task.poll(sending);
        while (answer.is_pending()) {
            REQUIRE(side.io->turn(rouse::duration::zero()));
            side.received += read_now(side.far).text;
            answer = task.poll(sending);
        }
        CHECK(answer.value());
        side.read_up_to(11 + text.size());
        CHECK(side.received == "of a file, " + text);
    }

    TEST_CASE("dropped at any stage, it leaves no record, no descriptor and no bytes") {
        const std::string content = varied_bytes(64U << 20U);
        for (int turns = -1; turns < 4; ++turns) {
            sending_side side(content);
            turn_until_left(*side.io, 1, 2);
            rouse::test::counted_bytes head("head");
            {
                hand_task task;
                std::optional<send_file_future> sending(
                    side.stream.send_file(head.bytes(), side.opened, 0, content.size()));
                if (turns >= 0) {
                    REQUIRE(task.poll(*sending).is_pending());
                }
                for (int i = 0; i < turns; ++i) {
                    REQUIRE(side.io->turn(rouse::duration::zero()));
                }
                // The operation is an owner of the file, too.
                side.opened = side.open("shorter");
            }
            turn_until_left(*side.io, 1, 2);
            CHECK(head.releases == 1);
        }
    }
}
