#include "runtime/task/task.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/task/ready.hpp"
#include "tests/support/drop_log.hpp"
#include "tests/support/manual_future.hpp"
#include "tests/support/poll_once.hpp"

using rouse::task;
using rouse::test::drop_log;
using rouse::test::hand_task;
using rouse::test::manual_control;
using rouse::test::manual_future;
using rouse::test::poll_once;

namespace {

task<int> set_and_give(bool& ran, int value) {
    ran = true;
    co_return value;
}

task<int> thrower(int depth) {
    if (depth == 0) {
        throw std::runtime_error("deep");
    }
    co_return co_await thrower(depth - 1);
}

task<std::string> catcher() {
    try {
        (void)co_await thrower(5);
    } catch (const std::runtime_error& thrown) {
        co_return thrown.what();
    }
    co_return "nothing";
}

task<std::unique_ptr<int>> boxed(int value) {
    co_return std::make_unique<int>(value);
}

/// Can be moved into place and never assigned.
struct only_constructible {
    explicit only_constructible(int given) : value(std::make_unique<int>(given)) {}
    only_constructible(only_constructible&&) = default;
    only_constructible& operator=(only_constructible&&) = delete;
    std::unique_ptr<int> value;
};

task<only_constructible> constructed(int value) {
    co_return only_constructible(value);
}

/// Owns something at each of its suspension points.
task<> owning(std::string& log, manual_control<int>& first, manual_control<int>& second) {
    const drop_log one(log, "1");
    {
        const drop_log scoped(log, "s");
        (void)co_await manual_future(first);
    }
    const drop_log two(log, "2");
    (void)co_await manual_future(second);
    const drop_log three(log, "3");
}

task<> owning_outer(drop_log, std::string& log, manual_control<int>& first,
                    manual_control<int>& second) {
    const drop_log outer(log, "o");
    co_await owning(log, first, second);
}

task<int> add(manual_control<int>& first, manual_control<int>& second, int& resumes) {
    ++resumes;
    const int one = co_await manual_future(first);
    ++resumes;
    const int two = co_await manual_future(second);
    ++resumes;
    co_return one + two;
}

task<int> add_outer(manual_control<int>& first, manual_control<int>& second, int& inner,
                    int& outer) {
    ++outer;
    const int sum = co_await add(first, second, inner);
    ++outer;
    co_return sum;
}

}  // namespace

