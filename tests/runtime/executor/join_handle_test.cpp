#include "runtime/executor/join_handle.hpp"

#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/net/tcp_stream.hpp"
#include "runtime/sync/notify.hpp"
#include "runtime/task/poll_fn.hpp"
#include "runtime/task/ready.hpp"
#include "runtime/task/task.hpp"
#include "runtime/task/yield_now.hpp"
#include "tests/support/drop_log.hpp"
#include "tests/support/executors.hpp"
#include "tests/support/sockets.hpp"

using rouse::errc;
using rouse::failure;
using rouse::join_handle;
using rouse::notify;
using rouse::result;
using rouse::task;
using rouse::test::drop_log;
using rouse::test::hand_task;
using rouse::test::waking_executor;

namespace {

task<int> value_of(int value) {
    co_await rouse::yield_now();
    co_return value;
}

task<int> throwing() {
    co_await rouse::yield_now();
    throw std::runtime_error("thrown");
}

task<drop_log> giving(std::string& log) {
    co_await rouse::yield_now();
    co_return drop_log(log, "output");
}

task<> owning(drop_log, notify& until, bool& finished) {
    co_await until.notified();
    finished = true;
}

task<result<int>> failing() {
    co_return failure(errc::closed);
}

/// Gives back a stream whose receive has kept this task's waker.
task<rouse::tcp_stream> open_and_give(rouse::tcp_stream stream) {
    (void)co_await stream.recv();
    co_return std::move(stream);
}

}  // namespace

