#include "runtime/executor/executor.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/net/tcp_stream.hpp"
#include "runtime/sync/channel.hpp"
#include "runtime/sync/notify.hpp"
#include "runtime/task/poll_fn.hpp"
#include "runtime/task/ready.hpp"
#include "runtime/task/task.hpp"
#include "runtime/task/yield_now.hpp"
#include "runtime/time/sleep.hpp"
#include "tests/support/drop_log.hpp"
#include "tests/support/executors.hpp"
#include "tests/support/sockets.hpp"

using rouse::context;
using rouse::pending;
using rouse::poll_fn;
using rouse::task;
using rouse::test::drop_log;
using rouse::test::waking_executor;

namespace {

task<> say(std::string& log, char name, int times) {
    for (int i = 0; i < times; ++i) {
        log += name;
        co_await rouse::yield_now();
    }
}

/// Wakes itself at every poll until `stop`.
auto spin(const bool& stop, int& polls) {
    return poll_fn([&](context& cx) -> rouse::poll<> {
        ++polls;
        if (stop) {
            return rouse::poll<>::ready();
        }
        cx.local().wake_by_ref();
        return pending;
    });
}

/// Calls something when it is destroyed, unless it was moved from.
class on_drop {
   public:
    explicit on_drop(std::function<void()> act) : act_(std::move(act)) {}
    on_drop(on_drop&& other) noexcept : act_(std::exchange(other.act_, nullptr)) {}
    on_drop& operator=(on_drop&&) = delete;
    ~on_drop() {
        if (act_) {
            act_();
        }
    }

   private:
    std::function<void()> act_;
};

task<> hold(on_drop, rouse::notify& until) {
    co_await until.notified();
}
task<> hold_name(drop_log, rouse::notify& until) {
    co_await until.notified();
}

}  // namespace

