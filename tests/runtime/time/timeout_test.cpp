#include "runtime/time/timeout.hpp"

#include <chrono>
#include <concepts>
#include <memory>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/task/ready.hpp"
#include "tests/support/manual_future.hpp"
#include "tests/support/poll_once.hpp"

using rouse::errc;
using rouse::milliseconds;
using rouse::result;
using rouse::time_point;
using rouse::timer_wheel;
using rouse::with_timeout;
using rouse::test::hand_task;
using rouse::test::manual_control;
using rouse::test::manual_future;

namespace {
constexpr time_point start{std::chrono::hours(1)};
}

TEST_SUITE("runtime/timeout") {
    TEST_CASE("a value that is there is passed on and starts no timer") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        auto future = with_timeout(rouse::ready(7), milliseconds(5));
        CHECK(task.poll(future).value() == 7);
        CHECK_FALSE(wheel.next_deadline());
    }

    TEST_CASE("a future that is too slow is destroyed before the time-out is reported") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        manual_control<int> control;
        auto future = with_timeout(manual_future<int>(control), milliseconds(5));
        CHECK(task.poll(future).is_pending());
        CHECK(wheel.advance(start + milliseconds(5)) == 1);
        CHECK(task.wakes() == 1);
        CHECK(control.drops == 0);
        auto answer = task.poll(future);
        CHECK(control.drops == 1);
        CHECK(control.polls == 2);
        CHECK(answer.value().error() == errc::timed_out);
        CHECK(task.counts.owners == 1);
    }

    TEST_CASE("a value that comes with the deadline wins against it") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        manual_control<int> control;
        auto future = with_timeout(manual_future<int>(control), milliseconds(5));
        CHECK(task.poll(future).is_pending());
        CHECK(wheel.advance(start + milliseconds(50)) == 1);
        control.finish(3);
        CHECK(task.poll(future).value() == 3);
    }

    TEST_CASE("a wait of nothing still polls the future once") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        manual_control<int> control;
        auto future = with_timeout(manual_future<int>(control), milliseconds(0));
        CHECK(task.poll(future).value().error() == errc::timed_out);
        CHECK(control.polls == 1);
        CHECK(control.drops == 1);
    }

    TEST_CASE("a borrowed future is left as it is by a time-out") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        manual_control<int> control;
        manual_future<int> inner(control);
        {
            auto future = with_timeout(inner, milliseconds(5));
            CHECK(task.poll(future).is_pending());
            CHECK(wheel.advance(start + milliseconds(5)) == 1);
            CHECK(task.poll(future).value().error() == errc::timed_out);
        }
        CHECK(control.drops == 0);
        control.finish(9);
        CHECK(task.poll(inner).value() == 9);
    }

    TEST_CASE("a result is not nested in another") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        auto failed =
            with_timeout(rouse::ready(result<int>(rouse::failure(errc::closed))), milliseconds(5));
        static_assert(std::same_as<rouse::future_output_t<decltype(failed)>, result<int>>);
        CHECK(task.poll(failed).value().error() == errc::closed);
        auto nothing = with_timeout(rouse::ready(result<>()), milliseconds(5));
        static_assert(std::same_as<rouse::future_output_t<decltype(nothing)>, result<>>);
        CHECK(task.poll(nothing).value().has_value());
    }

    TEST_CASE("a future without a value gives a result without one") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        auto future = with_timeout(rouse::ready(), milliseconds(5));
        static_assert(std::same_as<rouse::future_output_t<decltype(future)>, result<>>);
        CHECK(task.poll(future).value().has_value());
    }

    TEST_CASE("values that can only be moved pass through") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        auto future = with_timeout(rouse::ready(std::make_unique<int>(4)), milliseconds(5));
        CHECK(**task.poll(future).value() == 4);
    }

    TEST_CASE("what the future throws comes out of the poll") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        manual_control<int> control;
        control.throws = true;
        auto future = with_timeout(manual_future<int>(control), milliseconds(5));
        CHECK_THROWS_AS((void)task.poll(future), std::runtime_error);
    }

    TEST_CASE("with_deadline ends at the point in time") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        manual_control<int> control;
        auto future = rouse::with_deadline(manual_future<int>(control), start + milliseconds(8));
        CHECK(task.poll(future).is_pending());
        CHECK(wheel.next_deadline() == start + milliseconds(8));
    }

    TEST_CASE("dropping a time-out in the middle drops the future and the timer") {
        timer_wheel wheel(start);
        hand_task task(&wheel);
        manual_control<int> control;
        {
            auto future = with_timeout(manual_future<int>(control), milliseconds(5));
            CHECK(task.poll(future).is_pending());
        }
        CHECK(control.drops == 1);
        CHECK_FALSE(wheel.next_deadline());
        CHECK(task.counts.owners == 1);
    }
}
