#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocols/http/parse_failure.hpp"

namespace rouse::http {

/// More digits than this do not fit in 64 bits; leading zeros count.
inline constexpr std::size_t chunk_size_digits_max = 16;
/// Bytes of chunk extensions in one body, all chunks together: a sender pays for the bytes that it
/// makes us read.
inline constexpr std::size_t chunk_extension_bytes_max = 4'096;
/// Bytes of the trailer section of one body.
inline constexpr std::size_t trailer_bytes_max = 8'192;

enum class chunk_status : std::uint8_t {
    data,  ///< A piece of the body; there may be more in the input: call again with what was not
           ///< consumed.
    done,  ///< The body has ended; what was not consumed belongs to the next request.
    need_more,  ///< The input was consumed without reaching the end or a piece of the body.
    bad,        ///< See failure(). Final.
};

struct chunk_result {
    chunk_status status;
    std::size_t
        consumed;  ///< Bytes at the front of the input that are dealt with, `data` among them.
    std::string_view
        data;  ///< A view into the input; not empty when the status is `data`, else empty.
};

/// Decodes a chunked body (RFC 9112, 7.1): no I/O, no allocation, no copy; it can stop at any byte.
/// Chunk extensions are bounded and ignored; the trailer section is bounded, checked and dropped.
/// The size of the body is for the caller to bound.
class chunked_decoder {
   public:
    /// Decodes from the front of `in`, which begins where the last call's `consumed` ended.
    [[nodiscard]] chunk_result decode(std::string_view in) noexcept;

    /// After `bad`, what to answer before the connection closes.
    [[nodiscard]] parse_failure failure() const noexcept { return make_parse_failure(error_); }

    /// Makes it ready for the next body.
    void reset() noexcept { *this = chunked_decoder(); }

   private:
    // What the next byte is, in the order of the grammar.
    enum class state : std::uint8_t {
        size_first,
        size,
        before_extension,
        extension,
        size_lf,
        data,
        data_cr,
        data_lf,
        line_start,
        trailer_name,
        trailer_value,
        trailer_lf,
        end_lf,
        done,
        bad,
    };

    void take(char byte) noexcept;
    void take_size_digit(char byte) noexcept;
    void take_after_size(char byte) noexcept;
    void take_extension(char byte) noexcept;
    void take_trailer(char byte) noexcept;
    void expect(char byte, char wanted, state following, parse_error otherwise) noexcept;
    void fail(parse_error error) noexcept;

    std::uint64_t left_ = 0;  // Of the chunk; while its size is read, the number so far.
    std::uint32_t extension_bytes_ = 0;
    std::uint32_t trailer_bytes_ = 0;
    std::uint8_t size_digits_ = 0;
    state state_ = state::size_first;
    parse_error error_ = parse_error::none;
};

}  // namespace rouse::http
