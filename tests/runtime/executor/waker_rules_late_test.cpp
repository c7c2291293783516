// Rules 4 to 8 of the waker contract; the first three are in waker_rules_test.cpp.

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/net/tcp_stream.hpp"
#include "runtime/sync/notify.hpp"
#include "runtime/sync/oneshot.hpp"
#include "runtime/task/poll_fn.hpp"
#include "runtime/task/task.hpp"
#include "runtime/task/yield_now.hpp"
#include "runtime/time/sleep.hpp"
#include "tests/support/allocation_count.hpp"
#include "tests/support/drop_log.hpp"
#include "tests/support/executors.hpp"
#include "tests/support/manual_future.hpp"
#include "tests/support/sockets.hpp"

using rouse::context;
using rouse::pending;
using rouse::poll_fn;
using rouse::task;
using rouse::test::drop_log;
using rouse::test::hand_task;
using rouse::test::manual_control;
using rouse::test::manual_future;
using rouse::test::polling_executor;
using rouse::test::waking_executor;

namespace {

task<> own_three(std::string& log, rouse::notify& until) {
    const drop_log first(log, "1");
    const drop_log second(log, "2");
    const drop_log third(log, "3");
    co_await until.notified();
    log += "never";
}

task<> own_a_receive(std::string& log, rouse::tcp_stream stream) {
    const drop_log before(log, "before ");
    rouse::tcp_stream moved = std::move(stream);
    const drop_log after(log, "after ");
    (void)co_await moved.recv();
    log += "never";
}

task<int> count_resumes(manual_control<int>& control, int& resumes) {
    ++resumes;
    const int value = co_await manual_future(control);
    ++resumes;
    co_return value;
}

task<> disturb(manual_control<int>& disturbed, int times) {
    for (int i = 0; i < times; ++i) {
        if (disturbed.waker) {
            disturbed.waker.wake_by_ref();
        }
        co_await rouse::yield_now();
    }
    disturbed.finish(7);
}

/// Polls `asked` with two tasks in turn: whoever asked last is woken by `event`, and only he.
/// Asking twice with the same waker clones it once.
template <class F, class Event>
void check_latest_waker(F& asked, Event event, rouse::timer_wheel* timers = nullptr) {
    hand_task first(timers);
    hand_task second(timers);
    REQUIRE(first.poll(asked).is_pending());
    REQUIRE(first.poll(asked).is_pending());
    CHECK(first.counts.clones == 1);
    REQUIRE(second.poll(asked).is_pending());
    REQUIRE(second.poll(asked).is_pending());
    CHECK(second.counts.clones == 1);
    CHECK(first.counts.owners == 1);
    event();
    CHECK(first.wakes() == 0);
    CHECK(second.wakes() == 1);
    // Whatever it keeps now is not the hand tasks' any more.
    (void)rouse::test::poll_once(asked, timers);
}

}  // namespace

