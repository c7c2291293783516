#include "tests/sim/sim_files.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/fs/directory.hpp"
#include "runtime/task/task.hpp"
#include "tests/sim/sim_reactor.hpp"
#include "tests/sim/told_world.hpp"
#include "tests/support/poll_once.hpp"

namespace {

using namespace rouse;
using namespace rouse::sim;

constexpr fault_mask file_faults =
    to_mask(fault::short_read) | to_mask(fault::slow_file) | to_mask(fault::file_interrupted) |
    to_mask(fault::file_error) | to_mask(fault::file_missing) | to_mask(fault::file_denied) |
    to_mask(fault::file_shrinks) | to_mask(fault::file_grows) | to_mask(fault::file_replaced) |
    to_mask(fault::file_deleted) | to_mask(fault::no_descriptors) |
    to_mask(fault::no_kernel_memory) | to_mask(fault::late_completion) |
    to_mask(fault::late_cancel) | to_mask(fault::reordered) | to_mask(fault::full_submission) |
    to_mask(fault::spurious_wake) | to_mask(fault::duplicate_wake);

/// A reactor with files, and the code that uses them.
struct scene {
    explicit scene(simulation& owner) : run(owner), wires(owner) {
        io = std::make_unique<sim_reactor>(owner, wires, sim_reactor_options{});
        io->surround(around);
        root = directory::adopt(*io, unique_fd(files().open_root(wires))).value();
    }
    ~scene() {
        root.reset();
        io.reset();
        run.require(wires.open_descriptors() == 0, "a descriptor is left open at the end");
        run.require(blocks->bytes_outside() == 0, "a block is left at the end");
    }
    scene(const scene&) = delete;
    scene& operator=(const scene&) = delete;

    [[nodiscard]] sim_files& files() const noexcept { return io->files(); }

    template <future F>
    future_output_t<F> drive(F asked) {
        test::hand_task task;
        F mine = std::move(asked);
        while (true) {
            const int wakes = task.wakes();
            auto answer = task.poll(mine);
            if (answer.is_ready()) {
                return std::move(answer).value();
            }
            while (task.wakes() == wakes) {
                (void)io->turn(std::nullopt);
            }
        }
    }

    /// What opening comes to, as an errno; 0 when it works.
    int open_error(std::string path, open_options how = {}) {
        const auto opened = drive(root->open_beneath(std::move(path), how));
        return opened ? 0 : opened.error().value();
    }

