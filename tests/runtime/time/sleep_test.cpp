#include "runtime/time/sleep.hpp"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/poll_once.hpp"

using rouse::milliseconds;
using rouse::sleep_for;
using rouse::sleep_until;
using rouse::time_point;
using rouse::timer_wheel;
using rouse::test::hand_task;

namespace {
constexpr time_point start{std::chrono::hours(1)};
}

TEST_SUITE("runtime/sleep") {
    TEST_CASE("a sleep is pending until its time has passed, and wakes its task once") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        auto sleep = sleep_for(milliseconds(5));
        CHECK_FALSE(wheel.next_deadline());
        CHECK(task.poll(sleep).is_pending());
        CHECK(wheel.next_deadline() == start + milliseconds(5));
        CHECK(wheel.advance(start + milliseconds(4)) == 0);
        CHECK(task.wakes() == 0);
        CHECK(wheel.advance(start + milliseconds(5)) == 1);
        CHECK(task.wakes() == 1);
        CHECK(task.poll(sleep).is_ready());
    }

    TEST_CASE("sleep_for counts from the first poll") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        auto sleep = sleep_for(milliseconds(5));
        CHECK(wheel.advance(start + milliseconds(100)) == 0);
        CHECK(task.poll(sleep).is_pending());
        CHECK(wheel.next_deadline() == start + milliseconds(105));
    }

    TEST_CASE("a sleep may be moved before its first poll") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        auto first = sleep_until(start + milliseconds(3));
        auto second = std::move(first);
        CHECK(task.poll(second).is_pending());
        CHECK(wheel.advance(start + milliseconds(3)) == 1);
        CHECK(task.poll(second).is_ready());
    }

    TEST_CASE("a sleep whose time has passed is ready at its first poll without a timer") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        auto none = sleep_for(milliseconds(0));
        auto negative = sleep_for(milliseconds(-1));
        auto past = sleep_until(start);
        CHECK(task.poll(none).is_ready());
        CHECK(task.poll(negative).is_ready());
        CHECK(task.poll(past).is_ready());
        CHECK_FALSE(wheel.next_deadline());
        CHECK(task.counts.clones == 0);
    }

    TEST_CASE("a spurious poll is answered pending and clones no waker") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        auto sleep = sleep_for(milliseconds(5));
        for (int i = 0; i < 4; ++i) {
            CHECK(task.poll(sleep).is_pending());
        }
        CHECK(task.counts.clones == 1);
        CHECK(wheel.next_deadline() == start + milliseconds(5));
    }

    TEST_CASE("the task of the latest poll is woken, and only that") {
        timer_wheel wheel(start);
        hand_task first(&wheel);
        hand_task second(&wheel);
        auto sleep = sleep_for(milliseconds(5));
        CHECK(first.poll(sleep).is_pending());
        CHECK(second.poll(sleep).is_pending());
        CHECK(first.counts.drops == 1);
        CHECK(wheel.advance(start + milliseconds(5)) == 1);
        CHECK(first.wakes() == 0);
        CHECK(second.wakes() == 1);
    }

    TEST_CASE("a dropped sleep takes its timer and its waker with it") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        {
            auto sleep = sleep_for(milliseconds(5));
            CHECK(task.poll(sleep).is_pending());
        }
        CHECK_FALSE(wheel.next_deadline());
        CHECK(wheel.advance(start + milliseconds(5)) == 0);
        CHECK(task.wakes() == 0);
        CHECK(task.counts.drops == 1);
    }

    TEST_CASE("a sleep dropped between its firing and its poll is no trouble") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        {
            auto sleep = sleep_for(milliseconds(5));
            CHECK(task.poll(sleep).is_pending());
            CHECK(wheel.advance(start + milliseconds(5)) == 1);
        }
        CHECK(task.counts.wakes == 1);
        CHECK(task.counts.drops == 0);
    }

    TEST_CASE("a sleep that is too long for the clock lasts for ever") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        auto sleep = sleep_for(std::chrono::hours::max());
        CHECK(task.poll(sleep).is_pending());
        CHECK(wheel.advance(start + std::chrono::hours(24 * 365 * 200)) == 0);
        CHECK(task.poll(sleep).is_pending());
    }

    TEST_CASE("a sleep is ready although the budget is used up") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        task.budget.remaining = 0;
        auto sleep = sleep_for(milliseconds(1));
        CHECK(task.poll(sleep).is_pending());
        CHECK(wheel.advance(start + milliseconds(1)) == 1);
        CHECK(task.poll(sleep).is_ready());
    }
}

TEST_SUITE("runtime/clock") {
    TEST_CASE("durations are rounded up and held at the clock's ends") {
        using rouse::saturating_cast;
        CHECK(saturating_cast(milliseconds(3)) == milliseconds(3));
        CHECK(saturating_cast(std::chrono::duration<double, std::nano>(1.25)) ==
              std::chrono::nanoseconds(2));
        CHECK(saturating_cast(std::chrono::hours::max()) == rouse::duration::max());
        CHECK(saturating_cast(std::chrono::hours::min()) == rouse::duration::min());
    }

    TEST_CASE("adding to a point in time stops at the clock's ends") {
        using rouse::saturating_add;
        CHECK(saturating_add(start, milliseconds(2)) == start + milliseconds(2));
        CHECK(saturating_add(start, milliseconds(-2)) == start - milliseconds(2));
        CHECK(saturating_add(start, rouse::duration::max()) == time_point::max());
        CHECK(saturating_add(-start.time_since_epoch() + time_point{}, rouse::duration::min()) ==
              time_point::min());
    }
}