TEST_SUITE("runtime/waker rules") {
    TEST_CASE("rule 4: a receive keeps the waker of its latest poll") {
        const auto io = rouse::test::tested_reactor();
        auto [near, far] = rouse::test::tcp_pair();
        std::optional stream(rouse::tcp_stream::adopt(*io, std::move(near)).value());
        auto receiving = stream->recv();
        hand_task first;
        hand_task second;
        REQUIRE(first.poll(receiving).is_pending());
        REQUIRE(first.poll(receiving).is_pending());
        CHECK(first.counts.clones == 1);
        REQUIRE(second.poll(receiving).is_pending());
        CHECK(first.counts.owners == 1);
        rouse::test::write_all(far, "x");
        rouse::test::turn_until(*io, [&] { return second.wakes() > 0; });
        CHECK(first.wakes() == 0);
        stream.reset();
    }

    TEST_CASE("rule 4: a join_handle keeps the waker of its latest poll") {
        waking_executor on;
        rouse::notify until;
        auto handle = on.runs.spawn(until.notified());
        on.runs.run_until_stalled();
        check_latest_waker(handle, [&] {
            until.notify_one();
            on.runs.run_until_stalled();
        });
    }

    TEST_CASE("rule 4: a sleep keeps the waker of its latest poll") {
        rouse::timer_wheel timers;
        auto sleeping = rouse::sleep_for(rouse::milliseconds(5));
        check_latest_waker(
            sleeping, [&] { timers.advance(timers.now() + rouse::milliseconds(50)); }, &timers);
    }

    TEST_CASE("rule 4: a pending task polls its leaf with the waker of the latest poll") {
        rouse::notify until;
        auto outer = [](rouse::notify& awaited) -> task<> { co_await awaited.notified(); }(until);
        check_latest_waker(outer, [&] { until.notify_one(); });
    }

    TEST_CASE_TEMPLATE("rule 5: a spurious wake asks the future again, and resumes no coroutine",
                       Executor, waking_executor, polling_executor) {
        manual_control<int> control;
        int resumes = 0;
        Executor on;
        on.spawn(count_resumes(control, resumes));
        on.spawn(disturb(control, 20));
        REQUIRE(on.runs.run());
        CHECK(resumes == 2);
        CHECK(control.polls > 20);
    }

    TEST_CASE("rule 6: waking runs no task code, and allocates nothing") {
        waking_executor on;
        bool polled = false;
        std::optional<rouse::local_waker> local;
        std::optional<rouse::waker> remote;
        on.spawn(poll_fn([&](context& cx) -> rouse::poll<> {
            if (!local) {
                local = cx.local().clone();
                remote = cx.waker();
                return pending;
            }
            polled = true;
            return rouse::poll<>::ready();
        }));
        on.runs.run_until_stalled();
        const rouse::test::allocation_count allocations;
        local->wake_by_ref();
        local->clone().wake_by_ref();
        remote->wake_by_ref();
        remote->clone().wake_by_ref();
        CHECK(allocations.value() == 0);
        CHECK_FALSE(polled);
        on.runs.run_until_stalled();
        CHECK(polled);
        WARN(rouse::test::allocation_count::is_available());
    }

    TEST_CASE("rule 6: the counter of allocations counts") {
        if (rouse::test::allocation_count::is_available()) {
            const rouse::test::allocation_count allocations;
            const auto text = std::string(1000, 'x');
            CHECK(text.size() == 1000);
            CHECK(allocations.value() == 1);
        }
    }

    TEST_CASE_TEMPLATE("rule 7: dropping a pending task drops what it owns, last first", Executor,
                       waking_executor, polling_executor) {
        std::string log;
        rouse::notify until;
        {
            Executor on;
            on.spawn(own_three(log, until));
            (void)on.runs.run_until(rouse::yield_now());
            CHECK(log.empty());
        }
        CHECK(log == "321");
        until.notify_one();
    }

    TEST_CASE_TEMPLATE("rule 7: dropping a task that never ran drops what was given to it",
                       Executor, waking_executor, polling_executor) {
        std::string log;
        {
            Executor on;
            on.spawn([](drop_log) -> task<> { co_return; }(drop_log(log, "argument")));
        }
        CHECK(log == "argument");
    }

    TEST_CASE_TEMPLATE("rule 7: also when it is pending on the kernel", Executor, waking_executor,
                       polling_executor) {
        std::string log;
        auto [near, far] = rouse::test::tcp_pair();
        {
            Executor on;
            on.spawn(own_a_receive(log, rouse::tcp_stream::adopt(*on.io, std::move(near)).value()));
            for (int i = 0; i < 3; ++i) {
                (void)on.runs.run_until(rouse::yield_now());
                REQUIRE(on.io->turn(rouse::duration::zero()));
            }
            CHECK(log.empty());
        }
        CHECK(log == "after before ");
        CHECK(rouse::test::read_now(far).end);
    }

    TEST_CASE("rule 8: a wake from another thread ends the sleep of the reactor") {
        waking_executor on;
        std::thread other;
        int polls = 0;
        on.spawn(poll_fn([&](context& cx) -> rouse::poll<> {
            if (++polls == 1) {
                other = std::thread([kept = cx.waker()]() mutable { std::move(kept).wake(); });
                return pending;
            }
            return rouse::poll<>::ready();
        }));
        REQUIRE(on.runs.run());
        CHECK(polls == 2);
        CHECK(on.runs.counters().wakes_remote == 1);
        other.join();
    }
}
