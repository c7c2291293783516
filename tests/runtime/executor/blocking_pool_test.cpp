#include "runtime/executor/blocking_pool.hpp"

#include <pthread.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/task/task.hpp"
#include "tests/support/executors.hpp"
#include "tests/support/poll_once.hpp"

using rouse::blocking_pool;
using rouse::errc;
using rouse::test::poll_once;

namespace {

/// Keeps a thread of the pool busy until it is opened.
struct gate {
    std::binary_semaphore entered{0};
    std::binary_semaphore opened{0};

    auto job(int value = 0) {
        return [this, value] {
            entered.release();
            opened.acquire();
            return value;
        };
    }
};

rouse::task<> await_sum(blocking_pool& pool, int first, int count, std::atomic<int>& sum) {
    for (int value = first; value < first + count; ++value) {
        const auto got = co_await pool.run([value] { return value; });
        sum += got.value_or(0);
    }
}

}  // namespace

TEST_SUITE("runtime/blocking_pool") {
    TEST_CASE("the function runs on another thread, and its result comes back") {
        blocking_pool pool;
        rouse::test::waking_executor on;
        const auto id = on.runs.run_until(pool.run([] { return std::this_thread::get_id(); }));
        REQUIRE(id.has_value());
        REQUIRE(id->has_value());
        CHECK(**id != std::this_thread::get_id());
    }

    TEST_CASE("a function without a result is waited for all the same") {
        blocking_pool pool;
        rouse::test::waking_executor on;
        bool called = false;
        const auto ran = on.runs.run_until(pool.run([&called] { called = true; }));
        REQUIRE(ran.has_value());
        CHECK(ran->has_value());
        CHECK(called);
    }

    TEST_CASE("a future that is never polled calls nothing") {
        std::atomic<bool> called = false;
        {
            blocking_pool pool;
            (void)pool.run([&called] { called = true; });
            CHECK(pool.waiting_jobs() == 0);
        }
        CHECK_FALSE(called);
    }

    TEST_CASE("what the function throws comes out of the poll") {
        blocking_pool pool;
        rouse::test::waking_executor on;
        auto asked = pool.run([]() -> int { throw std::runtime_error("no"); });
        auto caught = [](auto throwing) -> rouse::task<bool> {
            try {
                (void)co_await throwing;
            } catch (const std::runtime_error&) {
                co_return true;
            }
            co_return false;
        };
        CHECK(on.runs.run_until(caught(std::move(asked))).value());
    }

    TEST_CASE("a full queue refuses the next job, and takes one again when another has left") {
        gate held;
        blocking_pool pool({.threads = 1, .queue_jobs_max = 1});
        auto running = pool.run(held.job());
        CHECK(poll_once(running).is_pending());
        held.entered.acquire();
        std::atomic<int> calls = 0;
        {
            auto waiting = pool.run([&calls] { ++calls; });
            CHECK(poll_once(waiting).is_pending());
            CHECK(poll_once(waiting).is_pending());
            CHECK(pool.waiting_jobs() == 1);
            auto refused = pool.run([&calls] { ++calls; });
            CHECK(poll_once(refused).value().error() == errc::limit_exceeded);
        }
        // Dropped while it waited: never called, and its place is free.
        CHECK(pool.waiting_jobs() == 0);
        auto next = pool.run([&calls] { ++calls; });
        CHECK(poll_once(next).is_pending());
        held.opened.release();
        rouse::test::waking_executor on;
        CHECK(on.runs.run_until(std::move(next)).value().has_value());
        CHECK(calls == 1);
    }

    TEST_CASE("a future may be dropped while its job runs; the result is dropped then") {
        gate held;
        const auto result = std::make_shared<int>(1);
        {
            blocking_pool pool;
            {
                auto running = pool.run([&held, kept = result] {
                    held.entered.release();
                    held.opened.acquire();
                    return kept;
                });
                CHECK(poll_once(running).is_pending());
                held.entered.acquire();
            }
            held.opened.release();
        }
        CHECK(result.use_count() == 1);
    }

    TEST_CASE("the end of the pool cancels what waits, and what comes later") {
        gate held;
        auto pool = std::make_unique<blocking_pool>();
        auto running = pool->run(held.job(7));
        CHECK(poll_once(running).is_pending());
        held.entered.acquire();
        auto waiting = pool->run([] { return 1; });
        auto late = pool->run([] { return 2; });
        CHECK(poll_once(waiting).is_pending());
        // The destructor waits for the thread, which the gate holds until the queue is closed.
        std::jthread opener([&] {
            while (poll_once(waiting).is_pending()) {
                std::this_thread::yield();
            }
            held.opened.release();
        });
        pool.reset();
        opener.join();
        CHECK(poll_once(running).value() == 7);
        CHECK(poll_once(late).value().error() == errc::cancelled);
    }

    TEST_CASE("without budget a result stays until the next poll") {
        blocking_pool pool;
        rouse::test::hand_task task;
        auto asked = pool.run([] { return 5; });
        task.budget.remaining = 0;
        while (task.wakes() == 0) {
            CHECK(task.poll(asked).is_pending());
        }
        task.budget.remaining = 1;
        CHECK(task.poll(asked).value() == 5);
    }

    TEST_CASE("its threads take no signals") {
        blocking_pool pool;
        rouse::test::waking_executor on;
        const auto blocked = on.runs.run_until(pool.run([] {
            sigset_t mask;
            ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
            return ::sigismember(&mask, SIGTERM) == 1 && ::sigismember(&mask, SIGHUP) == 1;
        }));
        CHECK(blocked.value().value());
        sigset_t own;
        ::pthread_sigmask(SIG_SETMASK, nullptr, &own);
        CHECK(::sigismember(&own, SIGTERM) == 0);
    }

    TEST_CASE("jobs of many tasks on several loops are all done, and none is lost asleep") {
        constexpr std::size_t loops = 2;
        constexpr std::size_t tasks = 8;
        constexpr int jobs = 100;
        blocking_pool pool({.threads = 3, .queue_jobs_max = loops * tasks});
        std::atomic<int> sum = 0;
        std::vector<std::jthread> threads;
        threads.reserve(loops);
        for (std::size_t loop = 0; loop < loops; ++loop) {
            threads.emplace_back([&] {
                rouse::test::waking_executor on;
                for (std::size_t task = 0; task < tasks; ++task) {
                    on.spawn(await_sum(pool, 1, jobs, sum));
                }
                REQUIRE(on.runs.run());
            });
        }
        threads.clear();
        CHECK(sum == static_cast<int>(loops * tasks) * jobs * (jobs + 1) / 2);
    }

    TEST_CASE("futures that are dropped at any moment leave nothing behind") {
        const auto kept = std::make_shared<int>(0);
        {
            blocking_pool pool({.threads = 2, .queue_jobs_max = 4});
            for (int round = 0; round < 2'000; ++round) {
                auto dropped = pool.run([kept] { return kept.use_count(); });
                for (int polls = round % 3; polls > 0; --polls) {
                    if (poll_once(dropped).is_ready()) {
                        break;
                    }
                }
            }
        }
        CHECK(kept.use_count() == 1);
    }
}
