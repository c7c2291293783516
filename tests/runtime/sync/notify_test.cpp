#include "runtime/sync/notify.hpp"

#include <optional>
#include <utility>

#include <doctest/doctest.h>

#include "tests/support/poll_once.hpp"

using rouse::notified_future;
using rouse::notify;
using rouse::test::hand_task;

TEST_SUITE("runtime/notify") {
    TEST_CASE("notify_one wakes who has waited longest, and nobody else") {
        notify event;
        hand_task first;
        hand_task second;
        auto a = event.notified();
        auto b = event.notified();
        CHECK(first.poll(a).is_pending());
        CHECK(second.poll(b).is_pending());
        event.notify_one();
        CHECK(first.wakes() == 1);
        CHECK(second.wakes() == 0);
        CHECK(second.poll(b).is_pending());
        CHECK(first.poll(a).is_ready());
        event.notify_one();
        CHECK(second.wakes() == 1);
        CHECK(second.poll(b).is_ready());
    }

    TEST_CASE("a permit is kept for who comes later, and two are one") {
        notify event;
        hand_task task;
        event.notify_one();
        event.notify_one();
        auto a = event.notified();
        auto b = event.notified();
        CHECK(task.poll(a).is_ready());
        CHECK(task.counts.clones == 0);
        CHECK(task.poll(b).is_pending());
        CHECK(task.wakes() == 0);
    }

    TEST_CASE("notify_all wakes those who wait now and keeps nothing") {
        notify event;
        hand_task first;
        hand_task second;
        auto a = event.notified();
        auto b = event.notified();
        auto late = event.notified();
        CHECK(first.poll(a).is_pending());
        CHECK(second.poll(b).is_pending());
        event.notify_all();
        CHECK(first.wakes() == 1);
        CHECK(second.wakes() == 1);
        CHECK(first.poll(late).is_pending());
        CHECK(first.poll(a).is_ready());
        CHECK(second.poll(b).is_ready());
    }

    TEST_CASE("a waiter dropped in any place leaves the others in order") {
        for (int dropped = 0; dropped < 3; ++dropped) {
            notify event;
            hand_task tasks[3];
            std::optional<notified_future> waiting[3];
            for (int i = 0; i < 3; ++i) {
                waiting[i].emplace(event.notified());
                CHECK(tasks[i].poll(*waiting[i]).is_pending());
            }
            waiting[dropped].reset();
            CHECK(tasks[dropped].counts.owners == 1);
            event.notify_one();
            event.notify_one();
            for (int i = 0; i < 3; ++i) {
                CHECK(tasks[i].wakes() == (i == dropped ? 0 : 1));
            }
            event.notify_one();
            auto later = event.notified();
            CHECK(tasks[0].poll(later).is_ready());
        }
    }

    TEST_CASE("a waiter dropped with its permit passes it to the next") {
        notify event;
        hand_task first;
        hand_task second;
        std::optional<notified_future> a(event.notified());
        auto b = event.notified();
        CHECK(first.poll(*a).is_pending());
        CHECK(second.poll(b).is_pending());
        event.notify_one();
        CHECK(second.wakes() == 0);
        a.reset();
        CHECK(second.wakes() == 1);
        CHECK(second.poll(b).is_ready());
    }

    TEST_CASE("a waiter dropped with its permit and nobody behind it gives it back") {
        notify event;
        hand_task task;
        std::optional<notified_future> a(event.notified());
        CHECK(task.poll(*a).is_pending());
        event.notify_one();
        a.reset();
        auto b = event.notified();
        CHECK(task.poll(b).is_ready());
    }

    TEST_CASE("a waiter that was woken with all others passes nothing on") {
        notify event;
        hand_task task;
        std::optional<notified_future> a(event.notified());
        CHECK(task.poll(*a).is_pending());
        event.notify_all();
        a.reset();
        auto b = event.notified();
        CHECK(task.poll(b).is_pending());
    }

    TEST_CASE("a finished waiter gives nothing back when it is dropped") {
        notify event;
        hand_task task;
        std::optional<notified_future> a(event.notified());
        CHECK(task.poll(*a).is_pending());
        event.notify_one();
        CHECK(task.poll(*a).is_ready());
        a.reset();
        auto b = event.notified();
        CHECK(task.poll(b).is_pending());
    }

    TEST_CASE("the waker of the latest poll is woken") {
        notify event;
        hand_task first;
        hand_task second;
        auto a = event.notified();
        CHECK(first.poll(a).is_pending());
        CHECK(second.poll(a).is_pending());
        event.notify_one();
        CHECK(first.wakes() == 0);
        CHECK(second.wakes() == 1);
    }

    TEST_CASE("without budget the permit is kept and the task is woken to come again") {
        notify event;
        hand_task task;
        event.notify_one();
        auto a = event.notified();
        task.budget.remaining = 0;
        CHECK(task.poll(a).is_pending());
        CHECK(task.wakes() == 1);
        task.budget.remaining = 1;
        CHECK(task.poll(a).is_ready());
        CHECK(task.budget.remaining == 0);
    }

    TEST_CASE("a waiter may be moved before its first poll") {
        notify event;
        hand_task task;
        auto a = event.notified();
        auto b = std::move(a);
        CHECK(task.poll(b).is_pending());
        event.notify_one();
        CHECK(task.poll(b).is_ready());
    }
}