TEST_SUITE("runtime/join_handle") {
    TEST_CASE("awaiting gives the value") {
        waking_executor on;
        auto both = [](rouse::executor& runs) -> task<int> {
            auto first = runs.spawn(value_of(2));
            auto second = runs.spawn(value_of(40));
            const auto two = co_await first;
            const auto forty = co_await std::move(second);
            co_return *two + *forty;
        };
        CHECK(on.runs.run_until(both(on.runs)).value() == 42);
    }

    TEST_CASE("awaiting a finished task gives its value at once") {
        waking_executor on;
        auto handle = on.runs.spawn(value_of(3));
        on.runs.run_until_stalled();
        CHECK(handle.is_finished());
        hand_task asking;
        auto answer = asking.poll(handle);
        REQUIRE(answer.is_ready());
        CHECK(answer.value() == 3);
        CHECK(asking.counts.clones == 0);
    }

    TEST_CASE("awaiting rethrows what the task threw, and it is counted") {
        waking_executor on;
        CHECK_THROWS_WITH_AS((void)on.runs.run_until(throwing()), "thrown", std::runtime_error);
        CHECK(on.runs.counters().tasks_failed == 1);
        CHECK(on.runs.task_count() == 0);
    }

    TEST_CASE("a task that is detached and throws is only counted") {
        waking_executor on;
        on.runs.spawn(throwing()).detach();
        REQUIRE(on.runs.run());
        CHECK(on.runs.counters().tasks_failed == 1);
    }

    TEST_CASE("a result inside of the result is not taken for it") {
        waking_executor on;
        const result<result<int>> inner = on.runs.run_until(failing());
        REQUIRE(inner);
        REQUIRE_FALSE(*inner);
        CHECK(inner->error() == errc::closed);
    }

    TEST_CASE("values that only move, are void, or are an exception_ptr come through") {
        waking_executor on;
        CHECK(**on.runs.run_until(rouse::ready(std::make_unique<int>(5))) == 5);
        CHECK(on.runs.run_until(rouse::ready()));
        const auto value = on.runs.run_until(rouse::ready(std::exception_ptr()));
        REQUIRE(value);
        CHECK_FALSE(*value);
    }

    TEST_CASE("cancelling drops the future at once, and awaiting then says cancelled") {
        waking_executor on;
        std::string log;
        notify until;
        bool finished = false;
        auto handle = on.runs.spawn(owning(drop_log(log, "dropped"), until, finished));
        on.runs.run_until_stalled();
        handle.cancel();
        CHECK(log == "dropped");
        CHECK(handle.is_finished());
        CHECK(on.runs.task_count() == 0);
        hand_task asking;
        auto answer = asking.poll(handle);
        REQUIRE(answer.is_ready());
        CHECK(answer.value().error() == errc::cancelled);
        CHECK_FALSE(finished);
    }

    TEST_CASE("cancelling a task that is queued: it is not polled any more") {
        waking_executor on;
        std::string log;
        notify until;
        bool finished = false;
        auto handle = on.runs.spawn(owning(drop_log(log, "dropped"), until, finished));
        handle.cancel();
        handle.cancel();
        CHECK(log == "dropped");
        CHECK(on.runs.run_until_stalled() == 0);
        CHECK(on.runs.counters().polls == 0);
    }

    TEST_CASE("cancelling a finished task keeps its output") {
        waking_executor on;
        auto handle = on.runs.spawn(value_of(9));
        on.runs.run_until_stalled();
        handle.cancel();
        hand_task asking;
        CHECK(asking.poll(handle).value() == 9);
    }

    TEST_CASE("a task that cancels itself ends when its poll returns") {
        waking_executor on;
        std::string log;
        std::optional<join_handle<void>> handle;
        auto self = [](drop_log, std::optional<join_handle<void>>& own,
                       std::string& said) -> task<> {
            own->cancel();
            said += "goes on ";
            co_await rouse::yield_now();
            said += "never ";
        };
        handle = on.runs.spawn(self(drop_log(log, "dropped"), handle, log));
        on.runs.run_until_stalled();
        CHECK(log == "goes on dropped");
        hand_task asking;
        CHECK(asking.poll(*handle).value().error() == errc::cancelled);
    }

    TEST_CASE("a task that drops its own handle ends when its poll returns") {
        waking_executor on;
        std::string log;
        std::optional<join_handle<void>> handle;
        auto self = [](drop_log, std::optional<join_handle<void>>& own,
                       std::string& said) -> task<> {
            own.reset();
            said += "goes on ";
            co_await rouse::yield_now();
            said += "never ";
        };
        handle = on.runs.spawn(self(drop_log(log, "dropped"), handle, log));
        on.runs.run_until_stalled();
        CHECK(log == "goes on dropped");
        CHECK(on.runs.task_count() == 0);
    }

    TEST_CASE("whoever awaits a task that is cancelled is woken") {
        waking_executor on;
        notify until;
        auto inner = std::make_shared<join_handle<void>>(on.runs.spawn(until.notified()));
        auto waiting = on.runs.spawn([](auto awaited) -> task<bool> {
            const auto ended = co_await *awaited;
            co_return ended.error() == errc::cancelled;
        }(inner));
        on.runs.run_until_stalled();
        inner->cancel();
        CHECK(on.runs.run_until_stalled() == 1);
        hand_task asking;
        CHECK(asking.poll(waiting).value() == true);
    }

    TEST_CASE("dropping a handle cancels its task; detaching does not") {
        waking_executor on;
        std::string log;
        notify until;
        bool dropped_finished = false;
        bool detached_finished = false;
        {
            auto handle = on.runs.spawn(owning(drop_log(log, "dropped "), until, dropped_finished));
        }
        on.runs.spawn(owning(drop_log(log, "detached "), until, detached_finished)).detach();
        CHECK(log == "dropped ");
        on.runs.run_until_stalled();
        until.notify_all();
        on.runs.run_until_stalled();
        CHECK(log == "dropped detached ");
        CHECK_FALSE(dropped_finished);
        CHECK(detached_finished);
    }

    TEST_CASE("dropping a handle that was polled does not wake who polled it") {
        waking_executor on;
        notify until;
        hand_task asking;
        {
            auto handle = on.runs.spawn(until.notified());
            REQUIRE(asking.poll(handle).is_pending());
        }
        CHECK(asking.wakes() == 0);
        CHECK(asking.counts.owners == 1);
    }

    TEST_CASE("detaching a handle that was polled lets go of who polled it") {
        waking_executor on;
        notify until;
        hand_task asking;
        {
            auto handle = on.runs.spawn(until.notified());
            REQUIRE(asking.poll(handle).is_pending());
            std::move(handle).detach();
        }
        CHECK(asking.counts.owners == 1);
    }

    TEST_CASE("assigning over a handle cancels the task that it had") {
        waking_executor on;
        std::string log;
        notify until;
        bool finished = false;
        auto handle = on.runs.spawn(owning(drop_log(log, "first "), until, finished));
        handle = on.runs.spawn(owning(drop_log(log, "second "), until, finished));
        CHECK(log == "first ");
    }

    TEST_CASE("the output of a detached task is dropped when the task finishes") {
        waking_executor on;
        std::string log;
        on.runs.spawn(giving(log)).detach();
        on.runs.run_until_stalled();
        CHECK(log == "output");
    }

    TEST_CASE("an output that nobody took is dropped with the handle, though a waker lives on") {
        waking_executor on;
        std::string log;
        std::optional<rouse::local_waker> kept;
        {
            auto handle = on.runs.spawn(rouse::poll_fn([&](rouse::context& cx) {
                kept = cx.local().clone();
                return rouse::poll<drop_log>(drop_log(log, "output"));
            }));
            on.runs.run_until_stalled();
            CHECK(log.empty());
        }
        CHECK(log == "output");
    }

    TEST_CASE(
        "a stream that a detached task gives back is closed, though it keeps the task's waker") {
        waking_executor on;
        auto [near, far] = rouse::test::tcp_pair();
        on.runs.spawn(open_and_give(rouse::tcp_stream::adopt(*on.io, std::move(near)).value()))
            .detach();
        rouse::test::write_all(far, "x");
        REQUIRE(on.runs.run());
        rouse::test::turn_until_left(*on.io, 0, 0);
        CHECK(rouse::test::read_to_end(far).empty());
    }

    TEST_CASE("a handle outlives its executor: its task was cancelled") {
        std::optional<join_handle<void>> handle;
        notify until;
        {
            waking_executor on;
            handle = on.runs.spawn(until.notified());
            on.runs.run_until_stalled();
        }
        CHECK(handle->is_finished());
        hand_task asking;
        CHECK(asking.poll(*handle).value().error() == errc::cancelled);
    }
}
