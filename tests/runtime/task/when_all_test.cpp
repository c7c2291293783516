#include "runtime/task/when_all.hpp"

#include <concepts>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/task/poll_fn.hpp"
#include "runtime/task/ready.hpp"
#include "runtime/task/yield_now.hpp"
#include "tests/support/manual_future.hpp"
#include "tests/support/poll_once.hpp"

using rouse::ready;
using rouse::when_all;
using rouse::test::hand_task;
using rouse::test::manual_control;
using rouse::test::manual_future;

TEST_SUITE("runtime/when_all") {
    TEST_CASE("futures that are ready at once give their outputs in order, void as monostate") {
        hand_task task;
        auto all = when_all(ready(1), ready(), ready(std::make_unique<int>(3)));
        using output = rouse::future_output_t<decltype(all)>;
        static_assert(std::same_as<output, std::tuple<int, std::monostate, std::unique_ptr<int>>>);
        auto answer = task.poll(all);
        CHECK(std::get<0>(answer.value()) == 1);
        CHECK(*std::get<2>(answer.value()) == 3);
    }

    TEST_CASE(
        "each poll asks the unfinished futures only, and finished ones are destroyed at once") {
        hand_task task;
        manual_control<int> a;
        manual_control<int> b;
        auto all = when_all(manual_future(a), manual_future(b));
        CHECK(a.polls == 0);
        CHECK(task.poll(all).is_pending());
        b.finish(2);
        CHECK(task.wakes() == 1);
        CHECK(task.poll(all).is_pending());
        CHECK(b.drops == 1);
        CHECK(task.poll(all).is_pending());
        CHECK(a.polls == 3);
        CHECK(b.polls == 2);
        a.finish(1);
        CHECK(task.poll(all).value() == std::tuple(1, 2));
        CHECK(a.drops == 1);
        CHECK(task.counts.owners == 1);
    }

    TEST_CASE("futures are polled in order and dropped in the reverse order") {
        hand_task task;
        std::string order;
        manual_control<int> controls[3];
        for (int i = 0; i < 3; ++i) {
            controls[i].name = static_cast<char>('a' + i);
            controls[i].drop_order = &order;
        }
        {
            auto all = when_all(manual_future(controls[0]), manual_future(controls[1]),
                                manual_future(controls[2]));
            CHECK(task.poll(all).is_pending());
        }
        CHECK(order == "cba");
        order.clear();
        {
            std::vector<manual_future<int>> futures;
            for (auto& each : controls) {
                futures.emplace_back(each);
            }
            auto all = when_all(std::move(futures));
            CHECK(task.poll(all).is_pending());
        }
        CHECK(order == "cba");
    }

    TEST_CASE("what one throws comes out of the poll, and the others are dropped with the whole") {
        hand_task task;
        manual_control<int> a;
        manual_control<int> b;
        {
            auto all = when_all(manual_future(a), manual_future(b));
            CHECK(task.poll(all).is_pending());
            b.throws = true;
            CHECK_THROWS_AS((void)task.poll(all), std::runtime_error);
            CHECK(a.drops == 0);
        }
        CHECK(a.drops == 1);
        CHECK(b.drops == 1);
        CHECK(task.counts.owners == 1);
    }

    TEST_CASE("a borrowed future stays with its owner") {
        hand_task task;
        manual_control<int> a;
        manual_future<int> borrowed(a);
        {
            auto all = when_all(borrowed, ready(2));
            CHECK(task.poll(all).is_pending());
        }
        CHECK(a.drops == 0);
        a.finish(1);
        CHECK(task.poll(borrowed).value() == 1);
    }

    TEST_CASE("a vector of futures gives a vector of outputs in its order") {
        hand_task task;
        std::vector<manual_control<int>> controls(3);
        std::vector<manual_future<int>> futures;
        futures.reserve(controls.size());
        for (auto& each : controls) {
            futures.emplace_back(each);
        }
        auto all = when_all(std::move(futures));
        CHECK(task.poll(all).is_pending());
        controls[2].finish(30);
        controls[0].finish(10);
        CHECK(task.poll(all).is_pending());
        CHECK(controls[0].drops == 1);
        CHECK(controls[1].drops == 0);
        CHECK(controls[2].drops == 1);
        controls[1].finish(20);
        CHECK(task.poll(all).value() == std::vector{10, 20, 30});
        CHECK(controls[1].polls == 3);
        CHECK(controls[0].polls == 2);
    }

    TEST_CASE("an empty vector is ready at once") {
        hand_task task;
        auto all = when_all(std::vector<rouse::ready_future<int>>());
        CHECK(task.poll(all).value().empty());
    }

    TEST_CASE("it may be moved before its first poll") {
        hand_task task;
        manual_control<int> a;
        auto all = when_all(manual_future(a), ready(2));
        auto moved = std::move(all);
        a.value = 1;
        CHECK(task.poll(moved).value() == std::tuple(1, 2));
        CHECK(a.drops == 1);
    }

    TEST_CASE("its poll cannot throw when those of its futures cannot") {
        using nothrow = decltype(when_all(ready(1), rouse::yield_now()));
        using throwing = decltype(when_all(ready(1), std::declval<manual_future<int>>()));
        static_assert(noexcept(std::declval<nothrow&>().poll(std::declval<rouse::context&>())));
        static_assert(!noexcept(std::declval<throwing&>().poll(std::declval<rouse::context&>())));
    }

    TEST_CASE("a callable is a future through poll_fn, and a value through ready") {
        hand_task task;
        int calls = 0;
        auto counted = rouse::poll_fn([&calls](rouse::context&) noexcept -> rouse::poll<int> {
            if (++calls < 3) {
                return rouse::pending;
            }
            return calls;
        });
        CHECK(task.poll(counted).is_pending());
        CHECK(task.poll(counted).is_pending());
        CHECK(task.poll(counted).value() == 3);
        auto now = ready(std::string("now"));
        CHECK(task.poll(now).value() == "now");
        auto nothing = ready();
        CHECK(task.poll(nothing).is_ready());
    }
}
