#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>

namespace rouse::fuzz {

/// Ends the program when a property does not hold, and says which. The fuzzer keeps the input then.
inline void require(bool holds,
                    const std::source_location& where = std::source_location::current()) {
    if (!holds) {
        (void)std::fprintf(stderr, "%s:%u: this does not hold\n", where.file_name(), where.line());
        std::abort();
    }
}

}  // namespace rouse::fuzz
