#pragma once

#include <array>
#include <optional>
#include <utility>

#include "runtime/task/wake.hpp"
#include "tests/model/checked.hpp"
#include "tests/model/explore.hpp"

namespace rouse::model {

/// A shared object behind wakers of its own (wake<T>), of which two threads each have one: they
/// clone it, wake, and drop what they have. The last one destroys the object, and sees what both
/// did to it.
class counted_world final : public world {
   public:
    void before() override {
        auto made = wake<noted>::make();
        for (std::optional<waker>& each : wakers_) {
            each = make_waker(made);
        }
    }

    void thread(unsigned index) override {
        waker mine = *std::exchange(wakers_[index], std::nullopt);
        const waker copy = mine.clone();
        copy.wake_by_ref();
        std::move(mine).wake();
    }

   private:
    struct note {
        plain<unsigned> wakes = 0U;
    };
    struct noted {
        void wake() noexcept { ++notes[rl::thread_index()].wakes; }
        std::array<note, 2> notes;
    };

    std::array<std::optional<waker>, 2> wakers_;
};

}  // namespace rouse::model
