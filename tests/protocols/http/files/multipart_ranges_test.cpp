#include "protocols/http/files/multipart_ranges.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

using namespace rouse::http;

namespace {

std::string body_of(const multipart_ranges& plan, std::string_view file) {
    std::string body;
    for (std::size_t index = 0; index < plan.ranges().size(); ++index) {
        const byte_range range = plan.ranges()[index];
        body += plan.part_head(index);
        body += file.substr(range.first, range.bytes);
    }
    return body + plan.closing();
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/files/multipart_ranges");

TEST_CASE("the body is as RFC 9110, 14.6 has it, of the length that was said") {
    const std::vector<byte_range> ranges = {{0, 2}, {8, 2}};
    const multipart_ranges plan(ranges, 10, "text/plain; charset=utf-8", "THIS_SEPARATES");
    CHECK(plan.content_type() == "multipart/byteranges; boundary=THIS_SEPARATES");
    const std::string body = body_of(plan, "0123456789");
    CHECK(body ==
          "--THIS_SEPARATES\r\n"
          "Content-Type: text/plain; charset=utf-8\r\n"
          "Content-Range: bytes 0-1/10\r\n\r\n"
          "01\r\n"
          "--THIS_SEPARATES\r\n"
          "Content-Type: text/plain; charset=utf-8\r\n"
          "Content-Range: bytes 8-9/10\r\n\r\n"
          "89\r\n"
          "--THIS_SEPARATES--\r\n");
    CHECK(plan.content_length() == body.size());
}

TEST_CASE("without a media type the parts have none") {
    const std::vector<byte_range> ranges = {{8, 1}, {0, 1}, {2, 3}};
    const multipart_ranges plan(ranges, 10, "", "x");
    const std::string body = body_of(plan, "0123456789");
    CHECK(body ==
          "--x\r\nContent-Range: bytes 8-8/10\r\n\r\n8"
          "\r\n--x\r\nContent-Range: bytes 0-0/10\r\n\r\n0"
          "\r\n--x\r\nContent-Range: bytes 2-4/10\r\n\r\n234"
          "\r\n--x--\r\n");
    CHECK(plan.content_length() == body.size());
}

TEST_CASE("the most and longest parts have a length too, without their bytes") {
    constexpr std::uint64_t file_bytes = 1ULL << 62U;
    std::vector<byte_range> ranges;
    std::uint64_t expected = 0;
    for (std::uint64_t index = 0; index < byte_ranges_max; ++index) {
        ranges.push_back({.first = index << 58U, .bytes = (1ULL << 58U) - 1});
        expected += ranges.back().bytes;
    }
    const multipart_ranges plan(ranges, file_bytes, "video/mp4",
                                std::string(boundary_bytes_max, 'b'));
    REQUIRE(plan.ranges().size() == byte_ranges_max);
    for (std::size_t index = 0; index < byte_ranges_max; ++index) {
        expected += plan.part_head(index).size();
    }
    CHECK(plan.content_length() == expected + plan.closing().size());
}

TEST_CASE("a boundary needs no quotes and is not too long (RFC 2046, 5.1.1)") {
    CHECK(is_boundary("a"));
    CHECK(is_boundary("azAZ09-_"));
    CHECK(is_boundary(std::string(70, 'a')));
    CHECK_FALSE(is_boundary(std::string(71, 'a')));
    for (const char* text : {"", " ", "a b", "a:b", "a\"", "a/b", "a=b", "a\r\n", "\xc3\xa9"}) {
        CHECK_FALSE(is_boundary(text));
    }
}

TEST_SUITE_END();
