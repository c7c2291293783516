#pragma once

#include <optional>

#include "runtime/base/result.hpp"
#include "runtime/executor/wake_signal.hpp"
#include "runtime/time/clock.hpp"
#include "tests/model/checked.hpp"

namespace rouse {

/// Stands for runtime/reactor/reactor.hpp where only the signal ends a sleep: no operations, and a
/// clock that stands still.
class reactor {
   public:
    /// As a backend does it: the signal is cleared before the executor looks at its inbox.
    [[nodiscard]] result<> turn(std::optional<duration> wait) noexcept {
        if (wait) {
            signal_->clear();
        } else {
            signal_->wait();
        }
        return {};
    }

    [[nodiscard]] time_point now() const noexcept { return {}; }
    [[nodiscard]] const model::shared_ptr<const wake_signal>& signal() const noexcept {
        return signal_;
    }

   private:
    model::shared_ptr<const wake_signal> signal_ = model::make_shared<const wake_signal>();
};

}  // namespace rouse
