#pragma once

#include <string_view>

#include "runtime/task/context.hpp"
#include "runtime/task/future.hpp"
#include "runtime/time/deadline.hpp"
#include "tests/sim/simulation.hpp"

namespace rouse::sim {

/// A task that waits for deadlines, some of which it puts off at once: none may pass early, nor
/// much later than it should. It ends after a few, so that a server which has forgotten all others
/// is not kept awake by it.
class [[nodiscard]] sleeper {
   public:
    explicit sleeper(simulation& owner) noexcept
        : simulation_(owner), draw_(owner.source(part::clock)), left_(draw_.below(naps_max + 1)) {}
    sleeper(sleeper&&) = default;
    sleeper& operator=(sleeper&&) = delete;

    [[nodiscard]] rouse::poll<> poll(context& cx) {
        while (left_ > 0) {
            if (!asleep_) {
                lie_down(cx);
                return pending;
            }
            if (!alarm_.has_passed()) {
                return pending;  // Woken for nothing.
            }
            simulation_.require(simulation_.now() >= until_, "a deadline passes early");
            simulation_.require(simulation_.lived() <= until_in_life_ + lateness_max,
                                "a deadline passes late");
            asleep_ = false;
            --left_;
        }
        return rouse::poll<>::ready();
    }

   private:
    static constexpr std::uint64_t naps_max = 4;
    static constexpr milliseconds lateness_max{1'000};

    void lie_down(context& cx) {
        // About each power of the wheel's 64 slots.
        constexpr std::uint64_t microseconds_max[] = {3'000, 70'000, 5'000'000, 30'000'000};
        const auto drawn = [&] {
            return duration(std::chrono::microseconds(draw_.below(draw_.pick(microseconds_max))));
        };
        const time_point now = cx.timers()->now();
        duration wait = drawn();
        alarm_.set(cx, now + wait);
        if (draw_.coin()) {
            wait += drawn();
            alarm_.set(cx, now + wait);
        }
        until_ = now + wait;
        until_in_life_ = simulation_.lived() + wait;
        asleep_ = true;
    }

    simulation& simulation_;
    random_source draw_;
    std::uint64_t left_;
    deadline alarm_;
    time_point until_{};
    time_point until_in_life_{};
    bool asleep_ = false;
};

static_assert(future<sleeper>);

}  // namespace rouse::sim
