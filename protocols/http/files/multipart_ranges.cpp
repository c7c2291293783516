#include "protocols/http/files/multipart_ranges.hpp"

#include <algorithm>
#include <cassert>

#include "protocols/http/byte_class.hpp"

namespace rouse::http {
namespace {

// RFC 2046, 5.1.1: the line break before a delimiter is part of it. The first has none: nothing
// stands before it.
constexpr std::string_view line_end = "\r\n";
constexpr std::string_view dashes = "--";
constexpr std::string_view content_type_name = "Content-Type: ";
constexpr std::string_view content_range_name = "Content-Range: ";

}  // namespace

bool is_boundary(std::string_view text) noexcept {
    return !text.empty() && text.size() <= boundary_bytes_max &&
           std::ranges::all_of(text, [](char byte) {
               return is_in(byte, byte_class::alphanumeric) || byte == '-' || byte == '_';
           });
}

multipart_ranges::multipart_ranges(std::span<const byte_range> ranges, std::uint64_t file_bytes,
                                   std::string_view media_type, std::string_view boundary) noexcept
    : count_(std::min(ranges.size(), byte_ranges_max)),
      file_bytes_(file_bytes),
      media_type_(media_type) {
    assert(ranges.size() > 1 && ranges.size() <= byte_ranges_max && is_boundary(boundary));
    std::ranges::copy(ranges.first(count_), ranges_.begin());
    boundary_bytes_ = boundary.copy(boundary_.data(), boundary_.size());
}

std::string multipart_ranges::content_type() const {
    return std::string("multipart/byteranges; boundary=").append(boundary());
}

std::uint64_t multipart_ranges::content_length() const noexcept {
    // "--boundary\r\n", the fields with their line ends, "\r\n"; "\r\n" before all but the first.
    std::uint64_t head_bytes = dashes.size() + boundary_bytes_ + line_end.size() +
                               content_range_name.size() + 2 * line_end.size();
    if (!media_type_.empty()) {
        head_bytes += content_type_name.size() + media_type_.size() + line_end.size();
    }
    std::uint64_t total = count_ * head_bytes + (count_ - 1) * line_end.size();
    for (const byte_range range : ranges()) {
        total += content_range::of(range, file_bytes_).text().size() + range.bytes;
    }
    // "\r\n--boundary--\r\n"
    return total + 2 * line_end.size() + 2 * dashes.size() + boundary_bytes_;
}

std::string multipart_ranges::part_head(std::size_t index) const {
    assert(index < count_);
    std::string made;
    made.append(index == 0 ? "" : line_end).append(dashes).append(boundary()).append(line_end);
    if (!media_type_.empty()) {
        made.append(content_type_name).append(media_type_).append(line_end);
    }
    made.append(content_range_name).append(content_range::of(ranges_[index], file_bytes_).text());
    return made.append(line_end).append(line_end);
}

std::string multipart_ranges::closing() const {
    std::string made(line_end);
    return made.append(dashes).append(boundary()).append(dashes).append(line_end);
}

}  // namespace rouse::http
