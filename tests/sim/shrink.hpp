#pragma once

#include "tests/sim/seed_farm.hpp"

namespace rouse::sim {

/// The smallest run that still fails: with fewer clients and fewer kinds of faults. The reason may
/// become another; the one that is returned is its own.
[[nodiscard]] failed_run shrink(const world_entry& which, const failed_run& found);

/// How to run it again: "http --seed 7 --clients 1 --without short_send,reset".
[[nodiscard]] std::string command_of(const world_entry& which, const run_options& options);

}  // namespace rouse::sim
