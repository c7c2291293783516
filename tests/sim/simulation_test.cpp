#include "tests/sim/simulation.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/sim/allocations.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/seed_farm.hpp"
#include "tests/sim/shrink.hpp"
#include "tests/sim/sim_buffers.hpp"
#include "tests/sim/sim_reactor.hpp"
#include "tests/sim/told_world.hpp"
#include "tests/sim/world.hpp"

namespace {

using namespace rouse;
using namespace rouse::sim;

}  // namespace

TEST_SUITE("sim/simulation") {
    TEST_CASE("the choices of a seed are these on every machine") {
        random_source draw(1);
        CHECK(draw.below(1'000'000) == 566'561);
        CHECK(draw.below(1'000'000) == 745'781);
        CHECK(draw.fork(7).below(1'000'000) != draw.fork(8).below(1'000'000));
    }

    TEST_CASE(
        "a schedule chooses first, with no more bytes than a bound needs, and then the seed") {
        constexpr std::array<std::uint8_t, 3> bytes{0x80, 0xff, 0x00};
        random_source draw(1, bytes);
        CHECK(draw.below(2) == 1);
        CHECK(draw.below(256) == 255);
        CHECK(draw.below(4) == 0);
        CHECK(draw.below(1'000'000) == 566'561);
    }

    TEST_CASE("a seed without faults has none") {
        for (std::uint64_t seed = 0; seed < 100; ++seed) {
            random_source draw(seed);
            for (const std::uint32_t rate : draw_faults(draw, all_faults).rates) {
                CHECK(rate == 0);
            }
        }
    }
}

TEST_SUITE("sim/seed_farm") {
    TEST_CASE("a run that keeps everything passes") {
        CHECK(reason([](simulation&) {}).empty());
    }

    TEST_CASE("a violation is told in its words") {
        CHECK(reason([](simulation& run) { run.fail("it is wrong"); }) == "it is wrong");
    }

    TEST_CASE("a run that crashes is a failed run, and takes nothing along") {
        CHECK(reason([](simulation&) { std::abort(); }) == "ended by a signal: Aborted");
    }

    TEST_CASE("memory that the code under test keeps is found") {
        CHECK(reason([](simulation&) {
                  static std::vector<std::unique_ptr<int>> kept;
                  kept.reserve(8);
                  const tested_part inside;
                  kept.push_back(std::make_unique<int>(1));
              }) == "memory is left at the end: 1 allocations");
    }

    TEST_CASE("a run that depends on more than its seed is found") {
        const world_entry& which = told([](simulation& run) {
            static std::uint64_t before = 0;
            run.log(event::command, ++before);
        });
        const farm_result outcome = run_seeds({.which = which, .options = {}, .first_seed = 64});
        REQUIRE(outcome.failed);
        CHECK(outcome.failed->reason == "the same seed gives another run the second time");
    }

    TEST_CASE("the first seed that fails is named") {
        const world_entry& which =
            told([](simulation& run) { run.require(run.options().seed != 70, "seventy"); });
        const farm_result outcome = run_seeds(
            {.which = which, .options = {}, .first_seed = 10, .seeds = 100, .processes = 2});
        REQUIRE(outcome.failed);
        CHECK(outcome.failed->options.seed == 70);
        CHECK(outcome.failed->reason == "seventy");
    }

    TEST_CASE("a failed run is shrunk to the clients and faults that it needs") {
        const world_entry& which = told([](simulation& run) {
            const run_options& options = run.options();
            const fault_mask needed = to_mask(fault::reset) | to_mask(fault::short_send);
            run.require(options.clients_max < 3 || (options.faults_off & needed) != 0,
                        "needs them");
        });
        const failed_run smallest = shrink(which, {{.seed = 9}, "needs them"});
        CHECK(command_of(which, smallest.options) ==
              "told --seed 9 --clients 3 --only short_send,reset");
    }
}

TEST_SUITE("sim/network") {
    TEST_CASE("a descriptor that is closed twice is found") {
        CHECK(reason([](simulation& run) {
                  network wires(run);
                  const int fd = wires.open(socket_record::kind::listener);
                  wires.close(fd);
                  wires.close(fd);
              }) == "a descriptor is used that is not open");
    }

    TEST_CASE("close(2) of a simulated descriptor goes to the simulated kernel") {
        CHECK(reason([](simulation& run) {
                  network wires(run);
                  {
                      const unique_fd closed(wires.open(socket_record::kind::listener));
                  }
                  run.require(wires.open_descriptors() == 0, "it went elsewhere");
              }).empty());
    }

    TEST_CASE("a descriptor that is closed under an operation is found") {
        CHECK(reason([](simulation& run) {
                  network wires(run);
                  const int fd = wires.open(socket_record::kind::listener);
                  wires.at(fd).in_flight = 1;
                  wires.close(fd);
              }) == "a descriptor is closed while the kernel works on it");
    }

    TEST_CASE("a close with bytes unread is a reset that takes back what the client has not read") {
        CHECK(reason([](simulation& run) {
                  network wires(run);
                  const int listener = wires.open(socket_record::kind::listener);
                  connection& client = *wires.connect(listener, 0);
                  const int fd = wires.accept(listener);
                  client.let_in();
                  run.require(client.accept_output("answer") == 6, "a send");
                  client.send("unread");
                  wires.close(fd);
                  run.require(client.is_reset() && client.readable().empty(), "no reset");
                  wires.close(listener);
              }).empty());
    }

    TEST_CASE("a close with everything read is a clean end behind what was sent") {
        CHECK(reason([](simulation& run) {
                  network wires(run);
                  const int listener = wires.open(socket_record::kind::listener);
                  connection& client = *wires.connect(listener, 0);
                  const int fd = wires.accept(listener);
                  client.let_in();
                  run.require(client.accept_output("answer") == 6, "a send");
                  wires.close(fd);
                  run.require(!client.is_reset() && client.readable() == "answer", "lost");
                  client.take(6);
                  run.require(client.at_end(), "no end");
                  wires.close(listener);
              }).empty());
    }
}

TEST_SUITE("sim/sim_reactor") {
    TEST_CASE("a buffer that is given back twice is found") {
        CHECK(reason([](simulation& run) {
                  sim_buffers buffers(run, 2, 64);
                  const std::uint16_t taken = buffers.take();
                  buffers.recycle(taken);
                  buffers.recycle(taken);
              }) == "a buffer is given back twice");
    }

    TEST_CASE("a sleep that nothing can end is found") {
        CHECK(reason([](simulation& run) {
                  network wires(run);
                  sim_reactor io(run, wires, {});
                  nobody around;
                  io.surround(around);
                  (void)io.turn(std::nullopt);
              }) == "the server sleeps for ever: nothing is left that could wake it");
    }

    TEST_CASE("a turn that waits moves the clock, and no longer than it may") {
        CHECK(reason([](simulation& run) {
                  network wires(run);
                  sim_reactor io(run, wires, {});
                  nobody around;
                  io.surround(around);
                  const time_point before = io.now();
                  (void)io.turn(milliseconds(5));
                  run.require(io.now() - before >= milliseconds(5), "it has not waited");
                  run.require(io.now() - before <= milliseconds(6), "it has slept for too long");
              }).empty());
    }

    TEST_CASE("a record that is left at the end is found") {
        CHECK(reason([](simulation& run) {
                  network wires(run);
                  auto io = std::make_unique<sim_reactor>(run, wires, sim_reactor_options{});
                  auto file = io->adopt(unique_fd(wires.open(socket_record::kind::listener)));
                  (void)io->make_multishot(operation_kind::accept, file->shared());
                  file->reset();
                  io.reset();
              }) == "an operation record is left at the end");
    }
}
