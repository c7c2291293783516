#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "tests/sim/simulation.hpp"

namespace rouse::sim {

/// What a run counts besides events and faults.
struct world_counts {
    std::uint64_t clients = 0;
    std::uint64_t answers = 0;  ///< Whole ones, or bytes that came back.
};

/// A server of real code on a simulated network, and its clients.
class world {
   public:
    world() = default;
    world(const world&) = delete;
    world& operator=(const world&) = delete;
    virtual ~world() = default;

    /// From the start of the server to its end; every violation ends in simulation::fail.
    virtual void run() = 0;

    [[nodiscard]] virtual world_counts counts() const noexcept = 0;
};

struct world_entry {
    std::string_view name;
    std::string_view what;
    std::unique_ptr<world> (*make)(simulation& owner);
};

/// All worlds there are; a new one is named here.
[[nodiscard]] std::span<const world_entry> all_worlds() noexcept;
[[nodiscard]] const world_entry* world_named(std::string_view name) noexcept;

/// What a run came to, for comparison and for the report.
struct run_outcome {
    std::uint64_t hash = 0;
    std::uint64_t turns = 0;
    world_counts counts;
    std::array<std::uint64_t, event_count> events{};
    std::array<std::uint64_t, fault_count> strikes{};
    std::uint64_t allocations = 0;  ///< Of the code under test.
    std::size_t allocations_left = 0;
};

/// Runs a world once without faults, so that what static objects allocate is allocated: otherwise
/// the first run of a process would be another.
void warm_up(const world_entry& which);

/// Runs a world from its beginning to its end.
[[nodiscard]] run_outcome run_world(const world_entry& which, const run_options& options);

}  // namespace rouse::sim
