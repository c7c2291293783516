#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "protocols/http/files/byte_range.hpp"

namespace rouse::http {

/// The longest boundary. See RFC 2046, 5.1.1.
inline constexpr std::size_t boundary_bytes_max = 70;

/// True for letters, digits, '-' and '_', 1 to boundary_bytes_max of them: what needs no quotes in
/// a Content-Type.
[[nodiscard]] bool is_boundary(std::string_view text) noexcept;

/// The plan of a multipart/byteranges body, whose length is known before any of it is sent. For
/// each part the text part_head, then the bytes of its range; in the end the text closing. See RFC
/// 9110, 14.6 and RFC 2046, 5.1.
class multipart_ranges {
   public:
    /// `ranges` are two or more, of one file of `file_bytes`; `boundary` is_boundary, and random,
    /// so that nobody can put it into a file. An empty `media_type`, the Content-Type of each part,
    /// is left out. The bytes of `media_type` must outlive the plan.
    multipart_ranges(std::span<const byte_range> ranges, std::uint64_t file_bytes,
                     std::string_view media_type, std::string_view boundary) noexcept;

    [[nodiscard]] std::span<const byte_range> ranges() const noexcept {
        return {ranges_.data(), count_};
    }

    /// Of the response: "multipart/byteranges; boundary=...". It has no Content-Range (RFC
    /// 9110, 15.3.7.2).
    [[nodiscard]] std::string content_type() const;

    /// Of the whole body.
    [[nodiscard]] std::uint64_t content_length() const noexcept;

    /// What stands before the bytes of ranges()[index].
    [[nodiscard]] std::string part_head(std::size_t index) const;

    /// What stands behind the bytes of the last range.
    [[nodiscard]] std::string closing() const;

   private:
    [[nodiscard]] std::string_view boundary() const noexcept {
        return {boundary_.data(), boundary_bytes_};
    }

    std::array<byte_range, byte_ranges_max> ranges_{};
    std::size_t count_;
    std::uint64_t file_bytes_;
    std::string_view media_type_;
    std::array<char, boundary_bytes_max> boundary_{};
    std::size_t boundary_bytes_;
};

}  // namespace rouse::http
