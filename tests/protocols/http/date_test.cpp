#include "protocols/http/date.hpp"

#include <array>
#include <cstdint>
#include <ctime>
#include <limits>
#include <string>

#include <doctest/doctest.h>

using namespace rouse::http;

namespace {

std::string format(std::time_t moment) {
    std::array<char, http_date_bytes> out{};
    format_http_date(moment, out);
    return {out.data(), out.size()};
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/date");

TEST_CASE("the example of RFC 9110 is written as it stands there") {
    CHECK(format(784'111'777) == "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE("dates at the edges are right") {
    CHECK(format(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
    CHECK(format(-1) == "Wed, 31 Dec 1969 23:59:59 GMT");
    CHECK(format(951'782'400) == "Tue, 29 Feb 2000 00:00:00 GMT");
    CHECK(format(4'107'542'400) == "Mon, 01 Mar 2100 00:00:00 GMT");
    CHECK(format(std::numeric_limits<std::time_t>::max()) == "Fri, 31 Dec 9999 23:59:59 GMT");
    CHECK(format(std::numeric_limits<std::time_t>::min()) == "Sat, 01 Jan 0000 00:00:00 GMT");
}

TEST_CASE("dates are those of the C library") {
    for (std::int64_t moment = -2'000'000'000; moment < 8'000'000'000; moment += 12'345'678) {
        const std::time_t seconds = moment;
        std::tm parts{};
        REQUIRE(gmtime_r(&seconds, &parts) != nullptr);
        std::array<char, 64> expected{};
        const std::size_t length =
            std::strftime(expected.data(), expected.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        CHECK(format(moment) == std::string_view(expected.data(), length));
    }
}

TEST_CASE("the cache changes its text with the second and only then") {
    date_cache cache;
    const std::string_view first = cache.at(784'111'777);
    CHECK(first == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(cache.at(784'111'777).data() == first.data());
    CHECK(cache.at(784'111'778) == "Sun, 06 Nov 1994 08:49:38 GMT");
    CHECK(cache.at(784'111'777) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(cache.at(-1) == "Wed, 31 Dec 1969 23:59:59 GMT");
}

TEST_CASE("a new cache answers any moment, also the one that it begins with") {
    for (const std::time_t moment : {std::numeric_limits<std::time_t>::min(), std::time_t{0},
                                     std::numeric_limits<std::time_t>::max()}) {
        date_cache cache;
        CHECK(cache.at(moment) == format(moment));
    }
}

TEST_SUITE_END();
