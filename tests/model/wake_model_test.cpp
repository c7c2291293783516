// The cross-thread wake, model-checked with relacy: in every order in which the operations of its
// threads can be interleaved, and with every value that a relaxed load may give.
//
// What is checked is the shipped code: executor, inbox, remote_waker, task_header, owner_waker,
// counted and thread_channel, in which instrument.py puts relacy's types for std::atomic,
// std::mutex, std::shared_ptr and the plain members that threads share. The kernel's part, an
// eventfd and a sleep, is in doubles/.
//
// What is held, in each world of worlds.cpp:
// - no wake is lost: after it the executor takes it out before it sleeps, or does not sleep;
// - a wake that finds another one queued adds nothing to the inbox;
// - the poll after a wake sees what came before the wake, also before one that was coalesced;
// - a remote_waker is freed once, and only after the last use, whatever comes last of a drop, the
//   end of its task, the end of the executor and a push;
// - a wake after the end of its task or of the executor does nothing, and leaks nothing;
// - no plain member is used by two threads at once; nothing is used after its end.
//
// The bound: one executor; one thread that wakes up to three times, or two threads that wake once
// each; one task, or one for each thread; channels of up to two places and two values. All
// interleavings of that. Three threads: up to two preemptions; two that wake twice each: up to
// three. The cases that are left out because they take minutes (--no-skip) try all interleavings of
// these where one task is woken, and three preemptions elsewhere.
//
// What relacy does not try: a compare-exchange that fails spuriously a second time; a relaxed load
// of a value older than the one before the newest; loads that take a value from the future, because
// it runs the operations of each thread in their order. std::shared_ptr is taken to be right.

#include <iostream>
#include <optional>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/model/worlds.hpp"

using rouse::model::bound;
using rouse::model::explore_world;
using rouse::model::outcome;

namespace {

void check_holds(std::string_view world, bound within = {}) {
    const outcome explored = explore_world(world, within, &std::cout);
    MESSAGE(world << ": " << explored.schedules << " schedules");
    CHECK_MESSAGE(explored.holds(), world << ": " << explored.reason());
}

constexpr bound two_preemptions{.preemptions = 2};
constexpr bound three_preemptions{.preemptions = 3};

/// Tries every interleaving, and then one for each order of dependent operations.
void check_reduction(std::string_view world) {
    const bound every{.preemptions = std::nullopt, .reduced = false, .counts_orders = true};
    const bound reduced{.preemptions = std::nullopt, .reduced = true, .counts_orders = true};
    const outcome whole = explore_world(world, every);
    const outcome part = explore_world(world, reduced);
    MESSAGE(world << ": " << whole.orders << " orders in " << whole.schedules << " schedules, and "
                  << part.orders << " in " << part.schedules);
    CHECK(part.orders == whole.orders);
    CHECK(part.schedules < whole.schedules);
}

}  // namespace

TEST_SUITE("model/inbox") {
    TEST_CASE("no wake of one thread is lost, and the last one's poll sees all that it did") {
        check_holds("one task, one thread");
        check_holds("one task, one thread, two wakes");
        check_holds("one task, one thread, three wakes");
    }

    TEST_CASE("no wake of two threads is lost, also when it is coalesced with the other's") {
        check_holds("one task, two threads");
        check_holds("one task, two threads, two wakes each", three_preemptions);
        check_holds("one task, three threads", two_preemptions);
    }

    TEST_CASE("the poll after a wake sees what that thread has written") {
        check_holds("own tasks, one thread");
        check_holds("own tasks, two threads");
        check_holds("own tasks, three threads", two_preemptions);
    }

    TEST_CASE("wakes that meet the end of their task do nothing, and the waker is freed once") {
        check_holds("finished task, one thread");
        check_holds("finished task, two threads");
        check_holds("finished task, three threads", two_preemptions);
    }

    TEST_CASE("wakes, clones and drops that meet the end of the executor leak and touch nothing") {
        check_holds("ended executor, one thread");
        check_holds("ended executor, two threads, one task");
        check_holds("ended executor, two threads, two tasks");
        check_holds("ended executor, three threads, two tasks", two_preemptions);
    }

    TEST_CASE("three threads, and two that wake twice, much further" * doctest::skip()) {
        check_holds("one task, two threads, two wakes each");
        check_holds("one task, three threads");
        check_holds("own tasks, three threads", three_preemptions);
        check_holds("finished task, three threads");
        check_holds("ended executor, three threads, two tasks", three_preemptions);
    }
}

TEST_SUITE("model/wake") {
    TEST_CASE("a shared object is destroyed by its last waker, after all that the others did") {
        check_holds("shared object, two threads");
    }
}

TEST_SUITE("model/thread_channel") {
    TEST_CASE("the receiver gets every value, in each sender's order, without waiting for more") {
        check_holds("channel, one sender");
        check_holds("channel, two senders");
    }

    TEST_CASE("the receiver hears of the close, and has had every value that was taken") {
        check_holds("closed channel, one sender");
        check_holds("closed channel, two senders");
    }
}

TEST_SUITE("model/explore") {
    TEST_CASE("the reduction runs every order of dependent operations") {
        check_reduction("one task, one thread");
        check_reduction("own tasks, one thread");
        check_reduction("finished task, one thread");
        check_reduction("ended executor, one thread");
        check_reduction("channel, one sender");
    }

    TEST_CASE("the reduction runs every order of two wakes" * doctest::skip()) {
        check_reduction("one task, one thread, two wakes");
    }
}
