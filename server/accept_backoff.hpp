#pragma once

#include <algorithm>
#include <cstdint>
#include <system_error>

#include "runtime/time/clock.hpp"

namespace rouse::server {

/// How long to wait after a failed accept, so that a process without descriptors serves who is
/// connected instead of spinning: twice as long each time, until one succeeds.
class accept_backoff {
   public:
    static constexpr milliseconds wait_min{5};
    static constexpr milliseconds wait_max{1'000};

    void succeeded() noexcept { wait_ = milliseconds::zero(); }

    /// Nothing after an error that only concerns the one connection (ECONNABORTED).
    [[nodiscard]] milliseconds failed(std::error_code error) noexcept {
        if (error == std::errc::connection_aborted) {
            return milliseconds::zero();
        }
        wait_ = std::clamp(wait_ * 2, wait_min, wait_max);
        return wait_;
    }

    /// True for the first failure after a success: the one to log.
    [[nodiscard]] bool is_first() const noexcept { return wait_ == wait_min; }

   private:
    milliseconds wait_{0};
};

}  // namespace rouse::server
