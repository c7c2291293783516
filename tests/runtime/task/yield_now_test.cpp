#include "runtime/task/yield_now.hpp"

#include <doctest/doctest.h>

#include "tests/support/poll_once.hpp"

using rouse::test::hand_task;

TEST_SUITE("runtime/yield_now") {
    TEST_CASE("a yield wakes its own task, is pending once and ready at the next poll") {
        hand_task task;
        auto yield = rouse::yield_now();
        CHECK(task.wakes() == 0);
        CHECK(task.poll(yield).is_pending());
        CHECK(task.counts.wakes_by_ref == 1);
        CHECK(task.poll(yield).is_ready());
        CHECK(task.wakes() == 1);
        CHECK(task.counts.clones == 0);
    }

    TEST_CASE("a yield that is never polled wakes nobody") {
        const hand_task task;
        {
            [[maybe_unused]] const auto yield = rouse::yield_now();
        }
        CHECK(task.wakes() == 0);
    }
}
