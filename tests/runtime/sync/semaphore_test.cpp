#include "runtime/sync/semaphore.hpp"

#include <optional>
#include <utility>

#include <doctest/doctest.h>

#include "tests/support/poll_once.hpp"

using rouse::acquire_future;
using rouse::semaphore;
using rouse::semaphore_permit;
using rouse::test::hand_task;

TEST_SUITE("runtime/semaphore") {
    TEST_CASE("a permit is there at once while there are some, and goes back when destroyed") {
        semaphore permits(2);
        hand_task task;
        auto a = permits.acquire();
        {
            auto held = task.poll(a);
            CHECK(held.value().count() == 1);
            CHECK(permits.available() == 1);
        }
        CHECK(permits.available() == 2);
        CHECK(task.counts.clones == 0);
    }

    TEST_CASE("permits that come back go to who has waited longest") {
        semaphore permits(1);
        hand_task first;
        hand_task second;
        auto held = permits.try_acquire();
        auto a = permits.acquire();
        auto b = permits.acquire();
        CHECK(first.poll(a).is_pending());
        CHECK(second.poll(b).is_pending());
        held->release();
        CHECK(first.wakes() == 1);
        CHECK(second.wakes() == 0);
        CHECK(permits.available() == 0);
        {
            auto got = first.poll(a);
            CHECK(got.is_ready());
            CHECK(second.wakes() == 0);
        }
        CHECK(second.wakes() == 1);
        CHECK(second.poll(b).is_ready());
        CHECK(permits.available() == 1);
    }

    TEST_CASE("who wants many is not passed by who wants few") {
        semaphore permits(3);
        hand_task many;
        hand_task few;
        auto held = permits.try_acquire(2);
        auto a = permits.acquire(3);
        auto b = permits.acquire(1);
        CHECK(many.poll(a).is_pending());
        CHECK(few.poll(b).is_pending());
        CHECK_FALSE(permits.try_acquire(1));
        CHECK(permits.available() == 1);
        held->release();
        CHECK(many.wakes() == 1);
        CHECK(few.wakes() == 0);
        CHECK(many.poll(a).value().count() == 3);
        CHECK(few.wakes() == 1);
    }

    TEST_CASE("dropping a waiter in front lets those behind it through") {
        semaphore permits(1);
        hand_task many;
        hand_task few;
        std::optional<acquire_future> a(permits.acquire(2));
        auto b = permits.acquire(1);
        CHECK(many.poll(*a).is_pending());
        CHECK(few.poll(b).is_pending());
        CHECK(few.wakes() == 0);
        a.reset();
        CHECK(few.wakes() == 1);
        CHECK(few.poll(b).is_ready());
    }

    TEST_CASE("a waiter dropped in any place leaves the others in order") {
        for (int dropped = 0; dropped < 3; ++dropped) {
            semaphore permits(0);
            hand_task tasks[3];
            std::optional<acquire_future> waiting[3];
            for (int i = 0; i < 3; ++i) {
                waiting[i].emplace(permits.acquire());
                CHECK(tasks[i].poll(*waiting[i]).is_pending());
            }
            waiting[dropped].reset();
            permits.add_permits(1);
            const int next = dropped == 0 ? 1 : 0;
            for (int i = 0; i < 3; ++i) {
                CHECK(tasks[i].wakes() == (i == next ? 1 : 0));
            }
            permits.add_permits(1);
            CHECK(permits.available() == 0);
            for (auto& each : waiting) {
                each.reset();
            }
            CHECK(permits.available() == 2);
        }
    }

    TEST_CASE("a waiter dropped with its permits hands them on") {
        semaphore permits(0);
        hand_task first;
        hand_task second;
        std::optional<acquire_future> a(permits.acquire(2));
        auto b = permits.acquire(2);
        CHECK(first.poll(*a).is_pending());
        CHECK(second.poll(b).is_pending());
        permits.add_permits(2);
        CHECK(first.wakes() == 1);
        CHECK(second.wakes() == 0);
        a.reset();
        CHECK(second.wakes() == 1);
        CHECK(second.poll(b).value().count() == 2);
    }

    TEST_CASE("a permit that is forgotten never comes back") {
        semaphore permits(2);
        permits.try_acquire()->forget();
        CHECK(permits.available() == 1);
    }

    TEST_CASE("permits move, and assigning gives the old ones back") {
        semaphore permits(3);
        auto a = permits.try_acquire(1);
        auto b = permits.try_acquire(2);
        *a = std::move(*b);
        CHECK(permits.available() == 1);
        CHECK(a->count() == 2);
        semaphore_permit c = std::move(*a);
        CHECK(a->count() == 0);
        c.release();
        c.release();
        CHECK(permits.available() == 3);
    }

    TEST_CASE("without budget the permits stay and the task is woken to come again") {
        semaphore permits(1);
        hand_task task;
        auto a = permits.acquire();
        task.budget.remaining = 0;
        CHECK(task.poll(a).is_pending());
        CHECK(task.wakes() == 1);
        CHECK(permits.available() == 1);
        task.budget.remaining = 1;
        CHECK(task.poll(a).is_ready());
    }

    TEST_CASE("acquiring nothing is ready at once unless others wait") {
        semaphore permits(0);
        hand_task task;
        auto none = permits.acquire(0);
        CHECK(task.poll(none).is_ready());
        auto a = permits.acquire(1);
        CHECK(task.poll(a).is_pending());
        auto behind = permits.acquire(0);
        CHECK(task.poll(behind).is_pending());
    }
}
