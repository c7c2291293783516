#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rouse::http {

/// The most that write_chunk_head writes: 16 hexadecimal digits, CR and LF.
inline constexpr std::size_t chunk_head_bytes_max = 18;
/// What follows the data of every chunk.
inline constexpr std::string_view chunk_end = "\r\n";
/// What ends a chunked body: the chunk of size 0 and an empty trailer section.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

/// Writes the size line of a chunk of `size` bytes and returns where it ends; the data and
/// chunk_end are to follow. `size` is not 0, which would end the body. `out` has room for
/// chunk_head_bytes_max bytes. See RFC 9112, 7.1.
[[nodiscard]] inline char* write_chunk_head(char* out, std::uint64_t size) noexcept {
    constexpr int hexadecimal = 16;
    char* const end = std::to_chars(out, out + chunk_head_bytes_max - 2, size, hexadecimal).ptr;
    end[0] = '\r';
    end[1] = '\n';
    return end + 2;
}

}  // namespace rouse::http
