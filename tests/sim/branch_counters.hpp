#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rouse::sim {

/// Counters of the branches (edges of the control flow) of the code under test, which clang's
/// -fsanitize-coverage=inline-8bit-counters puts in. See SanitizerCoverage in clang's manual. None
/// in a build without it.
[[nodiscard]] std::size_t branch_count() noexcept;

/// Sets reached[i] for each branch that was taken in this process; `reached` has branch_count()
/// elements.
void collect_branches(std::span<std::uint8_t> reached) noexcept;

}  // namespace rouse::sim
