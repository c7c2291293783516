#include "runtime/fs/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/fs/directory.hpp"
#include "tests/runtime/fs/file_tree.hpp"
#include "tests/support/reactor_drive.hpp"

using rouse::file;
using rouse::file_blocks;
using rouse::file_status;
using rouse::file_type;
using rouse::test::drive;
using rouse::test::file_tree;
using rouse::test::hand_task;
using rouse::test::tested_reactor;
using rouse::test::text_of;
using rouse::test::turn_until;
using rouse::test::varied_bytes;

namespace {

file open_file(rouse::reactor& io, const file_tree& tree, const char* name) {
    const rouse::directory root = tree.open(io);
    auto opened = drive(io, root.open_beneath(name));
    REQUIRE(opened);
    return *std::move(opened);
}

file_status status(rouse::reactor& io, const file& of) {
    const auto told = drive(io, of.status());
    REQUIRE(told);
    return *told;
}

}  // namespace

TEST_SUITE("runtime/fs/file status") {
    TEST_CASE("it says what stat(2) says") {
        const file_tree tree;
        const auto io = tested_reactor();
        tree.write("a", varied_bytes(12'345));
        const std::array<timespec, 2> times{timespec{.tv_sec = 1'000'000'000, .tv_nsec = 123},
                                            timespec{.tv_sec = -5, .tv_nsec = 999'999'999}};
        REQUIRE(::utimensat(AT_FDCWD, tree.path("a").c_str(), times.data(), 0) == 0);
        const file_status told = status(*io, open_file(*io, tree, "a"));
        struct stat expected{};
        REQUIRE(::stat(tree.path("a").c_str(), &expected) == 0);
        CHECK(told.type == file_type::regular);
        CHECK(told.size == 12'345);
        CHECK(told.modified == rouse::file_time{-5, 999'999'999});
        CHECK(told.changed.seconds == expected.st_ctim.tv_sec);
        CHECK(told.changed.nanoseconds == expected.st_ctim.tv_nsec);
        CHECK(told.inode == expected.st_ino);
        CHECK((told.device >> 32U) == major(expected.st_dev));
        CHECK((told.device & UINT32_MAX) == minor(expected.st_dev));
    }

    TEST_CASE("it changes with the file, and not with another one at its path") {
        const file_tree tree;
        const auto io = tested_reactor();
        tree.write("a", "first");
        const file opened = open_file(*io, tree, "a");
        const file_status before = status(*io, opened);
        CHECK(status(*io, opened) == before);
        REQUIRE(::truncate(tree.path("a").c_str(), 3) == 0);
        const file_status shorter = status(*io, opened);
        CHECK(shorter.size == 3);
        CHECK(shorter != before);
        CHECK(shorter.inode == before.inode);
        tree.write("b", "the next version");
        std::filesystem::rename(tree.path("b"), tree.path("a"));
        CHECK(status(*io, opened).size == 3);
        const file_status replaced = status(*io, open_file(*io, tree, "a"));
        CHECK(replaced.size == 16);
        CHECK(replaced.inode != before.inode);
        std::filesystem::remove(tree.path("a"));
        CHECK(status(*io, opened).size == 3);
    }

    TEST_CASE("a status of a file in the cache takes one turn, and so does a read") {
        const file_tree tree;
        const auto io = tested_reactor();
        const auto blocks = file_blocks::make();
        tree.write("a", "small");
        const file opened = open_file(*io, tree, "a");
        const auto turns = io->counters().turns;
        CHECK(status(*io, opened).size == 5);
        CHECK(io->counters().turns - turns == 1);
        CHECK(text_of(*drive(*io, opened.read(blocks->take(5), 0))) == "small");
        CHECK(io->counters().turns - turns == 2);
    }
}

TEST_SUITE("runtime/fs/file read") {
    TEST_CASE("from any offset, up to the end, and nothing beyond it") {
        const file_tree tree;
        const auto io = tested_reactor();
        const auto blocks = file_blocks::make();
        const std::string all = varied_bytes(10'000);
        tree.write("a", all);
        const file opened = open_file(*io, tree, "a");
        for (const std::size_t offset : {0U, 1U, 4'096U, 9'999U}) {
            const auto got = drive(*io, opened.read(blocks->take(1), offset));
            REQUIRE(got);
            CHECK(text_of(*got) == all.substr(offset));
        }
        for (const std::uint64_t offset : {std::uint64_t{10'000}, std::uint64_t{1} << 62U}) {
            const auto got = drive(*io, opened.read(blocks->take(1), offset));
            REQUIRE(got);
            CHECK(got->empty());
        }
        CHECK(text_of(*drive(*io, opened.read(blocks->take(1), 5, 7))) == all.substr(5, 7));
    }

    TEST_CASE("an empty file has nothing to read") {
        const file_tree tree;
        const auto io = tested_reactor();
        const auto blocks = file_blocks::make();
        tree.write("a", "");
        const auto got = drive(*io, open_file(*io, tree, "a").read(blocks->take(1), 0));
        REQUIRE(got);
        CHECK(got->empty());
    }

    TEST_CASE("a second read goes behind the bytes of the first, until the block is full") {
        const file_tree tree;
        const auto io = tested_reactor();
        const auto blocks = file_blocks::make();
        const std::string all = varied_bytes(file_blocks::small_bytes + 100);
        tree.write("a", all);
        const file opened = open_file(*io, tree, "a");
        auto got = drive(*io, opened.read(blocks->take(1), 0, 1'000));
        REQUIRE(got);
        CHECK(got->size() == 1'000);
        got = drive(*io, opened.read(*std::move(got), 1'000));
        REQUIRE(got);
        CHECK(text_of(*got) == all.substr(0, file_blocks::small_bytes));
        CHECK(got->room().empty());
    }

    TEST_CASE("64 MiB in large blocks are the bytes that were written") {
        const file_tree tree;
        const auto io = tested_reactor();
        const auto blocks = file_blocks::make();
        const std::string all = varied_bytes(std::size_t{64} << 20U);
        tree.write("a", all);
        const file opened = open_file(*io, tree, "a");
        std::size_t offset = 0;
        while (true) {
            const auto got = drive(*io, opened.read(blocks->take(SIZE_MAX), offset));
            REQUIRE(got);
            if (got->empty()) {
                break;
            }
            REQUIRE(text_of(*got) == std::string_view(all).substr(offset, got->size()));
            offset += got->size();
        }
        CHECK(offset == all.size());
        CHECK(blocks->bytes_kept() == file_blocks::large_bytes);
    }

    TEST_CASE("a file that shrinks ends early, and one that grows goes on") {
        const file_tree tree;
        const auto io = tested_reactor();
        const auto blocks = file_blocks::make();
        tree.write("a", "0123456789");
        const file opened = open_file(*io, tree, "a");
        CHECK(text_of(*drive(*io, opened.read(blocks->take(1), 0, 4))) == "0123");
        REQUIRE(::truncate(tree.path("a").c_str(), 6) == 0);
        CHECK(text_of(*drive(*io, opened.read(blocks->take(1), 4, 4))) == "45");
        REQUIRE(::truncate(tree.path("a").c_str(), 2) == 0);
        CHECK(drive(*io, opened.read(blocks->take(1), 6, 4))->empty());
        std::ofstream(tree.path("a"), std::ios::app) << "new";
        CHECK(text_of(*drive(*io, opened.read(blocks->take(1), 2))) == "new");
    }

    TEST_CASE("many at once, of one file and in any order, each get their own bytes") {
        const file_tree tree;
        const auto io = tested_reactor();
        const auto blocks = file_blocks::make();
        constexpr std::size_t reads = 300;  // More than the ring has entries.
        const std::string all = varied_bytes(reads * 100);
        tree.write("a", all);
        const file opened = open_file(*io, tree, "a");
        std::vector<rouse::read_future> reading;
        std::vector<std::optional<rouse::result<rouse::file_block>>> answers(reads);
        for (std::size_t i = 0; i < reads; ++i) {
            reading.push_back(opened.read(blocks->take(1), (i * 7 % reads) * 100, 100));
        }
        hand_task task;
        std::size_t left = reads;
        turn_until(*io, [&] {
            task.budget = {};
            for (std::size_t i = 0; i < reads; ++i) {
                if (answers[i]) {
                    continue;
                }
                auto answer = task.poll(reading[i]);
                if (answer.is_ready()) {
                    answers[i] = std::move(answer).value();
                    --left;
                }
            }
            return left == 0;
        });
        for (std::size_t i = 0; i < reads; ++i) {
            REQUIRE(*answers[i]);
            CHECK(text_of(**answers[i]) == all.substr((i * 7 % reads) * 100, 100));
        }
    }

    TEST_CASE("a file system that cannot say whether a read would wait is read all the same") {
        const auto io = tested_reactor();
        const auto blocks = file_blocks::make();
        auto root = rouse::directory::open(*io, "/proc");
        REQUIRE(root);
        const auto opened = drive(*io, root->open_beneath("version"));
        REQUIRE(opened);
        const auto got = drive(*io, opened->read(blocks->take(1), 0));
        REQUIRE(got);
        std::ifstream plain("/proc/version");
        CHECK(text_of(*got) == std::string(std::istreambuf_iterator<char>(plain), {}));
    }

    TEST_CASE("what cannot be read is told: a directory, and a file that only writes") {
        const file_tree tree;
        const auto io = tested_reactor();
        const auto blocks = file_blocks::make();
        tree.write("a", "x");
        const auto directory_read = drive(*io, open_file(*io, tree, ".").read(blocks->take(1), 0));
        REQUIRE_FALSE(directory_read);
        CHECK(directory_read.error() == rouse::errno_code(EISDIR));
        auto written = file::adopt(
            *io, rouse::unique_fd(::open(tree.path("a").c_str(), O_WRONLY | O_CLOEXEC)));
        REQUIRE(written);
        const auto refused = drive(*io, written->read(blocks->take(1), 0));
        REQUIRE_FALSE(refused);
        CHECK(refused.error() == rouse::errno_code(EBADF));
        CHECK(blocks->bytes_outside() == 0);
    }

    TEST_CASE("without a free record it is limit_exceeded, and the block goes back") {
        const file_tree tree;
        tree.write("a", "x");
        auto options = rouse::test::small_ring();
        options.limits.operations_max = 1;
        const auto io = tested_reactor(options);
        const auto blocks = file_blocks::make();
        const file opened = open_file(*io, tree, "a");
        const auto held = opened.status();
        const auto told = drive(*io, opened.status());
        REQUIRE_FALSE(told);
        CHECK(told.error() == rouse::errc::limit_exceeded);
        const auto read = drive(*io, opened.read(blocks->take(1), 0));
        REQUIRE_FALSE(read);
        CHECK(read.error() == rouse::errc::limit_exceeded);
        CHECK(blocks->bytes_outside() == 0);
    }
}
