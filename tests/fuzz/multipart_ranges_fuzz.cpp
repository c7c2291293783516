#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/http/files/multipart_ranges.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::http;
using rouse::fuzz::byte_reader;
using rouse::fuzz::require;

// What a client takes out of a body.
struct received_part {
    std::vector<std::string> fields;
    std::string content;
};

std::string take_until(std::string_view& rest, std::string_view end) {
    const std::size_t at = rest.find(end);
    require(at != std::string_view::npos);
    std::string taken(rest.substr(0, at));
    rest.remove_prefix(at + end.size());
    return taken;
}

// Reads a multipart body as RFC 2046, 5.1.1 has it: a delimiter begins a line, and the line break
// before it belongs to it.
std::vector<received_part> read_parts(const std::string& body, const std::string& boundary) {
    std::vector<received_part> parts;
    const std::string whole = "\r\n" + body;
    std::string_view rest = whole;
    const std::string delimiter = "\r\n--" + boundary;
    require(take_until(rest, delimiter).empty());
    while (!rest.starts_with("--")) {
        require(take_until(rest, "\r\n").empty());
        received_part part;
        for (std::string field = take_until(rest, "\r\n"); !field.empty();
             field = take_until(rest, "\r\n")) {
            part.fields.push_back(field);
        }
        part.content = take_until(rest, delimiter);
        parts.push_back(std::move(part));
    }
    require(rest == "--\r\n");
    return parts;
}

void check(const std::string& file, std::string_view media_type, const std::string& boundary,
           std::string_view field) {
    const byte_ranges parsed = parse_byte_ranges(field, file.size());
    if (parsed.ranges().size() < 2) {
        return;
    }
    const multipart_ranges plan(parsed.ranges(), file.size(), media_type, boundary);
    require(std::ranges::equal(plan.ranges(), parsed.ranges()));
    require(plan.content_type() == "multipart/byteranges; boundary=" + boundary);
    std::string body;
    for (std::size_t index = 0; index < plan.ranges().size(); ++index) {
        const byte_range range = plan.ranges()[index];
        body += plan.part_head(index) + file.substr(range.first, range.bytes);
    }
    body += plan.closing();
    require(body.size() == plan.content_length());
    if (file.find("--" + boundary) != std::string::npos) {
        return;  // It would be random, and so in no file.
    }
    const std::vector<received_part> parts = read_parts(body, boundary);
    require(parts.size() == plan.ranges().size());
    for (std::size_t index = 0; index < parts.size(); ++index) {
        const byte_range range = plan.ranges()[index];
        std::vector<std::string> expected;
        if (!media_type.empty()) {
            expected.push_back("Content-Type: " + std::string(media_type));
        }
        expected.push_back("Content-Range: bytes " + std::to_string(range.first) + "-" +
                           std::to_string(range.first + range.bytes - 1) + "/" +
                           std::to_string(file.size()));
        require(parts[index].fields == expected);
        require(parts[index].content == file.substr(range.first, range.bytes));
    }
}

}  // namespace

// Flags, a boundary in a counted text, pairs of numbers that become ranges, NUL; then the file,
// over and over, as often as the flags say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    byte_reader input(data, size);
    const std::string_view media_type = input.flag() ? "text/plain; charset=utf-8" : "";
    const std::size_t times = input.below(64) + 1;
    std::string boundary(input.counted_text().substr(0, boundary_bytes_max));
    std::ranges::replace_if(boundary, [](char byte) { return !is_boundary({&byte, 1}); }, '-');
    if (boundary.empty()) {
        boundary = "b";
    }
    require(is_boundary(boundary));
    std::string field = "bytes=";
    for (std::size_t count = input.below(byte_ranges_max + 2); count > 0; --count) {
        const std::size_t first = input.number<std::uint16_t>() % 2'048U;
        field += std::to_string(first) + "-" + std::to_string(first + input.below(200)) + ",";
    }
    const std::string_view content = input.rest();
    std::string file;
    for (std::size_t copy = 0; copy < times; ++copy) {
        file += content;
    }
    check(file, media_type, boundary, field);
    return 0;
}
