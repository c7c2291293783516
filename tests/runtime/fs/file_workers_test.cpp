#include <algorithm>
#include <array>
#include <string>

#include <doctest/doctest.h>

#include "runtime/reactor/uring/ring.hpp"
#include "tests/support/reactor_drive.hpp"

TEST_SUITE("runtime/fs/file_workers") {
    TEST_CASE("the threads that wait for files are bounded, whatever the machine") {
        auto made = rouse::uring::ring::make(64, 128);
        REQUIRE(made);
        made->bound_file_workers();
        std::array<unsigned, 2> most{};  // Zero: only asks.
        REQUIRE(io_uring_register_iowq_max_workers(&made->raw(), most.data()) == 0);
        CHECK(most[0] == rouse::uring::file_workers_max);
    }

    TEST_CASE("a reactor says that it bounds them") {
        const auto features = rouse::test::tested_reactor()->describe().features;
        const bool ring = rouse::test::tested_backend() == rouse::backend::io_uring;
        CHECK(std::ranges::count(features, ring ? "file_workers" : "file_threads") == 1);
    }
}
