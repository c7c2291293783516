#include "runtime/task/wake.hpp"

#include <atomic>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using rouse::local_wake;
using rouse::local_waker;
using rouse::make_waker;
using rouse::wake;
using rouse::waker;

namespace {

struct counts {
    std::atomic<int> wakes = 0;
    std::atomic<int> destroyed = 0;
};

class counting {
   public:
    explicit counting(counts& into) noexcept : into_(into) {}
    counting(const counting&) = delete;
    ~counting() { ++into_.destroyed; }

    void wake() noexcept { ++into_.wakes; }

   private:
    counts& into_;
};
static_assert(rouse::wakeable<counting>);

struct may_throw {
    void wake() {}
};
static_assert(!rouse::wakeable<may_throw>);
static_assert(!rouse::wakeable<int>);

static_assert(std::is_same_v<decltype(make_waker(std::declval<wake<counting>>())), waker>);
static_assert(
    std::is_same_v<decltype(make_waker(std::declval<local_wake<counting>>())), local_waker>);

/// The same story for both kinds.
template <class Handle>
void tell_the_story() {
    counts seen;
    auto object = Handle::make(seen);
    CHECK(object.owners() == 1);
    {
        auto first = make_waker(object);
        CHECK(object.owners() == 2);
        first.wake_by_ref();
        CHECK(seen.wakes == 1);
        CHECK(object.owners() == 2);
        auto second = first.clone();
        CHECK(object.owners() == 3);
        CHECK(first.will_wake(second));
        std::move(second).wake();
        CHECK(seen.wakes == 2);
        CHECK(object.owners() == 2);
        auto third = std::move(first);
        CHECK(object.owners() == 2);
    }
    CHECK(object.owners() == 1);
    CHECK(seen.destroyed == 0);
    auto last = make_waker(std::move(object));
    CHECK_FALSE(object);
    last.wake_by_ref();
    CHECK(seen.wakes == 3);
    CHECK(seen.destroyed == 0);
    std::move(last).wake();
    CHECK(seen.wakes == 4);
    CHECK(seen.destroyed == 1);
}

}  // namespace

TEST_SUITE("runtime/wake") {
    TEST_CASE("a waker made from an object wakes it, counts with it and destroys it last") {
        tell_the_story<wake<counting>>();
    }

    TEST_CASE("a local waker made from an object does the same with a plain count") {
        tell_the_story<local_wake<counting>>();
    }

    TEST_CASE("a waker dropped without waking destroys the object that only it has left") {
        counts seen;
        {
            const auto only = make_waker(wake<counting>::make(seen));
        }
        CHECK(seen.wakes == 0);
        CHECK(seen.destroyed == 1);
    }

    TEST_CASE("handles are copied, moved and assigned without losing count") {
        counts seen;
        counts other;
        {
            auto a = local_wake<counting>::make(seen);
            auto b = a;
            CHECK(a.owners() == 2);
            b = local_wake<counting>::make(other);
            CHECK(a.owners() == 1);
            auto& same = a;
            a = same;
            CHECK(a.owners() == 1);
            b = std::move(a);
            CHECK(other.destroyed == 1);
            b->wake();
            (*b).wake();
        }
        CHECK(seen.wakes == 2);
        CHECK(seen.destroyed == 1);
    }

    TEST_CASE("wakers of one object are cloned, woken and dropped by many threads at once") {
        constexpr int threads = 4;
        constexpr int rounds = 1000;
        counts seen;
        {
            const auto shared = make_waker(wake<counting>::make(seen));
            std::vector<std::jthread> running;
            running.reserve(threads);
            for (int i = 0; i < threads; ++i) {
                running.emplace_back([mine = shared.clone()] {
                    for (int round = 0; round < rounds; ++round) {
                        auto again = mine.clone();
                        mine.wake_by_ref();
                        if (round % 2 == 0) {
                            std::move(again).wake();
                        }
                    }
                });
            }
        }
        CHECK(seen.wakes == threads * rounds * 3 / 2);
        CHECK(seen.destroyed == 1);
    }
}
