#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/sim/world.hpp"

namespace rouse::sim {

/// What many runs came to.
struct farm_totals {
    std::uint64_t runs = 0;
    double seconds = 0;
    run_outcome sums;  ///< Of all runs; without a hash.
    std::size_t branches = 0;
    std::size_t branches_reached = 0;
};

/// A run that did not keep what must hold.
struct failed_run {
    run_options options;
    std::string reason;
};

struct farm_result {
    farm_totals totals;
    std::optional<failed_run> failed;
};

struct farm_plan {
    const world_entry& which;
    run_options options;  ///< But for the seed.
    std::uint64_t first_seed = 1;
    std::uint64_t seeds = 1;
    unsigned processes = 1;
};

/// Runs the seeds in processes of their own, so that one that crashes or hangs takes nothing along,
/// until all are done or one has failed. Now and then a seed is run twice, which must be the same
/// twice.
[[nodiscard]] farm_result run_seeds(const farm_plan& plan);

/// Runs one in a process of its own; why it failed, if it did. `quiet`: its reports are dropped.
[[nodiscard]] std::optional<std::string> attempt(const world_entry& which,
                                                 const run_options& options, bool quiet);

}  // namespace rouse::sim
