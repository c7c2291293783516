#include "runtime/time/timer_wheel.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/counting_waker.hpp"

using rouse::milliseconds;
using rouse::time_point;
using rouse::timer_entry;
using rouse::timer_wheel;
using rouse::test::counting_waker;

namespace {

constexpr time_point start{std::chrono::hours(1)};

time_point at(std::int64_t ticks) {
    return start + milliseconds(ticks);
}

void begin(timer_wheel& wheel, timer_entry& entry, counting_waker& waker, time_point deadline) {
    entry.set_waker(waker.local());
    wheel.start(entry, deadline);
}

/// Advances only as the wheel asks, as a reactor does that sleeps until next_deadline.
int turns_until_fired(timer_wheel& wheel) {
    for (int turns = 1;; ++turns) {
        if (wheel.advance(wheel.next_deadline().value()) > 0) {
            return turns;
        }
    }
}

}  // namespace

TEST_SUITE("runtime/timer_wheel") {
    TEST_CASE("an entry fires once, at its deadline and not before") {
        counting_waker waker;
        timer_wheel wheel(start);
        timer_entry entry;
        begin(wheel, entry, waker, at(10));
        CHECK(wheel.next_deadline() == at(10));
        CHECK(wheel.advance(at(9)) == 0);
        CHECK(waker.wakes == 0);
        CHECK(wheel.advance(at(10)) == 1);
        CHECK(waker.wakes == 1);
        CHECK(waker.owners == 0);
        CHECK_FALSE(entry.is_linked());
        CHECK(wheel.advance(at(11)) == 0);
        CHECK(wheel.advance(at(100'000)) == 0);
        CHECK(waker.total_wakes() == 1);
        CHECK_FALSE(wheel.next_deadline());
    }

    TEST_CASE("a deadline between two ticks fires at the later one") {
        counting_waker waker;
        timer_wheel wheel(start);
        timer_entry entry;
        begin(wheel, entry, waker, at(3) + std::chrono::nanoseconds(1));
        CHECK(wheel.advance(at(3) + std::chrono::microseconds(999)) == 0);
        CHECK(wheel.next_deadline() == at(4));
        CHECK(wheel.advance(at(4)) == 1);
    }

    TEST_CASE("an entry started in the past fires at the next advance, also without time passing") {
        counting_waker waker;
        timer_wheel wheel(start);
        CHECK(wheel.advance(at(50)) == 0);
        for (const auto deadline :
             {at(50), at(49), start, start - std::chrono::minutes(5), time_point::min()}) {
            timer_entry entry;
            begin(wheel, entry, waker, deadline);
            CHECK(entry.is_linked());
            CHECK(wheel.next_deadline() == at(50));
            CHECK(wheel.advance(at(50)) == 1);
            CHECK_FALSE(entry.is_linked());
        }
        CHECK(waker.wakes == 5);
    }

    TEST_CASE("time that goes backwards counts as standing still") {
        counting_waker waker;
        timer_wheel wheel(start);
        timer_entry entry;
        CHECK(wheel.advance(at(100)) == 0);
        begin(wheel, entry, waker, at(101));
        CHECK(wheel.advance(at(1)) == 0);
        CHECK(wheel.now() == at(100));
        CHECK(wheel.advance(at(101)) == 1);
    }

    TEST_CASE("every side of every level boundary fires on its tick, from every phase") {
        counting_waker waker;
        for (unsigned level = 1; level <= 7; ++level) {
            const auto span = std::int64_t{1} << (6 * level);
            if (span > 4'000'000'000'000) {
                break;
            }
            for (const std::int64_t phase :
                 {std::int64_t{0}, std::int64_t{1}, std::int64_t{63}, span - 1, span, span + 1}) {
                for (const std::int64_t wait :
                     {span - 1, span, span + 1, 2 * span - 1, 64 * span - phase}) {
                    if (phase + wait > 9'000'000'000'000) {
                        continue;
                    }
                    CAPTURE(phase);
                    CAPTURE(wait);
                    timer_wheel wheel(time_point{});
                    const time_point deadline = time_point(milliseconds(phase + wait));
                    CHECK(wheel.advance(time_point(milliseconds(phase))) == 0);
                    timer_entry entry;
                    begin(wheel, entry, waker, deadline);
                    CHECK(wheel.advance(deadline - milliseconds(1)) == 0);
                    CHECK(wheel.advance(deadline) == 1);
                    // And the way of a reactor: at most one early turn for each level below.
                    CHECK(wheel.advance(deadline + milliseconds(phase)) == 0);
                    begin(wheel, entry, waker, wheel.now() + milliseconds(wait));
                    const time_point second = wheel.now() + milliseconds(wait);
                    CHECK(turns_until_fired(wheel) <= 8);
                    CHECK(wheel.now() == second);
                }
            }
        }
    }

    TEST_CASE("the farthest deadline that there is neither overflows nor fires") {
        counting_waker waker;
        timer_wheel wheel(start);
        timer_entry entry;
        begin(wheel, entry, waker, time_point::max());
        CHECK(wheel.advance(start + std::chrono::hours(24 * 365 * 100)) == 0);
        CHECK(wheel.next_deadline() > wheel.now());
        CHECK(entry.is_linked());
        entry.cancel();
        CHECK(waker.total_wakes() == 0);
    }

    TEST_CASE("a jump over many levels fires all that lie behind it and nothing else") {
        counting_waker behind;
        counting_waker ahead;
        timer_wheel wheel(start);
        std::vector<timer_entry> entries(40);
        for (std::size_t i = 0; i < entries.size(); ++i) {
            begin(wheel, entries[i], i < 37 ? behind : ahead, at(std::int64_t{1} << i));
        }
        CHECK(wheel.advance(at((std::int64_t{1} << 37) - 1)) == 37);
        CHECK(behind.wakes == 37);
        CHECK(ahead.wakes == 0);
        CHECK(wheel.advance(at(std::int64_t{1} << 39)) == 3);
    }

    TEST_CASE("a cancelled entry does not fire and can be started again with its waker") {
        counting_waker waker;
        timer_wheel wheel(start);
        timer_entry entry;
        begin(wheel, entry, waker, at(5));
        entry.cancel();
        entry.cancel();
        CHECK_FALSE(wheel.next_deadline());
        CHECK(wheel.advance(at(5)) == 0);
        CHECK(waker.owners == 1);
        wheel.start(entry, at(7));
        CHECK(wheel.advance(at(7)) == 1);
        CHECK(waker.wakes == 1);
    }

    TEST_CASE("starting a linked entry again moves its deadline either way") {
        counting_waker waker;
        timer_wheel wheel(start);
        timer_entry entry;
        begin(wheel, entry, waker, at(5000));
        wheel.start(entry, at(3));
        CHECK(wheel.next_deadline() == at(3));
        wheel.start(entry, at(200));
        CHECK(wheel.advance(at(199)) == 0);
        CHECK(wheel.advance(at(200)) == 1);
    }

    TEST_CASE("an extended entry fires at its last deadline only") {
        counting_waker waker;
        timer_wheel wheel(start);
        timer_entry entry;
        begin(wheel, entry, waker, at(100));
        for (int request = 1; request <= 1000; ++request) {
            CHECK(wheel.advance(at(request)) == 0);
            wheel.extend(entry, at(request + 100));
            CHECK(wheel.next_deadline() <= at(request + 100));
        }
        CHECK(wheel.advance(at(1099)) == 0);
        CHECK(wheel.advance(at(1100)) == 1);
        CHECK(waker.total_wakes() == 1);
    }

    TEST_CASE("an extended entry whose deadline had passed is not fired") {
        counting_waker waker;
        timer_wheel wheel(start);
        timer_entry entry;
        begin(wheel, entry, waker, start);
        wheel.extend(entry, at(70));
        CHECK(wheel.advance(at(69)) == 0);
        CHECK(wheel.advance(at(70)) == 1);
    }

    TEST_CASE("entries of one slot may be destroyed in any place while linked") {
        counting_waker waker;
        for (std::size_t destroyed = 0; destroyed < 3; ++destroyed) {
            timer_wheel wheel(start);
            std::vector<std::unique_ptr<timer_entry>> entries;
            for (int i = 0; i < 3; ++i) {
                entries.push_back(std::make_unique<timer_entry>());
                begin(wheel, *entries.back(), waker, at(80));
            }
            entries[destroyed].reset();
            CHECK(wheel.advance(at(80)) == 2);
        }
        CHECK(waker.wakes == 6);
        CHECK(waker.drops == 3);
        CHECK(waker.owners == 0);
    }

    TEST_CASE("a wheel destroyed before its entries lets them go without firing") {
        counting_waker waker;
        timer_entry near;
        timer_entry far;
        timer_entry due;
        {
            timer_wheel wheel(start);
            begin(wheel, near, waker, at(1));
            begin(wheel, far, waker, at(1'000'000'000));
            begin(wheel, due, waker, start);
        }
        CHECK_FALSE(near.is_linked());
        CHECK_FALSE(far.is_linked());
        CHECK_FALSE(due.is_linked());
        CHECK(waker.total_wakes() == 0);
    }

    TEST_CASE("entries of one tick fire in the order in which they were started") {
        timer_wheel wheel(start);
        std::vector<int> order;
        struct note {
            std::vector<int>* order;
            int value;
        };
        static constexpr rouse::raw_waker_vtable vtable{
            [](void* data) noexcept { return rouse::raw_waker{data, &vtable}; },
            [](void* data) noexcept {
                static_cast<note*>(data)->order->push_back(static_cast<note*>(data)->value);
            },
            [](void*) noexcept {}, [](void*) noexcept {}};
        note notes[] = {{&order, 1}, {&order, 2}, {&order, 3}};
        timer_entry entries[3];
        for (std::size_t i = 0; i < 3; ++i) {
            entries[i].set_waker(rouse::local_waker({&notes[i], &vtable}));
            wheel.start(entries[i], at(5000));
        }
        CHECK(wheel.advance(at(5000)) == 3);
        CHECK(order == std::vector{1, 2, 3});
    }

    TEST_CASE("a million timers fire once each, none early and none lost") {
        constexpr std::int64_t count = 1'000'000;
        counting_waker waker;
        timer_wheel wheel(start);
        std::vector<timer_entry> entries(count);
        // 7919 is prime to the count: every deadline from 1 to count occurs once, in scattered
        // order.
        for (std::int64_t i = 0; i < count; ++i) {
            begin(wheel, entries[static_cast<std::size_t>(i)], waker, at(i * 7919 % count + 1));
        }
        CHECK(wheel.advance(start) == 0);
        std::int64_t fired = 0;
        for (std::int64_t now = 0; now < count; now += 997) {
            fired += static_cast<std::int64_t>(wheel.advance(at(now)));
            REQUIRE(fired == now);
        }
        for (std::size_t i = 0; i < entries.size(); i += 2) {
            entries[i].cancel();
        }
        const int before = waker.wakes;
        std::int64_t left = 0;
        for (const timer_entry& entry : entries) {
            left += entry.is_linked() ? 1 : 0;
        }
        CHECK(static_cast<std::int64_t>(wheel.advance(at(count))) == left);
        CHECK(waker.wakes == before + left);
        CHECK_FALSE(wheel.next_deadline());
    }
}
