// Long chains of children that finish at once must not grow the native stack: at any optimisation
// level, and with sanitizers, whose frames are large. A stack that grew would end this process.

#include <stdexcept>

#include <doctest/doctest.h>

#include "runtime/task/ready.hpp"
#include "runtime/task/task.hpp"
#include "tests/support/manual_future.hpp"
#include "tests/support/poll_once.hpp"

using rouse::task;
using rouse::test::hand_task;
using rouse::test::manual_control;
using rouse::test::manual_future;
using rouse::test::poll_once;

namespace {

constexpr long million = 1'000'000;

task<long> one() {
    co_return 1;
}

task<long> loop_of_children(long count) {
    long sum = 0;
    for (long i = 0; i < count; ++i) {
        sum += co_await one();
    }
    co_return sum;
}

task<long> loop_of_futures(long count) {
    long sum = 0;
    for (long i = 0; i < count; ++i) {
        sum += co_await rouse::ready(1L);
    }
    co_return sum;
}

task<long> deep(long depth) {
    if (depth == 0) {
        co_return 0;
    }
    co_return 1 + co_await deep(depth - 1);
}

task<long> deep_throw(long depth) {
    if (depth == 0) {
        throw std::runtime_error("bottom");
    }
    co_return 1 + co_await deep_throw(depth - 1);
}

task<long> deep_wait(long depth, manual_control<int>& bottom) {
    if (depth == 0) {
        co_return co_await manual_future(bottom);
    }
    co_return 1 + co_await deep_wait(depth - 1, bottom);
}

task<long> failing_children(long count) {
    long failures = 0;
    for (long i = 0; i < count; ++i) {
        try {
            co_await []() -> task<> {
                throw std::runtime_error("each");
                co_return;
            }();
        } catch (const std::runtime_error&) {
            ++failures;
        }
    }
    co_return failures;
}

}  // namespace

TEST_SUITE("runtime/task stack") {
    TEST_CASE("a million children that are ready at once, one after the other") {
        auto all = loop_of_children(million);
        CHECK(poll_once(all).value() == million);
    }

    TEST_CASE("a million futures that are ready at once, one after the other") {
        auto all = loop_of_futures(million);
        CHECK(poll_once(all).value() == million);
    }

    TEST_CASE("a million children, each awaited by the one before") {
        auto all = deep(million);
        CHECK(poll_once(all).value() == million);
    }

    TEST_CASE("an exception through a hundred thousand levels") {
        auto all = deep_throw(million / 10);
        CHECK_THROWS_WITH_AS((void)poll_once(all), "bottom", std::runtime_error);
    }

    TEST_CASE("ten thousand children that throw, each caught") {
        auto all = failing_children(million / 100);
        CHECK(poll_once(all).value() == million / 100);
    }

    TEST_CASE("a wake under a hundred thousand levels polls one leaf, and they all finish") {
        manual_control<int> bottom;
        auto all = deep_wait(million / 10, bottom);
        hand_task by_hand;
        REQUIRE(by_hand.poll(all).is_pending());
        REQUIRE(by_hand.poll(all).is_pending());
        CHECK(bottom.polls == 2);
        bottom.finish(5);
        CHECK(by_hand.poll(all).value() == million / 10 + 5);
    }
}