TEST_SUITE("runtime/task") {
    TEST_CASE("a task is lazy: nothing runs before its first poll") {
        bool ran = false;
        {
            auto lazy = set_and_give(ran, 1);
            CHECK_FALSE(ran);
            auto moved = std::move(lazy);
            CHECK_FALSE(ran);
        }
        CHECK_FALSE(ran);
        auto polled = set_and_give(ran, 3);
        CHECK(poll_once(polled).value() == 3);
        CHECK(ran);
    }

    TEST_CASE("dropping a task that never ran drops its arguments") {
        std::string log;
        {
            const auto never = [](drop_log) -> task<> { co_return; }(drop_log(log, "a"));
        }
        CHECK(log == "a");
    }

    TEST_CASE("an exception goes to whoever awaits, through every level") {
        auto deep = thrower(10);
        CHECK_THROWS_WITH_AS((void)poll_once(deep), "deep", std::runtime_error);
        auto caught = catcher();
        CHECK(poll_once(caught).value() == "deep");
    }

    TEST_CASE("an exception after a suspension comes out of the later poll") {
        manual_control<int> control;
        auto late = [](manual_control<int>& awaited) -> task<> {
            (void)co_await manual_future(awaited);
            throw std::runtime_error("late");
        }(control);
        hand_task by_hand;
        REQUIRE(by_hand.poll(late).is_pending());
        control.finish(1);
        CHECK_THROWS_WITH_AS((void)by_hand.poll(late), "late", std::runtime_error);
    }

    TEST_CASE("an exception drops the locals that it passes, innermost first") {
        std::string log;
        auto failing = [](std::string& said) -> task<> {
            const drop_log outer(said, "o");
            co_await [](std::string& also) -> task<> {
                const drop_log inner(also, "i");
                throw std::runtime_error("x");
                co_return;
            }(said);
        }(log);
        CHECK_THROWS_AS((void)poll_once(failing), std::runtime_error);
        CHECK(log == "io");
    }

    TEST_CASE("results that only move come through awaiting and polling") {
        auto sum = []() -> task<std::unique_ptr<int>> {
            auto one = co_await boxed(20);
            auto later = boxed(22);
            const auto two = co_await later;
            co_return std::make_unique<int>(*one + *two);
        }();
        CHECK(*poll_once(sum).value() == 42);
    }

    TEST_CASE("results that cannot be assigned come through, from a temporary and an lvalue") {
        auto sum = []() -> task<only_constructible> {
            const auto one = co_await constructed(20);
            auto later = constructed(22);
            const auto two = co_await later;
            co_return only_constructible(*one.value + *two.value);
        }();
        CHECK(*poll_once(sum).value().value == 42);
    }

    TEST_CASE("values are converted to the task's type, by return and by braces") {
        auto text = []() -> task<std::string> { co_return "text"; }();
        CHECK(poll_once(text).value() == "text");
        auto none = []() -> task<std::optional<int>> { co_return std::nullopt; }();
        CHECK_FALSE(poll_once(none).value().has_value());
    }

    TEST_CASE("dropped at each suspension point, a task drops what it owns there, last first") {
        const std::string expected[] = {"a", "s1oa", "s21oa", "s321oa"};
        for (int point = 0; point < 4; ++point) {
            std::string log;
            manual_control<int> first;
            manual_control<int> second;
            {
                hand_task by_hand;
                auto outer = owning_outer(drop_log(log, "a"), log, first, second);
                if (point > 0) {
                    REQUIRE(by_hand.poll(outer).is_pending());
                }
                if (point > 1) {
                    first.finish(1);
                    REQUIRE(by_hand.poll(outer).is_pending());
                }
                if (point > 2) {
                    second.finish(2);
                    REQUIRE(by_hand.poll(outer).is_ready());
                }
            }
            CHECK(log == expected[point]);
            CHECK(first.drops == (point > 0 ? 1 : 0));
            CHECK(second.drops == (point > 1 ? 1 : 0));
        }
    }

    TEST_CASE("a spurious poll asks the innermost leaf only, and resumes nothing") {
        manual_control<int> first;
        manual_control<int> second;
        int inner = 0;
        int outer = 0;
        hand_task by_hand;
        auto sum = add_outer(first, second, inner, outer);
        for (int i = 1; i <= 10; ++i) {
            REQUIRE(by_hand.poll(sum).is_pending());
            CHECK(first.polls == i);
        }
        CHECK(inner == 1);
        CHECK(outer == 1);
        first.finish(1);
        for (int i = 1; i <= 10; ++i) {
            REQUIRE(by_hand.poll(sum).is_pending());
            CHECK(second.polls == i);
        }
        CHECK(first.polls == 11);
        CHECK(inner == 2);
        second.finish(2);
        CHECK(by_hand.poll(sum).value() == 3);
        CHECK(inner == 3);
        CHECK(outer == 2);
        CHECK(by_hand.wakes() == 2);
    }

    TEST_CASE("a task may be moved between its polls") {
        manual_control<int> first;
        manual_control<int> second;
        int inner = 0;
        int outer = 0;
        hand_task by_hand;
        auto sum = add_outer(first, second, inner, outer);
        REQUIRE(by_hand.poll(sum).is_pending());
        auto moved = std::move(sum);
        first.finish(1);
        second.finish(2);
        CHECK(by_hand.poll(moved).value() == 3);
    }

    TEST_CASE("assigning over a task drops the one that was there") {
        std::string log;
        auto hold = [](drop_log) -> task<> { co_return; };
        auto held = hold(drop_log(log, "1"));
        held = hold(drop_log(log, "2"));
        CHECK(log == "1");
        auto& same = held;
        held = std::move(same);
        CHECK(log == "1");
    }

    TEST_CASE("a task that is awaited as an lvalue, again and again until it is ready") {
        manual_control<int> control;
        int resumes = 0;
        auto inner = [](manual_control<int>& awaited, int& counted) -> task<int> {
            const int value = co_await manual_future(awaited);
            ++counted;
            co_return value;
        }(control, resumes);
        hand_task by_hand;
        {
            auto first = [](task<int>& awaited) -> task<int> { co_return co_await awaited; }(inner);
            REQUIRE(by_hand.poll(first).is_pending());
        }
        CHECK(control.drops == 0);
        auto second = [](task<int>& awaited) -> task<int> { co_return co_await awaited; }(inner);
        control.finish(6);
        CHECK(by_hand.poll(second).value() == 6);
        CHECK(resumes == 1);
    }
}
