// Wakers that cross threads. To be run with -fsanitize=thread as well.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/task/poll_fn.hpp"
#include "runtime/task/task.hpp"
#include "tests/support/executors.hpp"

using rouse::context;
using rouse::pending;
using rouse::poll_fn;
using rouse::waker;
using rouse::test::waking_executor;

namespace {

/// Answers pending once, and leaves a thread-safe waker in `slot`.
auto give_waker(std::optional<waker>& slot, int& polls) {
    return poll_fn([&](context& cx) -> rouse::poll<> {
        if (++polls == 1) {
            slot = cx.waker();
            return pending;
        }
        return rouse::poll<>::ready();
    });
}

/// Pending at each poll; the first leaves a thread-safe waker in `slot`.
auto never_ready(std::optional<waker>& slot) {
    return poll_fn([&slot, given = false](context& cx) mutable -> rouse::poll<> {
        if (!std::exchange(given, true)) {
            slot = cx.waker();
        }
        return pending;
    });
}

/// Pending until `count` has reached `wanted`; each poll takes what has been counted so far.
auto wait_for_count(const std::atomic<int>& count, int wanted, std::optional<waker>& slot) {
    return poll_fn([&count, &slot, wanted](context& cx) -> rouse::poll<> {
        if (!slot) {
            slot = cx.waker();
        }
        return count.load(std::memory_order_relaxed) == wanted ? rouse::poll<>::ready()
                                                               : rouse::poll<>(pending);
    });
}

}  // namespace

