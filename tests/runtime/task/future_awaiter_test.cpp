#include "runtime/task/future_awaiter.hpp"

#include <concepts>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/task/poll_fn.hpp"
#include "runtime/task/ready.hpp"
#include "runtime/task/task.hpp"
#include "tests/support/executors.hpp"
#include "tests/support/manual_future.hpp"
#include "tests/support/poll_once.hpp"

using rouse::context;
using rouse::pending;
using rouse::task;
using rouse::test::hand_task;
using rouse::test::manual_control;
using rouse::test::manual_future;
using rouse::test::poll_once;

// What is and what is no future.
static_assert(rouse::future<rouse::ready_future<int>>);
static_assert(rouse::future<rouse::ready_future<int>&>);
static_assert(rouse::future<task<std::unique_ptr<int>>>);
static_assert(!rouse::future<int>);
static_assert(!rouse::future<std::string>);
static_assert(std::same_as<rouse::future_output_t<task<>>, void>);
static_assert(std::same_as<rouse::future_output_t<manual_future<int>&>, int>);

namespace {

struct polls_wrong {
    int poll(context&) { return 1; }
};
static_assert(!rouse::future<polls_wrong>);

/// Awaits, and says what came or what was thrown.
template <class F>
task<std::string> outcome_of(F& awaited) {
    try {
        co_return "value " + std::to_string(co_await awaited);
    } catch (const std::runtime_error& thrown) {
        co_return std::string("caught ") + thrown.what();
    }
}

}  // namespace

TEST_SUITE("runtime/future_awaiter") {
    TEST_CASE("a future that is ready at once does not suspend") {
        int polls = 0;
        auto waiting = [](int& counted) -> task<int> {
            const int one = co_await rouse::poll_fn([&counted](context&) {
                ++counted;
                return rouse::poll<int>(1);
            });
            co_await rouse::ready();
            co_return one + co_await rouse::ready(2);
        }(polls);
        CHECK(poll_once(waiting).value() == 3);
        CHECK(polls == 1);
    }

    TEST_CASE("a future that throws at its first poll throws into the coroutine") {
        manual_control<int> control;
        control.throws = true;
        manual_future<int> throwing(control);
        auto waiting = outcome_of(throwing);
        CHECK(poll_once(waiting).value() == "caught manual");
    }

    TEST_CASE("a future that throws at a later poll throws into the coroutine") {
        hand_task by_hand;
        manual_control<int> control;
        manual_future<int> throwing(control);
        auto waiting = outcome_of(throwing);
        REQUIRE(by_hand.poll(waiting).is_pending());
        control.throws = true;
        CHECK(by_hand.poll(waiting).value() == "caught manual");
        CHECK(control.polls == 2);
    }

    TEST_CASE("what nobody catches comes out of the task's poll, in a child too") {
        manual_control<int> control;
        auto waiting = [](manual_control<int>& awaited) -> task<int> {
            co_return co_await [](manual_control<int>& inner) -> task<int> {
                co_return co_await manual_future(inner);
            }(awaited);
        }(control);
        hand_task by_hand;
        REQUIRE(by_hand.poll(waiting).is_pending());
        control.throws = true;
        CHECK_THROWS_WITH_AS((void)by_hand.poll(waiting), "manual", std::runtime_error);
        CHECK(control.drops == 1);
    }

    TEST_CASE("an lvalue future stays where it is, a temporary is dropped after its expression") {
        hand_task by_hand;
        manual_control<int> kept;
        manual_control<int> temporary;
        manual_future<int> named(kept);
        auto waiting = [](manual_future<int>& awaited, manual_control<int>& other) -> task<int> {
            const int one = co_await awaited;
            const int two = co_await manual_future(other);
            CHECK(other.drops == 1);
            co_return one + two;
        }(named, temporary);
        REQUIRE(by_hand.poll(waiting).is_pending());
        kept.finish(1);
        REQUIRE(by_hand.poll(waiting).is_pending());
        temporary.finish(2);
        CHECK(by_hand.poll(waiting).value() == 3);
        CHECK(kept.drops == 0);
    }

    TEST_CASE(
        "a future can be awaited by one coroutine, dropped there, and by another afterwards") {
        hand_task first;
        hand_task second;
        manual_control<int> control;
        manual_future<int> shared(control);
        {
            auto waiting = outcome_of(shared);
            REQUIRE(first.poll(waiting).is_pending());
        }
        auto waiting = outcome_of(shared);
        REQUIRE(second.poll(waiting).is_pending());
        control.finish(4);
        CHECK(first.wakes() == 0);
        CHECK(second.wakes() == 1);
        CHECK(second.poll(waiting).value() == "value 4");
    }

    TEST_CASE("several futures in one expression are awaited in their order") {
        std::string log;
        auto waiting = [](std::string& said) -> task<int> {
            auto say = [&said](int value) {
                return rouse::poll_fn(
                    [&said, value, asked = false](context& cx) mutable -> rouse::poll<int> {
                        if (!std::exchange(asked, true)) {
                            cx.local().wake_by_ref();
                            return pending;
                        }
                        said += std::to_string(value);
                        return value;
                    });
            };
            const int difference = co_await say(7) - co_await say(4);
            co_return difference;
        }(log);
        rouse::test::waking_executor on;
        CHECK(on.runs.run_until(std::move(waiting)).value() == 3);
        CHECK(log.size() == 2);
    }

    TEST_CASE("a budget that is used up suspends the coroutine, which goes on with the next poll") {
        auto waiting = [](int& done) -> task<> {
            for (; done < 3; ++done) {
                co_await rouse::poll_fn([](context& cx) -> rouse::poll<> {
                    return cx.consume_budget() ? rouse::poll<>::ready() : rouse::poll<>(pending);
                });
            }
        };
        int done = 0;
        auto counted = waiting(done);
        hand_task by_hand;
        by_hand.budget.remaining = 2;
        REQUIRE(by_hand.poll(counted).is_pending());
        CHECK(done == 2);
        CHECK(by_hand.wakes() == 1);
        by_hand.budget.remaining = 2;
        REQUIRE(by_hand.poll(counted).is_ready());
        CHECK(done == 3);
    }
}