    simulation& run;
    network wires;
    nobody around;
    std::unique_ptr<sim_reactor> io;
    file_blocks::handle blocks = file_blocks::make();
    std::optional<directory> root;
};

/// Why a run fails that has no faults but these.
std::string failure_of(std::function<void(simulation&)> what, std::uint64_t seed = 1,
                       fault_mask faults = 0) {
    return reason(std::move(what), {.seed = seed, .faults_off = all_faults & ~faults});
}

/// Reads a file whole, as a server would, and compares it with what the disk has.
task<> read_whole(scene& in, std::string path) {
    auto opened = co_await in.root->open_beneath(path);
    if (!opened) {
        co_return;
    }
    const auto status = co_await opened->status();
    std::string all;
    while (true) {
        auto piece = co_await opened->read(in.blocks->take(1), all.size(), 1'000);
        if (!piece) {
            co_return;
        }
        if (piece->empty()) {
            break;
        }
        all += {reinterpret_cast<const char*>(piece->bytes().data()), piece->size()};
    }
    bool fits = false;
    for (const auto& version : in.files().versions(path)) {
        bool same = true;
        for (std::size_t i = 0; same && i < all.size(); ++i) {
            same = all[i] == version->byte_at(i);
        }
        fits = fits || (same && (!status || status->inode == version->inode));
    }
    in.run.require(fits, "bytes that no version of the file has");
}

/// Reads a file again and again, and each time it works.
void read_undisturbed(simulation& run) {
    scene in(run);
    in.files().add_file("a", 100);
    for (int round = 0; round < 10; ++round) {
        auto opened = in.drive(in.root->open_beneath("a"));
        run.require(opened.has_value(), "an open fails");
        run.require(in.drive(opened->status())->size == 100, "its size");
        const auto read = in.drive(opened->read(in.blocks->take(1), 0));
        run.require(read && read->size() == 100, "a read fails");
    }
}

/// Many tasks that read files at once; each may be dropped in any state.
void read_at_random(simulation& run) {
    struct reader {
        test::hand_task by_hand;
        std::optional<task<>> reading;
        int wakes_seen = -1;
    };
    std::vector<reader> readers(6);  // Before the reactor, which may keep a waker of theirs.
    scene in(run);
    random_source draw = run.source(part::world);
    constexpr std::array<const char*, 4> paths{"a", "b", "sub/c", "sub/d"};
    for (const char* path : paths) {
        in.files().add_file(path, draw.below(5'000));
    }
    std::size_t left = 30;
    bool is_busy = true;
    while (left > 0 || is_busy) {
        is_busy = false;
        for (reader& each : readers) {
            if (!each.reading && left > 0) {
                --left;
                each.reading = read_whole(in, paths[draw.below(paths.size())]);
                each.wakes_seen = -1;
            }
            if (!each.reading) {
                continue;
            }
            if (each.wakes_seen != each.by_hand.wakes()) {
                each.wakes_seen = each.by_hand.wakes();
                each.by_hand.budget = {};
                if (each.by_hand.poll(*each.reading).is_ready()) {
                    each.reading.reset();
                    continue;
                }
            }
            if (draw.below(40) == 0) {
                each.reading.reset();
                continue;
            }
            is_busy = true;
        }
        (void)in.io->turn(milliseconds(1));
    }
}

}  // namespace

TEST_SUITE("sim/sim_files") {
    TEST_CASE("paths lead where they would on Linux, and not out of the root") {
        CHECK(failure_of([](simulation& run) {
                  scene in(run);
                  in.files().add_file("sub/deep/a", 10);
                  in.files().add_link("sub/good", "deep/../deep/a");
                  in.files().add_link("sub/up", "../sub/good");
                  in.files().add_link("out", "../etc/passwd");
                  in.files().add_link("absolute", "/sub");
                  in.files().add_link("loop", "loop");
                  in.files().add_file("denied", 1).is_readable = false;
                  constexpr open_options follow{.follow_symlinks = true};
                  const auto expect = [&](std::string path, int error, open_options how = {}) {
                      run.require(in.open_error(path, how) == error, path);
                  };
                  expect("sub/deep/a", 0);
                  expect("./sub//deep/../deep/./a", 0);
                  expect("", 0);
                  expect("sub/", 0);
                  expect("sub/deep/a/", ENOTDIR);
                  expect("sub/deep/a/b", ENOTDIR);
                  expect("sub/none", ENOENT);
                  expect("none/..", ENOENT);
                  expect("..", EXDEV);
                  expect("sub/../../sub", EXDEV);
                  expect("/sub", EXDEV);
                  expect("denied", EACCES);
                  expect("sub/good", ELOOP);
                  expect("sub/good", 0, follow);
                  expect("sub/up", 0, follow);
                  expect("out", EXDEV, follow);
                  expect("absolute", EXDEV, follow);
                  expect("loop", ELOOP, follow);
                  expect(std::string(256, 'n'), ENAMETOOLONG);
                  expect(std::string(4'096, '.'), ENAMETOOLONG);
              }).empty());
    }

    TEST_CASE("a status and a read say what the file has, and an open file keeps what it had") {
        CHECK(failure_of([](simulation& run) {
                  scene in(run);
                  file_node& node = in.files().add_file("a", "the text");
                  auto opened = in.drive(in.root->open_beneath("a"));
                  const auto before = in.drive(opened->status());
                  run.require(before->type == file_type::regular && before->size == 8, "status");
                  auto read = in.drive(opened->read(in.blocks->take(1), 4));
                  run.require(read->size() == 4 && read->bytes()[0] == std::byte('t'), "a read");
                  in.files().resize(node, 6);
                  run.require(in.drive(opened->status()) != before, "it has not changed");
                  read = in.drive(opened->read(in.blocks->take(1), 4));
                  run.require(read->size() == 2, "the end has moved");
                  (void)in.files().replace(node, 100);
                  run.require(in.drive(opened->status())->size == 6, "it is another file");
                  auto next = in.drive(in.root->open_beneath("a"));
                  run.require(in.drive(next->status())->size == 100, "it is not replaced");
                  in.files().remove(*in.files().find("a"));
                  run.require(in.open_error("a") == ENOENT, "it is not gone");
                  run.require(in.drive(next->status())->size == 100, "it is gone while open");
                  run.require(in.files().versions("a").size() == 2, "versions");
              }).empty());
    }

    TEST_CASE("each fault strikes, and is what it says") {
        for (const fault each :
             {fault::short_read, fault::slow_file, fault::file_interrupted, fault::file_error,
              fault::file_missing, fault::file_denied, fault::file_shrinks, fault::file_grows,
              fault::file_replaced, fault::file_deleted}) {
            bool has_struck = false;
            for (std::uint64_t seed = 1; seed < 60 && !has_struck; ++seed) {
                has_struck = failure_of(
                                 [each](simulation& run) {
                                     read_at_random(run);
                                     run.require(!run.has_struck(each), "struck");
                                 },
                                 seed, to_mask(each)) == "struck";
            }
            INFO(name_of(each));
            CHECK(has_struck);
        }
    }

    TEST_CASE("an operation that is interrupted is tried again, and nobody hears of it") {
        for (std::uint64_t seed = 1; seed <= 50; ++seed) {
            INFO(seed);
            CHECK(failure_of(read_undisturbed, seed, to_mask(fault::file_interrupted)) == "");
        }
    }

    TEST_CASE("whatever goes wrong, readers get bytes of the file, and nothing is left behind") {
        for (std::uint64_t seed = 1; seed <= 300; ++seed) {
            INFO(seed);
            REQUIRE(failure_of(read_at_random, seed, file_faults) == "");
        }
    }

    TEST_CASE("a read of a FIFO waits for ever, and that is found") {
        CHECK(failure_of([](simulation& run) {
                  scene in(run);
                  in.files().add_fifo("fifo");
                  auto opened = in.drive(in.root->open_beneath("fifo"));
                  run.require(in.drive(opened->status())->type == file_type::other, "its type");
                  (void)in.drive(opened->read(in.blocks->take(1), 0));
              }) == "the server sleeps for ever: nothing is left that could wake it");
    }

    TEST_CASE("a file that is left open, and one that is closed twice, are found") {
        CHECK(failure_of([](simulation& run) {
                  scene in(run);
                  in.files().add_file("a", 1);
                  (void)in.files().open_root(in.wires);
              }) == "a descriptor is left open at the end");
        CHECK(failure_of([](simulation& run) {
                  scene in(run);
                  const int fd = in.files().open_root(in.wires);
                  in.wires.close(fd);
                  in.wires.close(fd);
              }) == "a descriptor is used that is not open");
    }
}
