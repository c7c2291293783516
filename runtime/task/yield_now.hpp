#pragma once

#include <utility>

#include "runtime/task/future.hpp"

namespace rouse {

/// Lets every task that is ready run once: pending at the first poll, having woken its own task,
/// ready at the next.
class [[nodiscard]] yield_future {
   public:
    [[nodiscard]] rouse::poll<> poll(context& cx) noexcept {
        if (std::exchange(yielded_, true)) {
            return rouse::poll<>::ready();
        }
        cx.local().wake_by_ref();
        return pending;
    }

   private:
    bool yielded_ = false;
};
static_assert(future<yield_future>);

[[nodiscard]] inline yield_future yield_now() noexcept {
    return {};
}

}  // namespace rouse
