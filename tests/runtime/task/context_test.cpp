#include "runtime/task/context.hpp"

#include <utility>

#include <doctest/doctest.h>

#include "runtime/time/timer_wheel.hpp"
#include "tests/support/counting_waker.hpp"

using rouse::context;
using rouse::coop_budget;
using rouse::local_waker;
using rouse::test::counting_waker;

namespace {

/// A source that counts how often it is asked.
class counting_source final : public rouse::waker_source {
   public:
    rouse::waker make_waker() override {
        ++asked;
        return rouse::waker::noop();
    }
    int asked = 0;
};

}  // namespace

TEST_SUITE("runtime/context") {
    TEST_CASE("it shows the local waker that it was given, without cloning it") {
        counting_waker counts;
        const local_waker waker = counts.local();
        const context cx(waker);
        CHECK(&cx.local() == &waker);
        CHECK(counts.clones == 0);
    }

    TEST_CASE("the thread-safe waker is made only where it is asked for") {
        const local_waker waker = local_waker::noop();
        counting_source source;
        const context cx(waker, &source);
        CHECK(source.asked == 0);
        (void)cx.waker();
        CHECK(source.asked == 1);
    }

    TEST_CASE(
        "without a source the thread-safe waker is the no-op one; without timers there are none") {
        const local_waker waker = local_waker::noop();
        const context cx(waker);
        CHECK(cx.waker().will_wake(rouse::waker::noop()));
        CHECK(cx.timers() == nullptr);
        rouse::timer_wheel timers;
        CHECK(context(waker, nullptr, &timers).timers() == &timers);
    }

    TEST_CASE("a budget is used up one by one; then the task is woken and told to yield") {
        counting_waker counts;
        {
            const local_waker waker = counts.local();
            coop_budget budget{.remaining = 2};
            context cx(waker, nullptr, nullptr, &budget);
            CHECK(cx.consume_budget());
            CHECK(cx.consume_budget());
            CHECK(counts.total_wakes() == 0);
            CHECK(budget.remaining == 0);
            CHECK_FALSE(cx.consume_budget());
            CHECK(counts.wakes_by_ref == 1);
            CHECK(budget.remaining == 0);
        }
    }

    TEST_CASE("without a budget, or with an unlimited one, there is no bound") {
        counting_waker counts;
        {
            const local_waker waker = counts.local();
            coop_budget unlimited;
            context with(waker, nullptr, nullptr, &unlimited);
            context without(waker);
            for (int i = 0; i < 10'000; ++i) {
                REQUIRE(with.consume_budget());
                REQUIRE(without.consume_budget());
            }
            CHECK(unlimited.remaining == coop_budget::unlimited);
        }
        CHECK(counts.total_wakes() == 0);
    }

    TEST_CASE("store_waker clones into an empty slot, and not again for the same task") {
        counting_waker counts;
        {
            const local_waker waker = counts.local();
            const context cx(waker);
            local_waker slot;
            store_waker(slot, cx);
            CHECK(slot.will_wake(waker));
            CHECK(counts.clones == 1);
            store_waker(slot, cx);
            CHECK(counts.clones == 1);
        }
        CHECK(counts.owners == 0);
    }

    TEST_CASE(
        "store_waker replaces another task's waker, and fills a slot whose waker was used up") {
        counting_waker first;
        counting_waker second;
        const local_waker one = first.local();
        const local_waker two = second.local();
        local_waker slot;
        store_waker(slot, context(one));
        store_waker(slot, context(two));
        CHECK(first.owners == 1);
        CHECK(slot.will_wake(two));
        std::move(slot).wake();
        CHECK(second.wakes == 1);
        store_waker(slot, context(two));
        CHECK(second.clones == 2);
    }
}
