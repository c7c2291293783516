#pragma once

#include <array>
#include <cstdint>
#include <ctime>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/time/clock.hpp"
#include "tests/sim/fault.hpp"
#include "tests/sim/random_source.hpp"
#include "tests/sim/trace.hpp"

namespace rouse::sim {

/// What a run is made of: the same options give the same run, event by event.
struct run_options {
    std::uint64_t seed = 1;
    unsigned clients_max = 8;              ///< The seed draws from 1 to this many.
    fault_mask faults_off = 0;             ///< These never strike.
    std::uint64_t failing_allocation = 0;  ///< The allocation with this number throws; 0: none.
    bool traced = false;                   ///< The events are written to standard output.
    bool compresses = true;  ///< Else no server does: what comes of it is up to the library.
    /// Choices of a fuzzer, which come before those of the seed.
    std::span<const std::uint8_t> schedule{};
};

/// Parts of a run that draw for themselves.
enum class part : std::uint8_t { plan, world, network, wakes, clock, clients };

/// Called with what is wrong; must not return. The first violation ends the run.
using failure_handler = void (*)(std::string_view what);

/// The state of a run that everything in it shares: the clock, the choices, the log.
class simulation {
   public:
    explicit simulation(const run_options& options);
    simulation(const simulation&) = delete;
    simulation& operator=(const simulation&) = delete;
    ~simulation();

    /// The one that runs in this process; null outside a run.
    [[nodiscard]] static simulation* current() noexcept { return active; }
    static void on_failure(failure_handler handler) noexcept { installed_handler = handler; }

    [[nodiscard]] const run_options& options() const noexcept { return options_; }
    [[nodiscard]] const fault_plan& faults() const noexcept { return plan_; }
    [[nodiscard]] time_point now() const noexcept { return now_; }
    void advance_to(time_point later) noexcept;
    /// Time passes that nobody has lived through.
    void jump(duration by) noexcept;
    /// The time that has passed without the jumps: what a server had to act in.
    [[nodiscard]] time_point lived() const noexcept { return now_ - jumped_; }
    /// The wall clock, in seconds, and in nanoseconds.
    [[nodiscard]] std::time_t wall_clock() const noexcept;
    [[nodiscard]] std::int64_t wall_clock_nanoseconds() const noexcept;

    /// A source for a part of the run, or for one of its clients.
    [[nodiscard]] random_source source(part of, std::uint64_t number = 0) const noexcept;

    /// Whether the fault happens here; then it is counted and logged.
    [[nodiscard]] bool strike(fault kind, std::uint64_t where = 0) noexcept;
    /// A number below `bound` for the details of a fault.
    [[nodiscard]] std::uint64_t detail(fault kind, std::uint64_t bound) noexcept;
    /// Counts a fault that something else has decided on.
    void count(fault kind, std::uint64_t where = 0) noexcept;

    void log(event kind, std::uint64_t first = 0, std::uint64_t second = 0, std::uint64_t third = 0,
             std::uint64_t fourth = 0) noexcept {
        trace_.add(now_, kind, first, second, third, fourth);
    }
    void log_bytes(std::string_view bytes) const noexcept { trace_.add_bytes(now_, bytes); }
    [[nodiscard]] const trace& events() const noexcept { return trace_; }
    [[nodiscard]] bool has_struck(fault kind) const noexcept {
        return strikes_[static_cast<std::size_t>(kind)] != 0;
    }
    [[nodiscard]] const std::array<std::uint64_t, fault_count>& strikes() const noexcept {
        return strikes_;
    }

    /// Something that must hold does not.
    [[noreturn]] void fail(std::string_view what) const;
    void require(bool holds, std::string_view what) const {
        if (!holds) {
            fail(what);
        }
    }

   private:
    [[nodiscard]] random_source& fault_source(fault kind) noexcept;

    static simulation* active;
    static failure_handler installed_handler;

    run_options options_;
    random_source root_;
    random_source scheduled_;
    fault_plan plan_;
    trace trace_;
    time_point now_;
    duration jumped_{};
    std::vector<random_source> fault_sources_;
    std::array<std::uint64_t, fault_count> strikes_{};
};

}  // namespace rouse::sim
