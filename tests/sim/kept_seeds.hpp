#pragma once

#include <string>

namespace rouse::sim {

/// Runs each line of a file of kept seeds ("http --seed 7 --only short_send", `#` and what follows
/// it is for the reader). Says which fail; true when none does.
[[nodiscard]] bool run_kept_seeds(const std::string& file);

/// Runs the seeds of a file of hashes ("http 7 0123456789abcdef") and compares: the events of a
/// seed are the same on every machine, with every compiler and at every optimisation level. Failing
/// allocations are off, because compilers differ in how many there are.
[[nodiscard]] bool compare_hashes(const std::string& file);

/// Makes such a file: the first seeds of each world.
[[nodiscard]] bool write_hashes(const std::string& file);

}  // namespace rouse::sim