TEST_SUITE("runtime/executor") {
    TEST_CASE("tasks run in the order in which they became ready") {
        std::string log;
        waking_executor on;
        for (const char name : {'a', 'b', 'c'}) {
            on.spawn(say(log, name, 3));
        }
        REQUIRE(on.runs.run());
        CHECK(log == "abcabcabc");
    }

    TEST_CASE("spawning does not run the task") {
        std::string log;
        waking_executor on;
        on.spawn(say(log, 'a', 1));
        CHECK(log.empty());
        CHECK(on.runs.task_count() == 1);
        CHECK(on.runs.run_until_stalled() == 2);
        CHECK(log == "a");
        CHECK(on.runs.task_count() == 0);
    }

    TEST_CASE("the counters are exact") {
        std::string log;
        waking_executor on;
        on.spawn(say(log, 'a', 2));
        on.spawn(say(log, 'b', 1));
        on.spawn(rouse::ready());
        REQUIRE(on.runs.run());
        const auto& counters = on.runs.counters();
        CHECK(counters.tasks_spawned == 3);
        CHECK(counters.tasks_failed == 0);
        CHECK(counters.polls == 3 + 2 + 1);
        CHECK(counters.wakes == 2 + 1);
        CHECK(counters.wakes_coalesced == 0);
        CHECK(counters.wakes_remote == 0);
        CHECK(counters.budget_yields == 0);
        CHECK(counters.ready_high_water == 3);
        CHECK(counters.turns == 0);
    }

    TEST_CASE("the reactor turns after each batch, though tasks are ready all the time") {
        waking_executor on(rouse::executor_options{.batch_tasks_max = 4, .task_budget = 128});
        bool stop = false;
        int polls = 0;
        on.spawn(spin(stop, polls));
        on.spawn(spin(stop, polls));
        for (int round = 1; round <= 5; ++round) {
            REQUIRE(on.runs.run_once());
            CHECK(polls == 4 * round);
            CHECK(on.runs.counters().turns == static_cast<std::uint64_t>(round));
        }
        stop = true;
        REQUIRE(on.runs.run());
    }

    TEST_CASE("a task that wakes itself for ever does not starve a timer") {
        waking_executor on;
        bool stop = false;
        int polls = 0;
        on.spawn(spin(stop, polls));
        on.spawn([](bool& stopped) -> task<> {
            co_await rouse::sleep_for(rouse::milliseconds(2));
            stopped = true;
        }(stop));
        REQUIRE(on.runs.run());
        CHECK(polls > 1);
        CHECK(on.runs.counters().timers_fired == 1);
    }

    TEST_CASE("a task that wakes itself for ever does not starve a receive") {
        waking_executor on;
        auto [near, far] = rouse::test::tcp_pair();
        bool stop = false;
        int polls = 0;
        on.spawn(spin(stop, polls));
        on.spawn([](rouse::tcp_stream stream, bool& stopped) -> task<> {
            const auto got = co_await stream.recv();
            CHECK(got->text() == "through");
            stopped = true;
        }(rouse::tcp_stream::adopt(*on.io, std::move(near)).value(), stop));
        rouse::test::write_all(far, "through");
        REQUIRE(on.runs.run());
        CHECK(polls > 1);
    }

    TEST_CASE("a task whose operations are always ready yields after its budget") {
        waking_executor on(rouse::executor_options{.batch_tasks_max = 256, .task_budget = 10});
        rouse::channel<int> values(35);
        for (int i = 0; i < 35; ++i) {
            REQUIRE(values.try_send(int{i}));
        }
        std::string log;
        on.spawn([](rouse::channel<int>& from, std::string& said) -> task<> {
            for (int i = 0; i < 35; ++i) {
                CHECK((co_await from.recv()) == i);
                said += 'r';
            }
        }(values, log));
        on.spawn(say(log, '.', 3));
        REQUIRE(on.runs.run());
        CHECK(log == std::string(10, 'r') + "." + std::string(10, 'r') + "." +
                         std::string(10, 'r') + "." + std::string(5, 'r'));
        CHECK(on.runs.counters().budget_yields == 3);
    }

    TEST_CASE("spawning from inside a task: the new one runs after those that are ready") {
        waking_executor on;
        std::string log;
        on.spawn([](rouse::executor& runs, std::string& said) -> task<> {
            runs.spawn(say(said, 'c', 1)).detach();
            said += 'a';
            co_return;
        }(on.runs, log));
        on.spawn(say(log, 'b', 1));
        REQUIRE(on.runs.run());
        CHECK(log == "abc");
    }

    TEST_CASE("spawning from a destructor of a task that finishes") {
        waking_executor on;
        std::string log;
        rouse::notify until;
        on.spawn(hold(on_drop([&] { on.spawn(say(log, 'd', 1)); }), until));
        on.runs.run_until_stalled();
        until.notify_one();
        REQUIRE(on.runs.run());
        CHECK(log == "d");
    }

    TEST_CASE("the executor's end drops its tasks, the latest spawned first") {
        std::string log;
        rouse::notify until;
        {
            waking_executor on;
            on.spawn(hold_name(drop_log(log, "1"), until));
            on.spawn(hold_name(drop_log(log, "2"), until));
            on.runs.run_until_stalled();
            on.spawn(hold_name(drop_log(log, "3"), until));
            CHECK(log.empty());
        }
        CHECK(log == "321");
    }

    TEST_CASE("what is spawned, woken or cancelled while the executor ends is dropped as well") {
        std::string log;
        rouse::notify until;
        rouse::notify never;
        {
            waking_executor on;
            auto other = std::make_shared<rouse::join_handle<void>>(
                on.runs.spawn(hold_name(drop_log(log, "other "), never)));
            on.spawn(hold(on_drop([&, other] {
                              on.spawn(hold_name(drop_log(log, "late "), never));
                              other->cancel();
                              until.notify_all();
                          }),
                          never));
            on.spawn(hold_name(drop_log(log, "woken "), until));
            on.runs.run_until_stalled();
        }
        CHECK(log == "woken other late ");
    }

    TEST_CASE(
        "a detached task that wakes itself and finishes drops its output, and what that spawns "
        "runs") {
        std::string log;
        waking_executor on;
        on.runs
            .spawn(poll_fn([&](context& cx) {
                cx.local().wake_by_ref();  // Queued again, and finished.
                return rouse::poll<on_drop>(on_drop([&] { on.spawn(say(log, 's', 1)); }));
            }))
            .detach();
        REQUIRE(on.runs.run());
        CHECK(log == "s");
        CHECK(on.runs.counters().polls == 3);
    }

    TEST_CASE("stop ends run without sleeping, the tasks stay, and run goes on with them") {
        waking_executor on;
        rouse::notify until;
        bool finished = false;
        on.spawn([](rouse::notify& awaited, bool& done) -> task<> {
            co_await awaited.notified();
            done = true;
        }(until, finished));
        on.spawn(poll_fn([&](context&) {
            on.runs.stop();
            return rouse::poll<>::ready();
        }));
        REQUIRE(on.runs.run());
        CHECK(on.runs.task_count() == 1);
        CHECK_FALSE(finished);
        until.notify_one();
        REQUIRE(on.runs.run());
        CHECK(finished);
    }

    TEST_CASE(
        "stop before run makes run return at once, and does not keep run_until from its work") {
        waking_executor on;
        std::string log;
        on.runs.stop();
        REQUIRE(on.runs.run_until(rouse::sleep_for(rouse::milliseconds(1))));
        on.spawn(say(log, 'a', 1));
        REQUIRE(on.runs.run());
        CHECK(log.empty());
        REQUIRE(on.runs.run());
        CHECK(log == "a");
    }

    TEST_CASE("run without a task returns at once") {
        waking_executor on;
        REQUIRE(on.runs.run());
        REQUIRE(on.runs.run_once());
        CHECK(on.runs.run_until_stalled() == 0);
        CHECK(on.runs.counters().turns == 0);
    }

    TEST_CASE("run_until runs the other tasks too, and leaves those that are not done") {
        rouse::notify until;
        waking_executor on;
        std::string log;
        on.spawn(until.notified());
        on.spawn(say(log, 'x', 1));
        CHECK(on.runs
                  .run_until([]() -> task<int> {
                      co_await rouse::yield_now();
                      co_return 4;
                  }())
                  .value() == 4);
        CHECK(log == "x");
        CHECK(on.runs.task_count() == 1);
    }

    TEST_CASE("run_until does not sleep once its work is done, though others wait for ever") {
        rouse::notify never;
        waking_executor on;
        on.spawn(never.notified());
        REQUIRE(on.runs.run_until(rouse::ready()));
        CHECK(on.runs.counters().turns == 0);
    }

    TEST_CASE("an exception ends its own task and no other") {
        waking_executor on;
        std::string log;
        on.spawn([]() -> task<> {
            throw std::runtime_error("thrown");
            co_return;
        }());
        on.spawn(poll_fn([](context&) -> rouse::poll<> { throw std::runtime_error("thrown"); }));
        on.spawn(say(log, 'a', 1));
        REQUIRE(on.runs.run());
        CHECK(log == "a");
        CHECK(on.runs.counters().tasks_failed == 2);
    }

    TEST_CASE("ten thousand tasks are queued, polled once each, and gone") {
        waking_executor on;
        int ran = 0;
        for (int i = 0; i < 10'000; ++i) {
            on.spawn(poll_fn([&](context&) {
                ++ran;
                return rouse::poll<>::ready();
            }));
        }
        CHECK(on.runs.counters().ready_high_water == 10'000);
        REQUIRE(on.runs.run());
        CHECK(ran == 10'000);
        CHECK(on.runs.counters().polls == 10'000);
    }
}
