#include "protocols/http/files/byte_range.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <limits>
#include <optional>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/header_field.hpp"

namespace rouse::http {
namespace {

constexpr std::string_view unit = "bytes=";
constexpr std::uint64_t position_max = std::numeric_limits<std::uint64_t>::max();

// One member of a range set: what is asked for, whatever the size of the file.
struct range_spec {
    std::optional<std::uint64_t> first;
    std::optional<std::uint64_t> last;  // Without `first`: how many bytes from the end.
};

// RFC 9110, 14.1.1: 1*DIGIT. What is too large to count is beyond the end of any file.
std::optional<std::uint64_t> parse_position(std::string_view digits) noexcept {
    if (digits.empty() || !std::ranges::all_of(digits, is_digit)) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    const auto [stopped, status] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return status == std::errc() ? value : position_max;
}

// RFC 9110, 14.1.1: int-range or suffix-range. One that ends before it begins is invalid.
std::optional<range_spec> parse_spec(std::string_view text) noexcept {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos || text.size() == 1) {
        return std::nullopt;
    }
    const std::string_view before = text.substr(0, dash);
    const std::string_view after = text.substr(dash + 1);
    const range_spec spec{.first = parse_position(before), .last = parse_position(after)};
    const bool is_malformed = (!before.empty() && !spec.first) || (!after.empty() && !spec.last);
    const bool is_backward = spec.first && spec.last && *spec.last < *spec.first;
    return is_malformed || is_backward ? std::nullopt : std::optional(spec);
}

// RFC 9110, 14.1.2: without bytes when it cannot be satisfied. The file is not empty.
byte_range resolve(const range_spec& spec, std::uint64_t file_bytes) noexcept {
    if (!spec.first) {
        const std::uint64_t bytes = std::min(*spec.last, file_bytes);
        return {.first = file_bytes - bytes, .bytes = bytes};
    }
    if (*spec.first >= file_bytes) {
        return {};
    }
    const std::uint64_t last = std::min(spec.last.value_or(position_max), file_bytes - 1);
    return {.first = *spec.first, .bytes = last - *spec.first + 1};
}

bool touch(byte_range left, byte_range right) noexcept {
    return left.first <= right.first + right.bytes && right.first <= left.first + left.bytes;
}

byte_range joined(byte_range left, byte_range right) noexcept {
    const std::uint64_t first = std::min(left.first, right.first);
    const std::uint64_t end = std::max(left.first + left.bytes, right.first + right.bytes);
    return {.first = first, .bytes = end - first};
}

}  // namespace

// RFC 9110, 15.3.7.2: ranges that overlap or touch may be coalesced. What is there is disjoint, so
// a range grows by each that it touches, and that is all; the first of these gives the place.
void byte_ranges::add(byte_range range) noexcept {
    const std::span<byte_range> present(ranges_.data(), count_);
    const auto touches = [range](byte_range other) { return touch(other, range); };
    const auto place = std::ranges::find_if(present, touches);
    if (place == present.end()) {
        ranges_[count_++] = range;
        return;
    }
    for (const byte_range other : present) {
        range = touches(other) ? joined(range, other) : range;
    }
    const auto removed = std::ranges::remove_if(std::next(place), present.end(), touches);
    *place = range;
    count_ -= removed.size();
}

byte_ranges parse_byte_ranges(std::string_view field, std::uint64_t file_bytes,
                              std::size_t ranges_max) noexcept {
    assert(ranges_max <= byte_ranges_max);
    // RFC 9110, 14.1: names of units have no case. 14.2: an unknown unit is ignored.
    if (!equals_ignoring_case(field.substr(0, unit.size()), unit)) {
        return {};
    }
    byte_ranges found;
    std::size_t count = 0;
    std::uint64_t wanted_bytes = 0;
    bool has_suffix = false;
    std::string_view rest = field.substr(unit.size());
    for (std::string_view member = next_list_member(rest); !member.empty();
         member = next_list_member(rest)) {
        const std::optional<range_spec> spec = parse_spec(member);
        // RFC 9110, 14.2: what is invalid, or many small ranges, may be ignored.
        if (!spec || ++count > std::min(ranges_max, byte_ranges_max)) {
            return {};
        }
        has_suffix = has_suffix || (!spec->first && *spec->last > 0);
        const byte_range range = file_bytes > 0 ? resolve(*spec, file_bytes) : byte_range{};
        if (range.bytes > file_bytes - wanted_bytes) {
            return {};
        }
        wanted_bytes += range.bytes;
        if (range.bytes > 0) {
            found.add(range);
        }
    }
    // RFC 9110, 14.1.2: a suffix that is not 0 can be satisfied, even by an empty file.
    if (count == 0 || (file_bytes == 0 && has_suffix)) {
        return {};
    }
    found.outcome_ =
        found.count_ > 0 ? byte_ranges::outcome::partial : byte_ranges::outcome::unsatisfiable;
    return found;
}

content_range content_range::of(byte_range range, std::uint64_t file_bytes) noexcept {
    assert(range.bytes > 0 && range.first < file_bytes && range.bytes <= file_bytes - range.first);
    content_range made;
    made.append("bytes ");
    made.append(range.first);
    made.append("-");
    made.append(range.first + range.bytes - 1);
    made.append("/");
    made.append(file_bytes);
    return made;
}

content_range content_range::unsatisfied(std::uint64_t file_bytes) noexcept {
    content_range made;
    made.append("bytes */");
    made.append(file_bytes);
    return made;
}

void content_range::append(std::string_view text) noexcept {
    size_ += text.copy(text_.data() + size_, text_.size() - size_);
}

void content_range::append(std::uint64_t number) noexcept {
    const char* const end =
        std::to_chars(text_.data() + size_, text_.data() + text_.size(), number).ptr;
    size_ = static_cast<std::size_t>(end - text_.data());
}

}  // namespace rouse::http
