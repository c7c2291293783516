#include "protocols/http/files/cached_file.hpp"

#include <cstdint>

#include <doctest/doctest.h>

using namespace rouse::http;

namespace {

std::int64_t dated(std::int64_t modified_seconds, rouse::file_time looked_up) {
    rouse::file_status source;
    source.modified.seconds = source.changed.seconds = modified_seconds;
    const auto made =
        make_content(cached_file(), source, content_coding::identity, looked_up, true);
    return made->modified_seconds;
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/files/cached_file");
TEST_CASE("a file that changes while it is opened has the time of its change") {
    // With the time at which it was looked for, who has what was there before gets a 304.
    CHECK(dated(1'000, {.seconds = 999}) == 1'000);
    CHECK(dated(1'000, {.seconds = 1'000}) == 1'000);
}

TEST_CASE("a file from the future was changed now") {
    const rouse::file_time now = wall_time();
    const std::int64_t told = dated(now.seconds + 1'000'000, now);
    CHECK(told >= now.seconds);
    CHECK(told < now.seconds + 1'000'000);
}

TEST_SUITE_END();
