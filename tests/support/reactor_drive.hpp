#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/reactor/make_reactor.hpp"
#include "runtime/task/future.hpp"
#include "runtime/task/wake.hpp"
#include "tests/support/poll_once.hpp"
#include "tests/support/tested_backend.hpp"

namespace rouse::test {

/// How long a test waits for a completion that must come. It passes only when the test fails.
inline constexpr std::chrono::seconds completion_wait_max{20};

/// A small ring, so that the many tests that run at once lock little memory.
[[nodiscard]] inline reactor_options small_ring() {
    return {.wanted = tested_backend(),
            .entries = 64,
            .completion_entries = 256,
            .buffers = 64,
            .buffers_max = 64,
            .buffer_bytes = 4096,
            .limits = {}};
}

/// A reactor, or a failed test with the reason.
[[nodiscard]] inline std::unique_ptr<reactor> tested_reactor(
    const reactor_options& options = small_ring()) {
    auto made = rouse::make_reactor(options);
    if (!made) {
        FAIL(made.error().message);
    }
    return std::move(made->io);
}

/// Turns the reactor, asleep in between, until `done()`.
template <class Done>
void turn_until(reactor& io, Done done) {
    const time_point give_up = io.now() + completion_wait_max;
    while (!done()) {
        REQUIRE(io.turn(completion_wait_max));
        if (io.now() >= give_up && !done()) {
            FAIL("what was waited for did not come");
        }
    }
}

/// Turns the reactor until nothing is left of it but `operations` and `descriptors`.
inline void turn_until_left(reactor& io, std::size_t operations, std::size_t descriptors) {
    turn_until(io, [&] {
        return io.operation_count() == operations && io.descriptor_count() == descriptors;
    });
    REQUIRE(io.turn(duration::zero()));  // What the last completion queued, such as a close.
}

/// What the waker of drive counts. The stream whose receive was driven may keep the waker for
/// longer.
struct driven_task {
    int wakes = 0;
    void wake() noexcept { ++wakes; }
};

/// Polls one future by hand, and turns the reactor between polls, until it is ready.
template <future F>
future_output_t<F> drive(reactor& io, F&& asked) {
    const auto task = local_wake<driven_task>::make();
    const local_waker waker = make_waker(task);
    while (true) {
        const int wakes = task->wakes;
        context cx(waker);
        auto answer = asked.poll(cx);
        if (answer.is_ready()) {
            return std::move(answer).value();
        }
        turn_until(io, [&] { return task->wakes > wakes; });
    }
}

}  // namespace rouse::test
