#include "runtime/executor/simple_executor.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/net/tcp_stream.hpp"
#include "runtime/sync/oneshot.hpp"
#include "runtime/task/poll_fn.hpp"
#include "runtime/task/ready.hpp"
#include "runtime/task/task.hpp"
#include "runtime/task/yield_now.hpp"
#include "runtime/time/sleep.hpp"
#include "runtime/time/timeout.hpp"
#include "tests/support/executors.hpp"
#include "tests/support/sockets.hpp"

using rouse::context;
using rouse::simple_executor;
using rouse::task;
using rouse::test::polling_executor;
using rouse::test::waking_executor;

namespace {

task<std::string> ask(rouse::tcp_stream stream) {
    if (!co_await stream.send(rouse::owned_bytes::from_static("question"))) {
        co_return "cannot send";
    }
    (void)co_await stream.shutdown_write();
    std::string all;
    while (true) {
        auto got = co_await stream.recv();
        if (!got || got->empty()) {
            co_return all;
        }
        all += got->text();
    }
}

task<> answer(rouse::tcp_stream stream) {
    while (true) {
        auto got = co_await stream.recv();
        if (!got || got->empty()) {
            break;
        }
        (void)co_await stream.send(std::move(*got).into_bytes());
    }
    (void)co_await stream.send(rouse::owned_bytes::from_static(", answered"));
}

task<int> add_later(rouse::oneshot_receiver<int> first, rouse::oneshot_receiver<int> second) {
    co_return *(co_await first) + *(co_await second);
}

}  // namespace

TEST_SUITE("runtime/simple_executor") {
    TEST_CASE("it polls tasks in turn until all are done") {
        std::string log;
        simple_executor runs;
        for (const char name : {'a', 'b'}) {
            runs.spawn([](std::string& said, char own) -> task<> {
                for (int i = 0; i < 3; ++i) {
                    said += own;
                    co_await rouse::yield_now();
                }
            }(log, name));
        }
        REQUIRE(runs.run());
        CHECK(log == "ababab");
        CHECK(runs.polls() == 8);
    }

    TEST_CASE("it answers the no-op waker, local and thread-safe") {
        simple_executor runs;
        CHECK(runs.run_until(rouse::poll_fn([](context& cx) {
                      return rouse::poll<bool>(cx.local().will_wake(rouse::local_waker::noop()) &&
                                               cx.waker().will_wake(rouse::waker::noop()));
                  }))
                  .value());
    }

    TEST_CASE("without a reactor its timers run all the same") {
        simple_executor runs;
        REQUIRE(runs.run_until(rouse::sleep_for(rouse::milliseconds(1))));
        CHECK(runs.polls() >= 2);
    }

    TEST_CASE("what a task throws comes out of run, and the rest can go on") {
        simple_executor runs;
        int ran = 0;
        runs.spawn([]() -> task<> {
            throw std::runtime_error("thrown");
            co_return;
        }());
        runs.spawn([](int& counted) -> task<> {
            ++counted;
            co_return;
        }(ran));
        CHECK_THROWS_WITH_AS((void)runs.run(), "thrown", std::runtime_error);
        REQUIRE(runs.run());
        CHECK(ran == 1);
    }

    TEST_CASE("run_until gives values that only move, and leaves what is not done") {
        simple_executor runs;
        runs.spawn(rouse::poll_fn([](context&) -> rouse::poll<> { return rouse::pending; }));
        CHECK(**runs.run_until(rouse::ready(std::make_unique<int>(3))) == 3);
    }

    TEST_CASE("a task may spawn") {
        simple_executor runs;
        int ran = 0;
        runs.spawn([](simple_executor& on, int& counted) -> task<> {
            on.spawn([](int& also) -> task<> {
                ++also;
                co_return;
            }(counted));
            co_return;
        }(runs, ran));
        REQUIRE(runs.run());
        CHECK(ran == 1);
    }

    TEST_CASE_TEMPLATE("network futures give the same result on both executors", Executor,
                       waking_executor, polling_executor) {
        Executor on;
        auto [near, far] = rouse::test::tcp_pair();
        auto asking = rouse::tcp_stream::adopt(*on.io, std::move(near)).value();
        auto answering = rouse::tcp_stream::adopt(*on.io, std::move(far)).value();
        on.spawn(answer(std::move(answering)));
        CHECK(on.runs.run_until(ask(std::move(asking))).value() == "question, answered");
    }

    TEST_CASE_TEMPLATE("futures of other tasks give the same result on both executors", Executor,
                       waking_executor, polling_executor) {
        Executor on;
        auto [first_sender, first] = rouse::oneshot<int>();
        auto [second_sender, second] = rouse::oneshot<int>();
        on.spawn([](auto sender) -> task<> {
            co_await rouse::yield_now();
            (void)std::move(sender).send(40);
        }(std::move(second_sender)));
        on.spawn([](auto sender) -> task<> {
            co_await rouse::sleep_for(rouse::milliseconds(1));
            (void)std::move(sender).send(2);
        }(std::move(first_sender)));
        CHECK(on.runs.run_until(add_later(std::move(first), std::move(second))).value() == 42);
    }

    TEST_CASE_TEMPLATE("a timeout gives the same result on both executors", Executor,
                       waking_executor, polling_executor) {
        Executor on;
        auto [near, far] = rouse::test::tcp_pair();
        auto stream = rouse::tcp_stream::adopt(*on.io, std::move(near)).value();
        const auto timed =
            on.runs.run_until(rouse::with_timeout(stream.recv(), rouse::milliseconds(1)));
        REQUIRE(timed);
        REQUIRE_FALSE(*timed);
        CHECK(timed->error() == rouse::errc::timed_out);
    }
}