TEST_SUITE("runtime/executor from other threads") {
    TEST_CASE("a wake from another thread ends the executor's sleep, each of a thousand times") {
        waking_executor on;
        // The two sides take turns, so each wake finds the executor asleep or on its way there.
        constexpr int rounds = 1000;
        std::atomic<int> asked = 0;
        std::optional<waker> remote;
        int polls = 0;
        on.spawn(poll_fn([&](context& cx) -> rouse::poll<> {
            if (!remote) {
                remote = cx.waker();
            }
            if (++polls > rounds) {
                return rouse::poll<>::ready();
            }
            asked.store(polls, std::memory_order_release);
            asked.notify_one();
            return pending;
        }));
        std::thread other([&] {
            for (int round = 1; round <= rounds; ++round) {
                asked.wait(round - 1, std::memory_order_acquire);
                remote->wake_by_ref();
            }
        });
        REQUIRE(on.runs.run());
        other.join();
        CHECK(polls == rounds + 1);
        CHECK(on.runs.counters().wakes_remote == rounds);
    }

    TEST_CASE("a hundred thousand wakes from four threads: the last change is always seen") {
        waking_executor on;
        constexpr int threads = 4;
        constexpr int wakes = 25'000;
        std::atomic<int> count = 0;
        std::optional<waker> remote;
        auto handle = on.runs.spawn(wait_for_count(count, threads * wakes, remote));
        on.runs.run_until_stalled();
        std::vector<std::thread> others;
        for (int i = 0; i < threads; ++i) {
            others.emplace_back([&count, mine = remote->clone()] {
                for (int n = 0; n < wakes; ++n) {
                    count.fetch_add(1, std::memory_order_relaxed);
                    mine.wake_by_ref();
                }
            });
        }
        // A lost wake leaves this asleep for ever.
        REQUIRE(on.runs.run());
        for (auto& other : others) {
            other.join();
        }
        CHECK(handle.is_finished());
        CHECK(on.runs.counters().wakes_remote >= 1);
        CHECK(on.runs.counters().wakes_remote <= threads * wakes);
    }

    TEST_CASE(
        "what a thread did before its wake is seen by the poll after it, without other order") {
        waking_executor on;
        constexpr int rounds = 2000;
        int plain = 0;
        std::atomic<int> turn = 0;
        std::optional<waker> remote;
        int seen = 0;
        on.spawn(poll_fn([&](context& cx) -> rouse::poll<> {
            if (!remote) {
                remote = cx.waker();
            } else {
                CHECK(++seen == plain);  // A data race, were it not for the waker.
                if (seen == rounds) {
                    return rouse::poll<>::ready();
                }
            }
            turn.store(seen + 1, std::memory_order_release);
            turn.notify_one();
            return pending;
        }));
        std::thread other([&] {
            for (int round = 1; round <= rounds; ++round) {
                turn.wait(round - 1, std::memory_order_acquire);
                ++plain;
                remote->clone().wake_by_ref();
            }
        });
        REQUIRE(on.runs.run());
        other.join();
        CHECK(seen == rounds);
    }

    TEST_CASE("wakes of many tasks from one thread run them in the order of the wakes") {
        waking_executor on;
        constexpr std::size_t count = 100;
        std::vector<std::optional<waker>> remote(count);
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < count; ++i) {
            on.spawn(poll_fn([&, i](context& cx) -> rouse::poll<> {
                if (!remote[i]) {
                    remote[i] = cx.waker();
                    return pending;
                }
                order.push_back(i);
                return rouse::poll<>::ready();
            }));
        }
        on.runs.run_until_stalled();
        std::thread([&] {
            for (std::size_t i = count; i-- > 0;) {
                std::move(*remote[i]).wake();
            }
        }).join();
        REQUIRE(on.runs.run());
        REQUIRE(order.size() == count);
        for (std::size_t i = 0; i < count; ++i) {
            CHECK(order[i] == count - 1 - i);
        }
    }

    TEST_CASE("a thread-safe waker of a task is one, however often it is asked for") {
        waking_executor on;
        std::optional<waker> first;
        std::optional<waker> second;
        on.spawn(poll_fn([&](context& cx) {
            first = cx.waker();
            second = cx.waker();
            return rouse::poll<>::ready();
        }));
        on.runs.run_until_stalled();
        CHECK(first->will_wake(*second));
        CHECK(first->will_wake(first->clone()));
    }

    TEST_CASE("a wake that arrives when its task has finished or was cancelled does nothing") {
        waking_executor on;
        std::optional<waker> finished;
        std::optional<waker> cancelled;
        int polls = 0;
        on.spawn(give_waker(finished, polls));
        auto handle = std::make_optional(on.runs.spawn(never_ready(cancelled)));
        on.runs.run_until_stalled();
        finished->wake_by_ref();
        cancelled->wake_by_ref();  // In the inbox before the task is gone, and again after it.
        handle.reset();
        on.runs.run_until_stalled();
        CHECK(polls == 2);
        finished->wake_by_ref();
        cancelled->wake_by_ref();
        CHECK(on.runs.run_until_stalled() == 0);
        CHECK(on.runs.counters().wakes_remote == 4);
        CHECK(on.runs.counters().wakes == 1);
    }

    TEST_CASE("a waker that outlives task, executor and reactor does nothing, on any thread") {
        std::optional<waker> unfinished;
        std::optional<waker> finished;
        int unfinished_polls = 0;
        int finished_polls = 0;
        {
            waking_executor on;
            on.spawn(give_waker(unfinished, unfinished_polls));
            on.spawn(give_waker(finished, finished_polls));
            on.runs.run_until_stalled();
            finished->wake_by_ref();
            on.runs.run_until_stalled();
            CHECK(finished_polls == 2);
            finished->wake_by_ref();  // In the inbox when the executor ends.
        }
        std::thread([&] {
            unfinished->wake_by_ref();
            std::move(*unfinished).wake();
            finished->clone().wake_by_ref();
            finished.reset();
        }).join();
        CHECK(unfinished_polls == 1);
        CHECK(finished_polls == 2);
    }

    TEST_CASE("threads wake and drop wakers while their tasks and the executor end") {
        for (int round = 0; round < 50; ++round) {
            std::atomic<bool> go = false;
            std::array<std::optional<waker>, 4> remote;
            std::vector<std::thread> others;
            {
                waking_executor on;
                for (std::size_t i = 0; i < remote.size(); ++i) {
                    auto handle = on.runs.spawn(never_ready(remote[i]));
                    on.runs.run_until_stalled();
                    others.emplace_back([&go, mine = std::move(*remote[i])]() mutable {
                        go.wait(false);
                        for (int n = 0; n < 20; ++n) {
                            const auto copy = mine.clone();
                            copy.wake_by_ref();
                        }
                        std::move(mine).wake();
                    });
                    if (i % 2 == 0) {
                        handle.cancel();
                    } else {
                        std::move(handle).detach();
                    }
                }
                go = true;
                go.notify_all();
                (void)on.runs.run_until_stalled();
            }
            for (auto& other : others) {
                other.join();
            }
        }
    }
}
