#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/http/files/byte_range.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/reference_text.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::http;
using rouse::fuzz::byte_reader;
using rouse::fuzz::exact_copy;
using rouse::fuzz::lower;
using rouse::fuzz::require;
using rouse::fuzz::split;
using rouse::fuzz::trimmed;
using outcome = byte_ranges::outcome;

// One range set, byte by byte: for each spec, which bytes of the file it asks for.
struct reference {
    outcome result = outcome::whole;
    std::vector<std::vector<bool>> asked;
};

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string_view without_zeros(std::string_view digits) {
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
    return digits;
}

bool is_less(std::string_view left, std::string_view right) {
    left = without_zeros(left);
    right = without_zeros(right);
    return left.size() != right.size() ? left.size() < right.size() : left < right;
}

// The bytes that one spec asks for; empty when it is malformed.
std::optional<std::vector<bool>> bytes_of(std::string_view spec, std::size_t file_bytes) {
    const std::vector<std::string_view> ends = split(spec, '-');
    if (ends.size() != 2 || (ends[0].empty() && ends[1].empty()) ||
        (!ends[0].empty() && !is_number(ends[0])) || (!ends[1].empty() && !is_number(ends[1])) ||
        (!ends[0].empty() && !ends[1].empty() && is_less(ends[1], ends[0]))) {
        return std::nullopt;
    }
    std::vector<bool> bytes(file_bytes);
    for (std::size_t at = 0; at < file_bytes; ++at) {
        const std::string place = std::to_string(at);
        const std::string from_end = std::to_string(file_bytes - at);
        bytes[at] = ends[0].empty()
                        ? !is_less(ends[1], from_end)
                        : !is_less(place, ends[0]) && (ends[1].empty() || !is_less(ends[1], place));
    }
    return bytes;
}

reference read(std::string_view field, std::size_t file_bytes, std::size_t ranges_max) {
    reference made;
    if (!lower(field).starts_with("bytes=")) {
        return {};
    }
    std::size_t sum = 0;
    bool has_suffix = false;
    for (const std::string_view part : split(field.substr(6), ',')) {
        const std::string_view spec = trimmed(part);
        if (spec.empty()) {
            continue;
        }
        const auto bytes = bytes_of(spec, file_bytes);
        if (!bytes) {
            return {};
        }
        sum += static_cast<std::size_t>(std::ranges::count(*bytes, true));
        has_suffix = has_suffix || (spec.starts_with('-') && without_zeros(spec.substr(1)) != "0");
        made.asked.push_back(*bytes);
    }
    if (made.asked.empty() || made.asked.size() > ranges_max || sum > file_bytes ||
        (file_bytes == 0 && has_suffix)) {
        return {};
    }
    made.result = sum > 0 ? outcome::partial : outcome::unsatisfiable;
    return made;
}

// The runs of bytes that any spec asks for, in the order of the first spec in each.
std::vector<byte_range> runs_of(const reference& from, std::size_t file_bytes) {
    std::vector<std::pair<std::size_t, byte_range>> runs;
    bool goes_on = false;
    for (std::size_t at = 0; at < file_bytes; ++at) {
        std::size_t first_spec = from.asked.size();
        for (std::size_t spec = from.asked.size(); spec-- > 0;) {
            first_spec = from.asked[spec][at] ? spec : first_spec;
        }
        if (first_spec == from.asked.size()) {
            goes_on = false;
            continue;
        }
        if (!goes_on) {
            runs.push_back({first_spec, {.first = at, .bytes = 0}});
        }
        goes_on = true;
        runs.back().first = std::min(runs.back().first, first_spec);
        ++runs.back().second.bytes;
    }
    std::ranges::sort(runs, {}, &std::pair<std::size_t, byte_range>::first);
    std::vector<byte_range> ranges;
    for (const auto& [spec, range] : runs) {
        ranges.push_back(range);
    }
    return ranges;
}

void check_small(std::string_view field, std::size_t file_bytes, std::size_t ranges_max) {
    const byte_ranges parsed = parse_byte_ranges(field, file_bytes, ranges_max);
    const reference expected = read(field, file_bytes, ranges_max);
    require(parsed.result() == expected.result);
    if (expected.result == outcome::partial) {
        require(std::ranges::equal(parsed.ranges(), runs_of(expected, file_bytes)));
    } else {
        require(parsed.ranges().empty());
    }
}

// What holds for files of any size; what is written is read again.
void check_any(std::string_view field, std::uint64_t file_bytes) {
    const byte_ranges parsed = parse_byte_ranges(field, file_bytes);
    std::string again = "bytes=";
    std::uint64_t total = 0;
    for (const byte_range& range : parsed.ranges()) {
        require(range.bytes > 0 && range.first < file_bytes &&
                range.bytes <= file_bytes - range.first);
        total += range.bytes;
        for (const byte_range& other : parsed.ranges()) {
            require(&other == &range || other.first > range.first + range.bytes ||
                    range.first > other.first + other.bytes);
        }
        const std::string text(content_range::of(range, file_bytes).text());
        require(text.starts_with("bytes ") && text.ends_with("/" + std::to_string(file_bytes)));
        again += text.substr(6, text.find('/') - 6) + ",";
    }
    require(total <= file_bytes);
    if (parsed.result() == outcome::partial) {
        const byte_ranges second = parse_byte_ranges(again, file_bytes);
        require(std::ranges::equal(parsed.ranges(), second.ranges()));
    }
}

}  // namespace

// The bound of the number of ranges, the size of the file in two bytes, then the field.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    byte_reader input(data, size);
    const std::size_t ranges_max = input.below(byte_ranges_max + 1);
    const auto scale = input.number<std::uint16_t>();
    const exact_copy field(input.rest());
    check_small(field.text(), scale % 600U, ranges_max);
    check_any(field.text(), std::uint64_t{scale} << 48U | scale);
    check_any(field.text(), scale);
    return 0;
}
