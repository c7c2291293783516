#pragma once

#include <span>
#include <string_view>

namespace rouse::model {

/// A row of planted_bugs.py.
struct planted_bug {
    std::string_view name;
    std::string_view world;
    std::string_view found_as;
};

/// All rows, in their order: the first bug is number 1.
extern const std::span<const planted_bug> planted_bugs;

/// The number of the bug that the instrumented sources have at present; zero for none.
inline int present_bug = 0;

[[nodiscard]] inline bool planted(int number) noexcept {
    return present_bug == number;
}

}  // namespace rouse::model
