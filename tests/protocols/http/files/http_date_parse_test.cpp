#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "protocols/http/date.hpp"
#include "tests/support/guard_page.hpp"

using namespace rouse::http;

namespace {

// RFC 9110, 5.6.7: the example in its three forms.
constexpr std::int64_t example = 784'111'777;
constexpr std::int64_t in_2026 = 1'795'415'627;  // Mon, 23 Nov 2026 06:33:47 GMT

std::optional<std::int64_t> parse(std::string_view text, std::int64_t now = in_2026) {
    static rouse::test::guard_page page(4'096);
    return parse_http_date(page.place(text), now);
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/date parse");

TEST_CASE("the example of RFC 9110 is read in its three forms") {
    CHECK(parse("Sun, 06 Nov 1994 08:49:37 GMT") == example);
    CHECK(parse("Sunday, 06-Nov-94 08:49:37 GMT") == example);
    CHECK(parse("Sun Nov  6 08:49:37 1994") == example);
    CHECK(parse("Sun Nov 06 08:49:37 1994") == example);
}

TEST_CASE("what is written is read again") {
    for (std::int64_t moment = -62'167'219'200; moment < 253'402'300'799; moment += 98'765'431) {
        std::array<char, http_date_bytes> text{};
        format_http_date(moment, text);
        CHECK(parse({text.data(), text.size()}) == moment);
    }
    CHECK(parse("Sat, 01 Jan 0000 00:00:00 GMT") == -62'167'219'200);
    CHECK(parse("Fri, 31 Dec 9999 23:59:59 GMT") == 253'402'300'799);
}

TEST_CASE("every cut of a date, and a byte more, is refused") {
    for (const std::string text : {"Sun, 06 Nov 1994 08:49:37 GMT",
                                   "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
        for (std::size_t bytes = 0; bytes < text.size(); ++bytes) {
            CAPTURE(bytes);
            CHECK_FALSE(parse(text.substr(0, bytes)).has_value());
        }
        CHECK_FALSE(parse(text + " ").has_value());
        CHECK_FALSE(parse(" " + text).has_value());
        for (std::size_t at = 0; at < text.size(); ++at) {
            std::string changed = text;
            changed[at] = '\x01';
            CAPTURE(at);
            CHECK_FALSE(parse(changed).has_value());
        }
    }
}

TEST_CASE("a date that is not, or is written otherwise, is refused") {
    for (const char* text :
         {"",
          "0",
          "1994-11-06T08:49:37Z",
          "sun, 06 Nov 1994 08:49:37 GMT",     // RFC 9110, 5.6.7: case-sensitive.
          "Sun, 06 nov 1994 08:49:37 GMT",     //
          "Sun, 06 Nov 1994 08:49:37 gmt",     //
          "Sun, 06 Nov 1994 08:49:37 UTC",     //
          "Sun, 06 Nov 1994 08:49:37 +00",     //
          "Mon, 06 Nov 1994 08:49:37 GMT",     // It was a Sunday.
          "Sun, 6 Nov 1994 08:49:37 GMT",      //
          "Sun, 00 Nov 1994 08:49:37 GMT",     //
          "Thu, 31 Nov 1994 08:49:37 GMT",     //
          "Tue, 29 Feb 1994 08:49:37 GMT",     //
          "Thu, 29 Feb 1900 08:49:37 GMT",     // No leap year.
          "Sun, 06 Nov 1994 24:00:00 GMT",     //
          "Sun, 06 Nov 1994 08:60:00 GMT",     //
          "Sun, 06 Nov 1994 08:49:60 GMT",     // Leap seconds are at the end of a day.
          "Sun, 06 Nov 1994 23:59:61 GMT",     //
          "Monday, 06-Nov-94 08:49:37 GMT",    //
          "Sun, 06-Nov-94 08:49:37 GMT",       //
          "Sunday, 06-Nov-1994 08:49:37 GMT",  //
          "Sunday, 06 Nov 94 08:49:37 GMT",    //
          "Sun Nov 6 08:49:37 1994",
          "Sun Nov  0 08:49:37 1994",
          "Mon Nov  6 08:49:37 1994",
          "Sun Nov  6 08:49:37 94"}) {
        CAPTURE(text);
        CHECK_FALSE(parse(text).has_value());
    }
}

TEST_CASE("29 February is there in leap years") {
    CHECK(parse("Tue, 29 Feb 2000 00:00:00 GMT") == 951'782'400);
    CHECK(parse("Thu, 29 Feb 2024 00:00:00 GMT") == 1'709'164'800);
    CHECK(parse("Tuesday, 29-Feb-00 00:00:00 GMT") == 951'782'400);
}

TEST_CASE("a leap second is the second after it") {
    CHECK(parse("Sat, 31 Dec 2016 23:59:60 GMT") == 1'483'228'800);
    CHECK(parse("Sunday, 01-Jan-17 00:00:00 GMT") == 1'483'228'800);
}

TEST_CASE("a year of two digits is at most 50 years ahead") {
    // To the second: 50 years after in_2026 is 2076-11-23T06:33:47.
    CHECK(parse("Monday, 23-Nov-76 06:33:47 GMT") == 3'373'338'827);
    CHECK(parse("Tuesday, 23-Nov-76 06:33:48 GMT") == 217'578'828);
    CHECK(parse("Tuesday, 30-Nov-76 00:00:00 GMT") == 218'160'000);
    CHECK(parse("Thursday, 31-Dec-76 00:00:00 GMT") == std::nullopt);  // A Thursday in 2076.
    CHECK(parse("Friday, 31-Dec-76 00:00:00 GMT") == 220'838'400);
    CHECK(parse("Saturday, 01-Jan-77 00:00:00 GMT") == 220'924'800);
    CHECK(parse("Thursday, 01-Jan-26 00:00:00 GMT") == 1'767'225'600);
    // Seen from 1960, and from 2090, when 10 is ahead.
    CHECK(parse("Sunday, 06-Nov-94 08:49:37 GMT", -315'619'200) == example);
    CHECK(parse("Wednesday, 01-Jan-10 00:00:00 GMT", 3'786'912'000) == 4'417'977'600);
}

TEST_CASE("any now is taken") {
    for (const std::int64_t now :
         {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
        CHECK(parse("Sun, 06 Nov 1994 08:49:37 GMT", now) == example);
        (void)parse("Sunday, 06-Nov-94 08:49:37 GMT", now);
    }
}

TEST_SUITE_END();
