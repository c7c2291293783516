#include "tests/sim/branch_counters.hpp"

#include <algorithm>
#include <array>

namespace rouse::sim {
namespace {

// One for each linked object that has counters: the program itself, so one.
constexpr std::size_t ranges_max = 8;

struct counter_ranges {
    std::array<std::span<const std::uint8_t>, ranges_max> of{};
    std::size_t count = 0;
};

// Made by whoever comes first: constructors of other files do.
counter_ranges& ranges() noexcept {
    static counter_ranges made;
    return made;
}

}  // namespace

std::size_t branch_count() noexcept {
    std::size_t total = 0;
    for (std::size_t i = 0; i < ranges().count; ++i) {
        total += ranges().of[i].size();
    }
    return total;
}

void collect_branches(std::span<std::uint8_t> reached) noexcept {
    for (std::size_t i = 0; i < ranges().count; ++i) {
        for (const std::uint8_t taken : ranges().of[i]) {
            reached.front() = static_cast<std::uint8_t>(reached.front() | (taken != 0 ? 1U : 0U));
            reached = reached.subspan(1);
        }
    }
}

}  // namespace rouse::sim

// NOLINTNEXTLINE(bugprone-reserved-identifier): the compiler's name.
extern "C" void __sanitizer_cov_8bit_counters_init(std::uint8_t* begin, std::uint8_t* end) {
    auto& ranges = rouse::sim::ranges();
    const std::span<const std::uint8_t> added(begin, end);
    const auto known = std::span(ranges.of).first(ranges.count);
    const bool is_known =
        std::ranges::any_of(known, [&](const auto& each) { return each.data() == added.data(); });
    if (!is_known && !added.empty() && ranges.count < ranges.of.size()) {
        ranges.of[ranges.count++] = added;
    }
}
