#pragma once

#include <cstddef>
#include <cstdint>

namespace rouse::sim {

/// What the code under test has from operator new, which a simulation replaces: counted, and made
/// to fail where the run wants it.
struct allocation_state {
    std::size_t live = 0;  ///< Allocations of it that are not freed.
    std::size_t live_bytes = 0;
    std::uint64_t made = 0;  ///< In this run.
    bool in_tested_part = false;
};

[[nodiscard]] allocation_state& allocations() noexcept;

/// While one lives, what runs belongs to the simulation: its allocations do not fail.
class simulated_part {
   public:
    simulated_part() noexcept : before_(allocations().in_tested_part) {
        allocations().in_tested_part = false;
    }
    simulated_part(const simulated_part&) = delete;
    simulated_part& operator=(const simulated_part&) = delete;
    ~simulated_part() { allocations().in_tested_part = before_; }

   private:
    bool before_;
};

/// While one lives, what runs is the code under test: its allocations may fail.
class tested_part {
   public:
    tested_part() noexcept : before_(allocations().in_tested_part) {
        allocations().in_tested_part = true;
    }
    tested_part(const tested_part&) = delete;
    tested_part& operator=(const tested_part&) = delete;
    ~tested_part() { allocations().in_tested_part = before_; }

   private:
    bool before_;
};

/// Called when an allocation of the code under test is to fail, before it does.
using allocation_failure_handler = void (*)() noexcept;
void on_allocation_failure(allocation_failure_handler handler) noexcept;

}  // namespace rouse::sim
