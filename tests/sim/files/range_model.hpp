#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rouse::sim {

/// One range of a Range; without `first` the last bytes. RFC 9110, 14.1.1.
struct range_asked {
    std::optional<std::uint64_t> first;
    std::optional<std::uint64_t> last;
};

/// Bytes of a representation.
struct range_part {
    std::uint64_t first = 0;
    std::uint64_t bytes = 0;

    [[nodiscard]] bool operator==(const range_part&) const noexcept = default;
};

/// What a list of ranges comes to for so many bytes: all of them without parts.
struct ranges_due {
    bool is_unsatisfiable = false;
    std::vector<range_part> parts;
};

/// As byte_range.hpp promises it, found in another way.
[[nodiscard]] ranges_due ranges_of(std::span<const range_asked> asked, std::uint64_t size);

/// "bytes=0-9,-5"
[[nodiscard]] std::string to_text(std::span<const range_asked> asked);
/// "bytes 0-99/1234", of a part of so many bytes.
[[nodiscard]] std::string content_range_text(range_part part, std::uint64_t size);

}  // namespace rouse::sim
