#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/time/timer_wheel.hpp"
#include "tests/support/counting_waker.hpp"

using rouse::milliseconds;
using rouse::time_point;
using rouse::timer_entry;
using rouse::timer_wheel;
using rouse::test::counting_waker;

namespace {

/// An entry, and what a list that is searched from end to end says about it.
struct modelled_entry {
    counting_waker waker;
    std::unique_ptr<timer_entry> entry = std::make_unique<timer_entry>();
    std::optional<time_point> deadline;
    int fired_expected = 0;
};

class model {
   public:
    explicit model(std::uint64_t seed) : random_(seed) {
        for (int i = 0; i < 24; ++i) {
            entries_.push_back(std::make_unique<modelled_entry>());
        }
    }

    void step() {
        modelled_entry& chosen = *entries_[below(entries_.size())];
        switch (below(8)) {
            case 0:
            case 1:
            case 2:
                start(chosen);
                break;
            case 3:
                chosen.entry->cancel();
                chosen.deadline.reset();
                break;
            case 4:
                chosen.entry = std::make_unique<timer_entry>();  // destroyed while it may be linked
                chosen.deadline.reset();
                break;
            case 5:
                if (chosen.deadline) {
                    chosen.deadline = *chosen.deadline + random_wait();
                    wheel_.extend(*chosen.entry, *chosen.deadline);
                }
                break;
            case 6:
                advance(wheel_.next_deadline().value_or(now_));
                break;
            default:
                advance(now_ + random_wait());
        }
        check();
    }

   private:
    std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

    /// Short and long waits alike: a random number of random bits.
    milliseconds random_wait() {
        const std::uint64_t bits = below(34);
        return milliseconds(
            static_cast<std::int64_t>(random_() & ((std::uint64_t{1} << bits) - 1)));
    }

    void start(modelled_entry& chosen) {
        chosen.deadline = now_ + random_wait() - milliseconds(below(4) == 0 ? 100 : 0);
        chosen.entry->set_waker(chosen.waker.local());
        wheel_.start(*chosen.entry, *chosen.deadline);
    }

    void advance(time_point to) {
        now_ = std::max(now_, to);
        std::size_t expected = 0;
        for (auto& each : entries_) {
            if (each->deadline && *each->deadline <= now_) {
                ++expected;
                ++each->fired_expected;
                each->deadline.reset();
            }
        }
        REQUIRE(wheel_.advance(to) == expected);
    }

    void check() {
        std::optional<time_point> earliest;
        for (auto& each : entries_) {
            REQUIRE(each->waker.wakes == each->fired_expected);
            REQUIRE(each->entry->is_linked() == each->deadline.has_value());
            if (each->deadline && (!earliest || *each->deadline < *earliest)) {
                earliest = each->deadline;
            }
        }
        const auto next = wheel_.next_deadline();
        REQUIRE(next.has_value() == earliest.has_value());
        if (next) {
            REQUIRE(*next <= std::max(*earliest, now_));
            REQUIRE(*next >= now_);
        }
    }

    std::mt19937_64 random_;
    time_point now_{std::chrono::seconds(77)};
    timer_wheel wheel_{now_};
    std::vector<std::unique_ptr<modelled_entry>> entries_;
};

}  // namespace

TEST_SUITE("runtime/timer_wheel") {
    TEST_CASE("random starts, cancels, extensions and jumps do what a plain list does") {
        for (std::uint64_t seed = 1; seed <= 60; ++seed) {
            CAPTURE(seed);
            model both(seed);
            for (int i = 0; i < 2000; ++i) {
                both.step();
            }
        }
    }
}
