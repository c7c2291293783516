// The eight rules of the waker contract (docs/architecture.md), each on both executors where it
// applies to both.

#include <concepts>
#include <optional>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/task/poll_fn.hpp"
#include "runtime/task/task.hpp"
#include "runtime/task/yield_now.hpp"
#include "tests/support/executors.hpp"

using rouse::context;
using rouse::pending;
using rouse::poll_fn;
using rouse::task;
using rouse::test::polling_executor;
using rouse::test::waking_executor;

namespace {

/// A condition that one task waits for, which counts how often it is asked.
struct gate {
    bool open = false;
    int polls = 0;
    rouse::local_waker waiting;

    auto wait() {
        return poll_fn([this](context& cx) -> rouse::poll<> {
            ++polls;
            if (open) {
                return rouse::poll<>::ready();
            }
            store_waker(waiting, cx);
            return pending;
        });
    }
    void wake() {
        if (waiting) {
            waiting.wake_by_ref();
        }
    }
};

task<> wait_for(gate& until, int& resumes) {
    co_await until.wait();
    ++resumes;
}

task<> open_later(gate& opened, int turns, int wakes) {
    for (int i = 0; i < turns; ++i) {
        co_await rouse::yield_now();
    }
    opened.open = true;
    for (int i = 0; i < wakes; ++i) {
        opened.wake();
    }
}

}  // namespace

TEST_SUITE("runtime/waker rules") {
    TEST_CASE_TEMPLATE("rule 1: a task is polled after a wake that came after its poll", Executor,
                       waking_executor, polling_executor) {
        gate until;
        int resumes = 0;
        Executor on;
        on.spawn(wait_for(until, resumes));
        on.spawn(open_later(until, 3, 1));
        REQUIRE(on.runs.run());
        CHECK(resumes == 1);
    }

    TEST_CASE("rule 1: wakes coalesce into one poll") {
        gate until;
        int resumes = 0;
        waking_executor on;
        on.spawn(wait_for(until, resumes));
        on.spawn(open_later(until, 0, 5));
        REQUIRE(on.runs.run());
        CHECK(resumes == 1);
        CHECK(until.polls == 2);
        CHECK(on.runs.counters().wakes == 1);
        CHECK(on.runs.counters().wakes_coalesced == 4);
    }

    TEST_CASE("rule 1: without a wake there is no poll, where simple_executor polls in vain") {
        gate until;
        int resumes = 0;
        {
            waking_executor on;
            on.spawn(wait_for(until, resumes));
            on.spawn(open_later(until, 50, 1));
            REQUIRE(on.runs.run());
        }
        CHECK(until.polls == 2);
        gate simple_until;
        polling_executor simple;
        simple.spawn(wait_for(simple_until, resumes));
        simple.spawn(open_later(simple_until, 50, 1));
        REQUIRE(simple.runs.run());
        CHECK(simple_until.polls == 52);
        CHECK(resumes == 2);
    }

    TEST_CASE("rule 2: waking a queued task does nothing") {
        int polls = 0;
        waking_executor on;
        std::vector<rouse::local_waker> wakers;
        on.spawn(poll_fn([&](context& cx) -> rouse::poll<> {
            ++polls;
            wakers.push_back(cx.local().clone());
            return polls == 3 ? rouse::poll<>::ready() : pending;
        }));
        CHECK(on.runs.run_until_stalled() == 1);
        for (int i = 0; i < 10; ++i) {
            wakers.front().wake_by_ref();
        }
        CHECK(on.runs.run_until_stalled() == 1);
        CHECK(polls == 2);
        CHECK(on.runs.counters().wakes == 1);
        CHECK(on.runs.counters().wakes_coalesced == 9);
        std::move(wakers.back()).wake();
        wakers.pop_back();
        CHECK(on.runs.run_until_stalled() == 1);
        CHECK(on.runs.task_count() == 0);
    }

    TEST_CASE("rule 2: waking a task while it is being polled queues it once, after this poll") {
        int polls = 0;
        int inside = 0;
        waking_executor on;
        on.spawn(poll_fn([&](context& cx) -> rouse::poll<> {
            CHECK(++inside == 1);
            if (++polls == 1) {
                cx.local().wake_by_ref();
                cx.local().wake_by_ref();
                cx.local().clone().wake_by_ref();
            }
            --inside;
            return polls == 3 ? rouse::poll<>::ready() : pending;
        }));
        CHECK(on.runs.run_until_stalled() == 2);
        CHECK(on.runs.counters().wakes == 1);
        CHECK(on.runs.counters().wakes_coalesced == 2);
    }

    TEST_CASE_TEMPLATE("rule 2: a task that wakes itself is polled until it is done", Executor,
                       waking_executor, polling_executor) {
        int polls = 0;
        Executor on;
        on.spawn(poll_fn([&](context& cx) -> rouse::poll<> {
            cx.local().wake_by_ref();
            return ++polls == 1000 ? rouse::poll<>::ready() : pending;
        }));
        REQUIRE(on.runs.run());
        CHECK(polls == 1000);
    }

    TEST_CASE_TEMPLATE("rule 3: waking a finished task does nothing", Executor, waking_executor,
                       polling_executor) {
        int polls = 0;
        std::optional<rouse::local_waker> kept;
        Executor on;
        on.spawn(poll_fn([&](context& cx) {
            ++polls;
            kept = cx.local().clone();
            return rouse::poll<>::ready();
        }));
        REQUIRE(on.runs.run());
        kept->wake_by_ref();
        std::move(*kept).wake();
        REQUIRE(on.runs.run());
        CHECK(polls == 1);
    }

    TEST_CASE("rule 3: waking a dropped task does nothing") {
        gate until;
        int resumes = 0;
        waking_executor on;
        {
            const auto handle = on.runs.spawn(wait_for(until, resumes));
            CHECK(on.runs.run_until_stalled() == 1);
        }
        CHECK(on.runs.task_count() == 0);
        until.open = true;
        until.wake();
        CHECK(on.runs.run_until_stalled() == 0);
        CHECK(until.polls == 1);
        CHECK(resumes == 0);
    }

    TEST_CASE_TEMPLATE("rule 3: wakers outlive their task, executor and reactor", Executor,
                       waking_executor, polling_executor) {
        std::optional<rouse::local_waker> local;
        std::optional<rouse::waker> remote;
        {
            Executor on;
            on.spawn(poll_fn([&](context& cx) -> rouse::poll<> {
                local = cx.local().clone();
                remote = cx.waker();
                return pending;
            }));
            if constexpr (std::same_as<Executor, waking_executor>) {
                on.runs.run_until_stalled();
            } else {
                (void)on.runs.run_until(rouse::yield_now());
            }
            REQUIRE(remote);
        }
        const auto local_clone = local->clone();
        const auto remote_clone = remote->clone();
        local_clone.wake_by_ref();
        remote_clone.wake_by_ref();
        std::move(*local).wake();
        std::move(*remote).wake();
    }
}
