#include "runtime/sync/oneshot.hpp"

#include <memory>
#include <optional>
#include <utility>

#include <doctest/doctest.h>

#include "tests/support/poll_once.hpp"

using rouse::errc;
using rouse::oneshot;
using rouse::oneshot_sender;
using rouse::test::hand_task;

TEST_SUITE("runtime/oneshot") {
    TEST_CASE("a value that was sent first is there at the first poll") {
        hand_task task;
        auto [sender, receiver] = oneshot<int>();
        CHECK(std::move(sender).send(5).has_value());
        CHECK(task.poll(receiver).value() == 5);
        CHECK(task.counts.clones == 0);
    }

    TEST_CASE("sending wakes the waiting receiver once") {
        hand_task task;
        auto [sender, receiver] = oneshot<std::unique_ptr<int>>();
        CHECK(task.poll(receiver).is_pending());
        CHECK(task.poll(receiver).is_pending());
        CHECK(std::move(sender).send(std::make_unique<int>(6)).has_value());
        CHECK(task.wakes() == 1);
        CHECK(**task.poll(receiver).value() == 6);
        CHECK(task.counts.owners == 1);
    }

    TEST_CASE("a sender dropped without sending closes") {
        hand_task task;
        auto pair = oneshot<int>();
        CHECK(task.poll(pair.receiver).is_pending());
        {
            const oneshot_sender<int> dropped = std::move(pair.sender);
        }
        CHECK(task.wakes() == 1);
        CHECK(task.poll(pair.receiver).value().error() == errc::closed);
    }

    TEST_CASE("sending to nobody fails and leaves the value") {
        auto pair = oneshot<std::unique_ptr<int>>();
        {
            const auto dropped = std::move(pair.receiver);
        }
        CHECK(pair.sender.is_closed());
        auto value = std::make_unique<int>(1);
        CHECK(std::move(pair.sender).send(std::move(value)).error() == errc::closed);
        CHECK(value != nullptr);
    }

    TEST_CASE("closed is ready when the receiver is gone") {
        hand_task first;
        hand_task second;
        auto pair = oneshot<int>();
        auto a = pair.sender.closed();
        auto b = pair.sender.closed();
        CHECK(first.poll(a).is_pending());
        CHECK(second.poll(b).is_pending());
        {
            const auto dropped = std::move(pair.receiver);
        }
        CHECK(first.wakes() == 1);
        CHECK(second.wakes() == 1);
        CHECK(first.poll(a).is_ready());
    }

    TEST_CASE("a dropped wait for the close leaves no trace") {
        hand_task task;
        auto pair = oneshot<int>();
        {
            auto a = pair.sender.closed();
            CHECK(task.poll(a).is_pending());
        }
        CHECK(task.counts.owners == 1);
        {
            const auto dropped = std::move(pair.receiver);
        }
        CHECK(task.wakes() == 0);
    }

    TEST_CASE("a wait for the close may outlive both sides") {
        hand_task task;
        std::optional<decltype(std::declval<oneshot_sender<int>&>().closed())> wait;
        {
            auto pair = oneshot<int>();
            wait.emplace(pair.sender.closed());
            CHECK(task.poll(*wait).is_pending());
        }
        CHECK(task.wakes() == 1);
        CHECK(task.poll(*wait).is_ready());
    }

    TEST_CASE("a value that nobody took is destroyed with the receiver") {
        auto value = std::make_shared<int>(1);
        auto pair = oneshot<std::shared_ptr<int>>();
        const auto keeps_the_state = pair.sender.closed();
        CHECK(std::move(pair.sender).send(value).has_value());
        CHECK(value.use_count() == 2);
        {
            const auto dropped = std::move(pair.receiver);
        }
        CHECK(value.use_count() == 1);
    }

    TEST_CASE("a dropped receiver drops its waker") {
        hand_task task;
        auto pair = oneshot<int>();
        {
            auto dropped = std::move(pair.receiver);
            CHECK(task.poll(dropped).is_pending());
        }
        CHECK(task.counts.owners == 1);
        CHECK(task.wakes() == 0);
    }

    TEST_CASE("the receiver may be moved between polls") {
        hand_task task;
        auto pair = oneshot<int>();
        CHECK(task.poll(pair.receiver).is_pending());
        auto moved = std::move(pair.receiver);
        CHECK(std::move(pair.sender).send(2).has_value());
        CHECK(task.wakes() == 1);
        CHECK(task.poll(moved).value() == 2);
    }

    TEST_CASE("assigning over a side closes what it was") {
        hand_task task;
        auto one = oneshot<int>();
        auto two = oneshot<int>();
        CHECK(task.poll(one.receiver).is_pending());
        one.sender = std::move(two.sender);
        CHECK(task.poll(one.receiver).value().error() == errc::closed);
        CHECK_FALSE(one.sender.is_closed());
        one.receiver = std::move(two.receiver);
        CHECK(std::move(one.sender).send(8).has_value());
        CHECK(task.poll(one.receiver).value() == 8);
    }

    TEST_CASE("without a type it only says that something is done") {
        hand_task task;
        auto [sender, receiver] = oneshot();
        CHECK(task.poll(receiver).is_pending());
        CHECK(std::move(sender).send().has_value());
        CHECK(task.poll(receiver).value().has_value());
    }

    TEST_CASE("without budget the value stays and the task is woken to come again") {
        hand_task task;
        auto [sender, receiver] = oneshot<int>();
        CHECK(std::move(sender).send(5).has_value());
        task.budget.remaining = 0;
        CHECK(task.poll(receiver).is_pending());
        CHECK(task.wakes() == 1);
        task.budget.remaining = 1;
        CHECK(task.poll(receiver).value() == 5);
    }
}
