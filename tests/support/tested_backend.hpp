#pragma once

#include <cstdlib>

#include "runtime/reactor/backend.hpp"

namespace rouse::test {

/// The backend that the tests are to show: ROUSE_TEST_BACKEND, or io_uring.
[[nodiscard]] inline backend tested_backend() noexcept {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread of a test changes variables.
    const char* const chosen = std::getenv("ROUSE_TEST_BACKEND");
    return chosen != nullptr && chosen == to_string(backend::epoll) ? backend::epoll
                                                                    : backend::io_uring;
}

}  // namespace rouse::test
