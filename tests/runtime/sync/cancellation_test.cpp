#include "runtime/sync/cancellation.hpp"

#include <optional>
#include <ostream>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/task/ready.hpp"
#include "tests/support/manual_future.hpp"
#include "tests/support/poll_once.hpp"

using rouse::cancellation_source;
using rouse::cancellation_token;
using rouse::cancelled_future;
using rouse::errc;
using rouse::run_until_cancelled;
using rouse::test::hand_task;
using rouse::test::manual_control;
using rouse::test::manual_future;

TEST_SUITE("runtime/cancellation") {
    TEST_CASE("cancelling wakes every waiter once, and stays") {
        cancellation_source source;
        hand_task first;
        hand_task second;
        auto a = source.token().cancelled();
        auto b = source.token().cancelled();
        CHECK(first.poll(a).is_pending());
        CHECK(second.poll(b).is_pending());
        CHECK_FALSE(source.is_cancelled());
        source.cancel();
        source.cancel();
        CHECK(first.wakes() == 1);
        CHECK(second.wakes() == 1);
        CHECK(first.poll(a).is_ready());
        CHECK(second.poll(b).is_ready());
        auto late = source.token().cancelled();
        CHECK(first.poll(late).is_ready());
        CHECK(source.token().is_cancelled());
    }

    TEST_CASE("a waiter dropped in any place leaves the others") {
        for (int dropped = 0; dropped < 3; ++dropped) {
            cancellation_source source;
            hand_task tasks[3];
            std::optional<cancelled_future> waiting[3];
            for (int i = 0; i < 3; ++i) {
                waiting[i].emplace(source.token().cancelled());
                CHECK(tasks[i].poll(*waiting[i]).is_pending());
            }
            waiting[dropped].reset();
            source.cancel();
            for (int i = 0; i < 3; ++i) {
                CHECK(tasks[i].wakes() == (i == dropped ? 0 : 1));
            }
        }
    }

    TEST_CASE("a cancel goes down the tree and not up or across") {
        cancellation_source root;
        cancellation_source left(root.token());
        cancellation_source right(root.token());
        cancellation_source leaf(left.token());
        hand_task task;
        auto wait = leaf.token().cancelled();
        CHECK(task.poll(wait).is_pending());
        left.cancel();
        CHECK(leaf.is_cancelled());
        CHECK(task.wakes() == 1);
        CHECK_FALSE(root.is_cancelled());
        CHECK_FALSE(right.is_cancelled());
        root.cancel();
        CHECK(right.is_cancelled());
        CHECK(task.wakes() == 1);
    }

    TEST_CASE("a branch of a cancelled token is cancelled from the start") {
        cancellation_source root;
        root.cancel();
        const cancellation_source branch(root.token());
        CHECK(branch.is_cancelled());
    }

    TEST_CASE("a cancel reaches below a source that is gone") {
        cancellation_source root;
        std::optional<cancellation_source> middle(root.token());
        const cancellation_source leaf(middle->token());
        middle.reset();
        CHECK_FALSE(leaf.is_cancelled());
        root.cancel();
        CHECK(leaf.is_cancelled());
    }

    TEST_CASE("branches may be destroyed in any place before the cancel") {
        for (int destroyed = 0; destroyed < 3; ++destroyed) {
            cancellation_source root;
            std::optional<cancellation_source> branches[3];
            for (auto& each : branches) {
                each.emplace(root.token());
            }
            branches[destroyed].reset();
            root.cancel();
            for (int i = 0; i < 3; ++i) {
                if (i != destroyed) {
                    CHECK(branches[i]->is_cancelled());
                }
            }
        }
    }

    TEST_CASE("a wait may outlive source and token") {
        hand_task task;
        std::optional<cancelled_future> wait;
        {
            const cancellation_source source;
            wait.emplace(source.token().cancelled());
            CHECK(task.poll(*wait).is_pending());
        }
        CHECK(task.wakes() == 0);
        CHECK(task.poll(*wait).is_pending());
    }

    TEST_CASE(
        "a chain of a hundred thousand branches is cancelled and destroyed without recursion") {
        std::optional<cancellation_token> last;
        {
            cancellation_source root;
            last = root.token();
            for (int i = 0; i < 100'000; ++i) {
                last = cancellation_source(*last).token();
            }
            root.cancel();
        }
        CHECK(last->is_cancelled());
        last.reset();
    }

    TEST_CASE("run_until_cancelled passes a value on and does not nest a result") {
        const cancellation_source source;
        hand_task task;
        auto plain = run_until_cancelled(source.token(), rouse::ready(3));
        CHECK(task.poll(plain).value() == 3);
        auto failed = run_until_cancelled(
            source.token(), rouse::ready(rouse::result<int>(rouse::failure(errc::full))));
        CHECK(task.poll(failed).value().error() == errc::full);
    }

    TEST_CASE("run_until_cancelled destroys its future before it reports the cancel") {
        cancellation_source source;
        hand_task task;
        manual_control<int> control;
        auto run = run_until_cancelled(source.token(), manual_future<int>(control));
        CHECK(task.poll(run).is_pending());
        source.cancel();
        CHECK(task.wakes() == 1);
        CHECK(control.drops == 0);
        CHECK(task.poll(run).value().error() == errc::cancelled);
        CHECK(control.drops == 1);
        CHECK(control.polls == 2);
    }

    TEST_CASE("run_until_cancelled does not lose a value that comes with the cancel") {
        cancellation_source source;
        hand_task task;
        manual_control<int> control;
        auto run = run_until_cancelled(source.token(), manual_future<int>(control));
        CHECK(task.poll(run).is_pending());
        source.cancel();
        control.finish(4);
        CHECK(task.poll(run).value() == 4);
    }

    TEST_CASE("run_until_cancelled leaves a borrowed future as it is") {
        cancellation_source source;
        hand_task task;
        manual_control<int> control;
        manual_future<int> inner(control);
        {
            auto run = run_until_cancelled(source.token(), inner);
            CHECK(task.poll(run).is_pending());
            source.cancel();
            CHECK(task.poll(run).value().error() == errc::cancelled);
        }
        CHECK(control.drops == 0);
        control.finish(1);
        CHECK(task.poll(inner).value() == 1);
    }
}
