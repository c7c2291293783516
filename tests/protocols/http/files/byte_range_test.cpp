#include "protocols/http/files/byte_range.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/guard_page.hpp"

using namespace rouse::http;

namespace {

using outcome = byte_ranges::outcome;
using list = std::vector<byte_range>;

byte_ranges parse(std::string_view field, std::uint64_t file_bytes = 10'000,
                  std::size_t ranges_max = byte_ranges_max) {
    static rouse::test::guard_page page(65'536);
    return parse_byte_ranges(page.place(field), file_bytes, ranges_max);
}

list ranges_of(std::string_view field, std::uint64_t file_bytes = 10'000) {
    const byte_ranges parsed = parse(field, file_bytes);
    CHECK((parsed.result() == outcome::partial) == !parsed.ranges().empty());
    return {parsed.ranges().begin(), parsed.ranges().end()};
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/files/byte_range");

TEST_CASE("the examples of RFC 9110, 14.1.2 come out as it says") {
    CHECK(ranges_of("bytes=0-499") == list{{0, 500}});
    CHECK(ranges_of("bytes=500-999") == list{{500, 500}});
    CHECK(ranges_of("bytes=-500") == list{{9'500, 500}});
    CHECK(ranges_of("bytes=9500-") == list{{9'500, 500}});
    CHECK(ranges_of("bytes=0-0,-1") == list{{0, 1}, {9'999, 1}});
    CHECK(ranges_of("bytes= 0-999, 4500-5499, -1000") ==
          list{{0, 1'000}, {4'500, 1'000}, {9'000, 1'000}});
    CHECK(ranges_of("bytes=500-600,601-999") == list{{500, 500}});
    CHECK(ranges_of("bytes=500-700,601-999") == list{{500, 500}});
}

TEST_CASE("what reaches past the end is cut there") {
    CHECK(ranges_of("bytes=0-") == list{{0, 10'000}});
    CHECK(ranges_of("bytes=9999-10000") == list{{9'999, 1}});
    CHECK(ranges_of("bytes=9999-99999999999999999999999") == list{{9'999, 1}});
    CHECK(ranges_of("bytes=-10000") == list{{0, 10'000}});
    CHECK(ranges_of("bytes=-99999999999999999999999") == list{{0, 10'000}});
    CHECK(ranges_of("bytes=0000000000000000000000001-2") == list{{1, 2}});
}

TEST_CASE("the name of the unit has no case, white space and empty members do not count") {
    CHECK(ranges_of("Bytes=0-0") == list{{0, 1}});
    CHECK(ranges_of("BYTES=\t,, 0-0 ,,\t-1 ,") == list{{0, 1}, {9'999, 1}});
}

TEST_CASE("another unit and what is malformed get the whole file (RFC 9110, 14.2)") {
    for (const char* field : {"",
                              "bytes",
                              "bytes=",
                              "bytes= , ,",
                              "bytes 0-1",
                              "bytes =0-1",
                              "byte=0-1",
                              "lines=0-1",
                              "bytes=-",
                              "bytes=1",
                              "bytes=a-b",
                              "bytes=0x0-1",
                              "bytes=+0-1",
                              "bytes=0-+1",
                              "bytes=0--1",
                              "bytes=--1",
                              "bytes=0 -1",
                              "bytes=0- 1",
                              "bytes=2-1",
                              "bytes=0-1;",
                              "bytes=0-1,x",
                              "bytes=x,0-1",
                              "bytes=0-1-2",
                              "bytes=1.5-2",
                              " bytes=0-1",
                              "none",
                              "bytes=0-1,bytes=3-4",
                              "bytes=0-1, 5-4"}) {
        CAPTURE(field);
        CHECK(parse(field).result() == outcome::whole);
        CHECK(parse(field, 0).result() == outcome::whole);
    }
}

TEST_CASE("what lies past the end is left out, and 416 when nothing else is there") {
    CHECK(parse("bytes=10000-").result() == outcome::unsatisfiable);
    CHECK(parse("bytes=10000-10001,20000-").result() == outcome::unsatisfiable);
    CHECK(parse("bytes=99999999999999999999999-").result() == outcome::unsatisfiable);
    CHECK(parse("bytes=-0").result() == outcome::unsatisfiable);
    CHECK(ranges_of("bytes=10000-,5-6,-0") == list{{5, 2}});
}

TEST_CASE("an empty file has a suffix, which is all of it, and nothing else") {
    CHECK(parse("bytes=0-", 0).result() == outcome::unsatisfiable);
    CHECK(parse("bytes=0-0", 0).result() == outcome::unsatisfiable);
    CHECK(parse("bytes=-0", 0).result() == outcome::unsatisfiable);
    CHECK(parse("bytes=-1", 0).result() == outcome::whole);
    CHECK(parse("bytes=0-,-1", 0).result() == outcome::whole);
}

TEST_CASE("ranges that overlap or touch become one in the place of the first") {
    CHECK(ranges_of("bytes=0-9,5-19") == list{{0, 20}});
    CHECK(ranges_of("bytes=10-19,0-9") == list{{0, 20}});
    CHECK(ranges_of("bytes=0-9,11-19") == list{{0, 10}, {11, 9}});
    CHECK(ranges_of("bytes=40-49,0-9,20-29,10-19") == list{{40, 10}, {0, 30}});
    CHECK(ranges_of("bytes=0-9,40-49,20-29,5-45") == list{{0, 50}});
    CHECK(ranges_of("bytes=0-99,10-19") == list{{0, 100}});
    CHECK(ranges_of("bytes=10-19,0-99") == list{{0, 100}});
    CHECK(ranges_of("bytes=80-89,20-29,60-69,0-9,28-61") == list{{80, 10}, {20, 50}, {0, 10}});
    CHECK(ranges_of("bytes=5-5,5-5,5-5") == list{{5, 1}});
}

TEST_CASE("ranges that ask for more than the file get the file") {
    CHECK(parse("bytes=0-,0-").result() == outcome::whole);
    CHECK(parse("bytes=0-9999,0-0").result() == outcome::whole);
    CHECK(parse("bytes=0-4999,-5001").result() == outcome::whole);
    CHECK(ranges_of("bytes=0-4999,-5000") == list{{0, 10'000}});
    constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
    CHECK(parse("bytes=0-,0-", huge).result() == outcome::whole);
    CHECK(ranges_of("bytes=0-", huge) == list{{0, huge}});
    CHECK(ranges_of("bytes=18446744073709551614-", huge) == list{{huge - 1, 1}});
}

TEST_CASE("more ranges than the limit get the whole file, also when one would be enough") {
    std::string field = "bytes=0-1";
    for (std::size_t count = 1; count < byte_ranges_max; ++count) {
        field += "," + std::to_string(count * 100) + "-" + std::to_string(count * 100 + 1);
    }
    CHECK(ranges_of(field).size() == byte_ranges_max);
    CHECK(parse(field + ",0-1").result() == outcome::whole);
    CHECK(parse(field + ",99999-").result() == outcome::whole);
    CHECK(parse("bytes=0-0,2-2", 10, 2).result() == outcome::partial);
    CHECK(parse("bytes=0-0,2-2,4-4", 10, 2).result() == outcome::whole);
    CHECK(parse("bytes=0-0", 10, 0).result() == outcome::whole);
}

TEST_CASE("Content-Range is written (RFC 9110, 14.4)") {
    CHECK(content_range::of({.first = 42, .bytes = 1'192}, 1'234).text() == "bytes 42-1233/1234");
    CHECK(content_range::of({.first = 0, .bytes = 1}, 1).text() == "bytes 0-0/1");
    CHECK(content_range::unsatisfied(1'234).text() == "bytes */1234");
    CHECK(content_range::unsatisfied(0).text() == "bytes */0");
    constexpr std::uint64_t huge = std::numeric_limits<std::uint64_t>::max();
    CHECK(content_range::of({.first = huge - 2, .bytes = 2}, huge).text() ==
          "bytes 18446744073709551613-18446744073709551614/18446744073709551615");
}

TEST_SUITE_END();
