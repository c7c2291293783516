#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/fs/directory.hpp"
#include "tests/runtime/fs/file_tree.hpp"
#include "tests/support/process_facts.hpp"
#include "tests/support/reactor_drive.hpp"

using rouse::directory;
using rouse::file_blocks;
using rouse::test::descriptor_count;
using rouse::test::drive;
using rouse::test::file_tree;
using rouse::test::hand_task;
using rouse::test::tested_reactor;
using rouse::test::turn_until;
using rouse::test::turn_until_left;

namespace {

/// How far an operation has come when its future is dropped.
enum class stage : std::uint8_t { idle, waiting, submitted, completed };
constexpr stage stages[] = {stage::idle, stage::waiting, stage::submitted, stage::completed};

/// Takes a future as far as that, and drops it.
template <class Future>
void drop_at(rouse::reactor& io, Future given, stage when) {
    hand_task task;
    Future dropped = std::move(given);  // Before its task.
    if (when == stage::idle) {
        return;
    }
    REQUIRE(task.poll(dropped).is_pending());
    if (when == stage::submitted) {
        REQUIRE(io.turn(rouse::duration::zero()));
    }
    if (when == stage::completed) {
        turn_until(io, [&] { return task.wakes() > 0; });
    }
}

}  // namespace

TEST_SUITE("runtime/fs drop") {
    TEST_CASE("an open that is dropped at any stage leaves no descriptor and no record") {
        const file_tree tree;
        const auto io = tested_reactor();
        tree.write("a", "");
        const directory root = tree.open(*io);
        REQUIRE(drive(*io, root.open_beneath("a")));
        turn_until_left(*io, 0, 1);
        const std::size_t before = descriptor_count(::getpid());
        for (const stage when : stages) {
            for (int round = 0; round < 20; ++round) {
                drop_at(*io, root.open_beneath("a"), when);
                if (round % 5 == 0) {
                    turn_until_left(*io, 0, 1);
                }
            }
            turn_until_left(*io, 0, 1);
            REQUIRE(io->turn(rouse::duration::zero()));
        }
        rouse::test::await_descriptors(::getpid(), before);
    }

    TEST_CASE("a status that is dropped at any stage frees its memory once") {
        const file_tree tree;
        const auto io = tested_reactor();
        tree.write("a", "");
        const directory root = tree.open(*io);
        const auto opened = drive(*io, root.open_beneath("a"));
        REQUIRE(opened);
        for (const stage when : stages) {
            for (int round = 0; round < 20; ++round) {
                drop_at(*io, opened->status(), when);
            }
            turn_until_left(*io, 0, 2);
        }
        CHECK(drive(*io, opened->status()));
    }

    TEST_CASE("a read that is dropped at any stage gives its block back, once it is over") {
        const file_tree tree;
        const auto io = tested_reactor();
        const auto blocks = file_blocks::make();
        tree.write("a", rouse::test::varied_bytes(200'000));
        const directory root = tree.open(*io);
        const auto opened = drive(*io, root.open_beneath("a"));
        REQUIRE(opened);
        for (const stage when : stages) {
            for (int round = 0; round < 20; ++round) {
                drop_at(*io, opened->read(blocks->take(SIZE_MAX), 0), when);
            }
            turn_until_left(*io, 0, 2);
            CHECK(blocks->bytes_outside() == 0);
        }
        CHECK(drive(*io, opened->read(blocks->take(1), 0))->size() == file_blocks::small_bytes);
    }

    TEST_CASE("a read that waits keeps its block and the descriptor, though all else is gone" *
              doctest::skip(rouse::test::tested_backend() != rouse::backend::io_uring)) {
        // Only a ring's read ends when it is cancelled; pread(2) of a FIFO is ESPIPE.
        const file_tree tree;
        const auto io = tested_reactor();
        auto blocks = file_blocks::make();
        REQUIRE(::mkfifo(tree.path("fifo").c_str(), 0600) == 0);
        // With somebody who may write, a read of an empty FIFO waits.
        const rouse::unique_fd writer(::open(tree.path("fifo").c_str(), O_RDWR | O_CLOEXEC));
        const std::size_t before = descriptor_count(::getpid());
        hand_task task;
        {
            std::optional root(tree.open(*io));
            auto opened = drive(*io, root->open_beneath("fifo"));
            REQUIRE(opened);
            root.reset();
            auto reading = opened->read(blocks->take(1), 0);
            REQUIRE(task.poll(reading).is_pending());
            REQUIRE(io->turn(rouse::duration::zero()));
            auto moved = std::move(reading);
            opened = rouse::failure(rouse::errc::closed);
            CHECK(io->operation_count() == 1);
            CHECK(io->counters().orphans == 0);
        }
        CHECK(io->counters().orphans == 1);
        CHECK(io->operation_count() == 1);
        CHECK(blocks->bytes_outside() == file_blocks::small_bytes);
        blocks.reset();
        turn_until_left(*io, 0, 0);
        rouse::test::await_descriptors(::getpid(), before);
        CHECK(task.wakes() == 0);
    }

    TEST_CASE("the end of a reactor waits for what was dropped, and for what it has opened") {
        const file_tree tree;
        tree.write("a", rouse::test::varied_bytes(200'000));
        const std::size_t before = descriptor_count(::getpid());
        const auto blocks = file_blocks::make();
        for (int round = 0; round < 20; ++round) {
            const auto io = tested_reactor();
            const directory root = tree.open(*io);
            const auto opened = drive(*io, root.open_beneath("a"));
            REQUIRE(opened);
            drop_at(*io, root.open_beneath("a"), stage::submitted);
            drop_at(*io, opened->status(), stage::submitted);
            drop_at(*io, opened->read(blocks->take(SIZE_MAX), 0), stage::submitted);
            drop_at(*io, root.open_beneath("a"), stage::waiting);
        }
        CHECK(blocks->bytes_outside() == 0);
        rouse::test::await_descriptors(::getpid(), before);
    }
}
