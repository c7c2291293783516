#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace rouse::http {

/// How many ranges one request may list; with more it gets the whole file.
inline constexpr std::size_t byte_ranges_max = 16;

/// Bytes of a file; never none.
struct byte_range {
    std::uint64_t first = 0;  ///< Offset of the first byte.
    std::uint64_t bytes = 0;

    [[nodiscard]] bool operator==(const byte_range&) const noexcept = default;
};

/// What a Range comes to for a file of a certain size.
class byte_ranges {
   public:
    enum class outcome : std::uint8_t {
        whole,          ///< Answer as if there were no Range: 200.
        partial,        ///< 206: one range, or several as multipart/byteranges.
        unsatisfiable,  ///< 416, with content_range::unsatisfied. RFC 9110, 15.5.17.
    };

    [[nodiscard]] outcome result() const noexcept { return outcome_; }

    /// When partial: one or more, disjoint, with a gap between any two, in the order in which they
    /// were asked for (RFC 9110, 15.3.7.2). Else empty.
    [[nodiscard]] std::span<const byte_range> ranges() const noexcept {
        return {ranges_.data(), count_};
    }

   private:
    friend byte_ranges parse_byte_ranges(std::string_view field, std::uint64_t file_bytes,
                                         std::size_t ranges_max) noexcept;

    void add(byte_range range) noexcept;

    outcome outcome_ = outcome::whole;
    std::size_t count_ = 0;
    std::array<byte_range, byte_ranges_max> ranges_{};
};

/// Reads the value of a Range, "bytes=0-99,200-,-50", for a file of `file_bytes`. Ranges that
/// overlap or touch become one, in the place of the first of them. The whole file is the answer to
/// another unit, to what is malformed, to more than `ranges_max` (at most byte_ranges_max) ranges,
/// and to ranges that together ask for more bytes than the file has; also to a suffix of an empty
/// file, which no Content-Range can describe. See RFC 9110, 14.1.2 and 14.2.
[[nodiscard]] byte_ranges parse_byte_ranges(std::string_view field, std::uint64_t file_bytes,
                                            std::size_t ranges_max = byte_ranges_max) noexcept;

/// The value of a Content-Range, in a buffer of its own. See RFC 9110, 14.4.
class content_range {
   public:
    /// "bytes 0-99/1234"
    [[nodiscard]] static content_range of(byte_range range, std::uint64_t file_bytes) noexcept;
    /// "bytes */1234", for 416.
    [[nodiscard]] static content_range unsatisfied(std::uint64_t file_bytes) noexcept;

    [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }

   private:
    void append(std::string_view text) noexcept;
    void append(std::uint64_t number) noexcept;

    // "bytes ", three numbers of at most 20 digits, '-' and '/'.
    std::array<char, 6 + 3 * 20 + 2> text_{};
    std::size_t size_ = 0;
};

}  // namespace rouse::http
