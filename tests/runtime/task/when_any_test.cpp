#include "runtime/task/when_any.hpp"

#include <concepts>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/sync/channel.hpp"
#include "runtime/task/ready.hpp"
#include "runtime/task/select.hpp"
#include "runtime/task/yield_now.hpp"
#include "tests/support/manual_future.hpp"
#include "tests/support/poll_once.hpp"

using rouse::ready;
using rouse::select;
using rouse::when_any;
using rouse::test::hand_task;
using rouse::test::manual_control;
using rouse::test::manual_future;

namespace {

/// Three controls named a, b, c that note the order of their drops.
struct three {
    three() {
        for (int i = 0; i < 3; ++i) {
            controls[i].name = static_cast<char>('a' + i);
            controls[i].drop_order = &order;
        }
    }
    three(const three&) = delete;

    std::vector<manual_future<int>> futures() {
        std::vector<manual_future<int>> made;
        for (auto& each : controls) {
            made.emplace_back(each);
        }
        return made;
    }

    std::string order;
    manual_control<int> controls[3];
};

}  // namespace

TEST_SUITE("runtime/when_any") {
    TEST_CASE(
        "the first that is ready wins, and all are destroyed in the reverse order before the "
        "answer") {
        hand_task task;
        three futures;
        auto any = when_any(futures.futures());
        CHECK(task.poll(any).is_pending());
        CHECK(futures.order.empty());
        futures.controls[1].finish(20);
        CHECK(task.wakes() == 1);
        auto answer = task.poll(any);
        CHECK(futures.order == "cba");
        CHECK(answer.value().index == 1);
        CHECK(answer.value().value == 20);
        CHECK(futures.controls[2].polls == 1);
        CHECK(task.counts.owners == 1);
    }

    TEST_CASE("of several that are ready the first in order wins") {
        hand_task task;
        three futures;
        futures.controls[1].value = 20;
        futures.controls[2].value = 30;
        auto any = when_any(futures.futures());
        auto answer = task.poll(any);
        CHECK(answer.value().index == 1);
        CHECK(futures.controls[2].polls == 0);
    }

    TEST_CASE("dropped while pending, it drops all in the reverse order") {
        hand_task task;
        three futures;
        {
            auto any = when_any(futures.futures());
            CHECK(task.poll(any).is_pending());
        }
        CHECK(futures.order == "cba");
    }

    TEST_CASE("what one throws comes out of the poll") {
        hand_task task;
        three futures;
        {
            auto any = when_any(futures.futures());
            futures.controls[1].throws = true;
            CHECK_THROWS_AS((void)task.poll(any), std::runtime_error);
        }
        CHECK(futures.order == "cba");
    }

    TEST_CASE("futures without a value give monostate") {
        hand_task task;
        auto any = when_any(std::vector<rouse::yield_future>(2));
        static_assert(
            std::same_as<rouse::future_output_t<decltype(any)>, rouse::any_output<std::monostate>>);
        CHECK(task.poll(any).is_pending());
        CHECK(task.wakes() == 2);
        CHECK(task.poll(any).value().index == 0);
    }
}

TEST_SUITE("runtime/select") {
    TEST_CASE(
        "the first that is ready wins, and all are destroyed in the reverse order before the "
        "answer") {
        hand_task task;
        three futures;
        auto one = select(manual_future(futures.controls[0]), manual_future(futures.controls[1]),
                          manual_future(futures.controls[2]));
        CHECK(task.poll(one).is_pending());
        futures.controls[1].finish(20);
        auto answer = task.poll(one);
        CHECK(futures.order == "cba");
        CHECK(answer.value().index() == 1);
        CHECK(std::get<1>(answer.value()) == 20);
        CHECK(futures.controls[2].polls == 1);
        CHECK(task.counts.owners == 1);
    }

    TEST_CASE("outputs keep their types, void as monostate") {
        hand_task task;
        manual_control<int> control;
        auto one = select(manual_future(control), ready(), ready(std::make_unique<int>(1)));
        static_assert(std::same_as<rouse::future_output_t<decltype(one)>,
                                   std::variant<int, std::monostate, std::unique_ptr<int>>>);
        CHECK(task.poll(one).value().index() == 1);
        auto moved = select(manual_future(control), ready(std::make_unique<int>(7)));
        auto answer = task.poll(moved);
        CHECK(*std::get<1>(answer.value()) == 7);
    }

    TEST_CASE("dropped while pending, it drops all in the reverse order") {
        hand_task task;
        three futures;
        {
            auto one =
                select(manual_future(futures.controls[0]), manual_future(futures.controls[1]),
                       manual_future(futures.controls[2]));
            CHECK(task.poll(one).is_pending());
        }
        CHECK(futures.order == "cba");
    }

    TEST_CASE("a borrowed loser stays with its owner and goes on") {
        hand_task task;
        manual_control<int> control;
        manual_future<int> loser(control);
        {
            auto one = select(loser, ready(1));
            CHECK(task.poll(one).value().index() == 1);
        }
        CHECK(control.drops == 0);
        control.finish(5);
        CHECK(task.poll(loser).value() == 5);
    }

    TEST_CASE("what one throws comes out of the poll") {
        hand_task task;
        manual_control<int> control;
        control.throws = true;
        auto one = select(manual_future(control), ready());
        CHECK_THROWS_AS((void)task.poll(one), std::runtime_error);
    }

    TEST_CASE("a receive that loses takes nothing out of its channel") {
        hand_task task;
        rouse::channel<int> queue(1);
        manual_control<int> control;
        auto one = select(manual_future(control), queue.recv());
        CHECK(task.poll(one).is_pending());
        CHECK(queue.try_send(1).has_value());
        control.finish(2);
        CHECK(task.poll(one).value().index() == 0);
        CHECK(queue.try_recv().value() == 1);
    }
}
