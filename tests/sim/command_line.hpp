#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/world.hpp"

namespace rouse::sim {

enum class sim_task : std::uint8_t { seeds, one, sweep, kept, hashes, write_hashes, worlds };

/// What the simulator was asked for.
struct command_line {
    sim_task task = sim_task::seeds;
    const world_entry* which = nullptr;
    run_options options;  ///< With the seed, if one was named.
    std::uint64_t first = 1;
    std::uint64_t seeds = 1'000;
    unsigned processes = 1;
    bool shrinks = true;  ///< What fails, before it is printed.
    std::string file;     ///< Of kept seeds or hashes.
};

/// Ends the process with status 2, the reason and the usage, where the arguments say nothing that
/// can be done.
[[nodiscard]] command_line parse_command_line(const std::vector<std::string_view>& arguments);

/// A line of tests/sim/seeds, as shrink prints it: "http --seed 7 --only short_send".
[[nodiscard]] command_line parse_kept_line(std::string_view text);

}  // namespace rouse::sim
