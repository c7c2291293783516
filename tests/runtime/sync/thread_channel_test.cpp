#include "runtime/sync/thread_channel.hpp"

#include <atomic>
#include <memory>
#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/task/poll_fn.hpp"
#include "runtime/task/wake.hpp"
#include "tests/support/executors.hpp"
#include "tests/support/poll_once.hpp"

using rouse::errc;
using rouse::thread_channel;
using rouse::test::poll_once;

namespace {

/// A task whose thread sleeps until it is woken, from any thread.
struct parker {
    void wake() noexcept { woken.release(); }
    std::counting_semaphore<> woken{0};
};

class parked_task final : public rouse::waker_source {
   public:
    rouse::waker make_waker() override { return rouse::make_waker(parker_); }

    template <rouse::future F>
    auto poll(F& asked) {
        rouse::context cx(local_, this);
        return asked.poll(cx);
    }

    template <rouse::future F>
    auto wait_for(F asked) {
        for (;;) {
            auto answer = poll(asked);
            if (answer.is_ready()) {
                return std::move(answer).value();
            }
            parker_->woken.acquire();
        }
    }

    bool take_wake() { return parker_->woken.try_acquire(); }
    [[nodiscard]] std::size_t wakers() const noexcept { return parker_.owners() - 1; }

   private:
    rouse::wake<parker> parker_ = rouse::wake<parker>::make();
    rouse::local_waker local_ = rouse::local_waker::noop();
};

}  // namespace

TEST_SUITE("runtime/thread_channel") {
    TEST_CASE("a send wakes the waiting receiver once, and its waker is used up") {
        thread_channel<int> queue(2);
        parked_task task;
        auto recv = queue.recv();
        CHECK(task.poll(recv).is_pending());
        CHECK(task.poll(recv).is_pending());
        CHECK(task.wakers() == 1);
        CHECK(queue.try_send(1).has_value());
        CHECK(queue.try_send(2).has_value());
        CHECK(task.take_wake());
        CHECK_FALSE(task.take_wake());
        CHECK(task.wakers() == 0);
        CHECK(task.poll(recv).value() == 1);
        auto next = queue.recv();
        CHECK(task.poll(next).value() == 2);
    }

    TEST_CASE("a full or closed channel refuses a value and leaves it") {
        thread_channel<std::unique_ptr<int>> queue(1);
        auto value = std::make_unique<int>(1);
        CHECK(queue.try_send(std::make_unique<int>(0)).has_value());
        CHECK(queue.try_send(std::move(value)).error() == errc::full);
        queue.close();
        CHECK(queue.try_send(std::move(value)).error() == errc::closed);
        CHECK(value != nullptr);
    }

    TEST_CASE("closing wakes the receiver, who still gets what is inside") {
        thread_channel<int> queue(1);
        parked_task task;
        auto recv = queue.recv();
        CHECK(task.poll(recv).is_pending());
        CHECK(queue.try_send(1).has_value());
        queue.close();
        CHECK(task.take_wake());
        CHECK(task.poll(recv).value() == 1);
        auto end = queue.recv();
        CHECK(task.poll(end).value().error() == errc::closed);
    }

    TEST_CASE("without budget the value stays") {
        thread_channel<int> queue(1);
        rouse::test::hand_task task;
        CHECK(queue.try_send(1).has_value());
        task.budget.remaining = 0;
        auto recv = queue.recv();
        CHECK(task.poll(recv).is_pending());
        CHECK(task.wakes() == 1);
        CHECK(poll_once(recv).value() == 1);
    }

    TEST_CASE("values of many threads all arrive, each thread's in its order") {
        constexpr int threads = 3;
        constexpr int values = 5'000;
        thread_channel<std::pair<int, int>> queue(16);
        std::vector<std::jthread> senders;
        senders.reserve(threads);
        for (int id = 0; id < threads; ++id) {
            senders.emplace_back([&queue, id] {
                for (int i = 0; i < values; ++i) {
                    while (!queue.try_send({id, i})) {
                        std::this_thread::yield();
                    }
                }
            });
        }
        parked_task task;
        std::vector<int> next(threads, 0);
        for (int received = 0; received < threads * values; ++received) {
            const auto value = task.wait_for(queue.recv());
            REQUIRE(value->second == next[static_cast<std::size_t>(value->first)]++);
        }
    }

    TEST_CASE(
        "values of many threads, and then the close, reach a task that sleeps in its reactor") {
        constexpr int threads = 3;
        constexpr int values = 5'000;
        thread_channel<int> queue(4);
        std::atomic<int> sending = threads;
        std::vector<std::jthread> senders;
        senders.reserve(threads);
        for (int id = 0; id < threads; ++id) {
            senders.emplace_back([&queue, &sending] {
                for (int i = 0; i < values; ++i) {
                    while (!queue.try_send(1)) {
                        std::this_thread::yield();
                    }
                }
                if (sending.fetch_sub(1, std::memory_order_relaxed) == 1) {
                    queue.close();
                }
            });
        }
        rouse::test::waking_executor on;
        int received = 0;
        on.spawn(rouse::poll_fn([&](rouse::context& cx) -> rouse::poll<> {
            for (;;) {
                auto asked = queue.recv();
                auto answer = asked.poll(cx);
                if (answer.is_pending()) {
                    return rouse::pending;
                }
                const auto value = std::move(answer).value();
                if (!value) {
                    return rouse::poll<>::ready();
                }
                received += *value;
            }
        }));
        // A lost wake leaves this asleep for ever.
        REQUIRE(on.runs.run());
        CHECK(received == threads * values);
    }
}
