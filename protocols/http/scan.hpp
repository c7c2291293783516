#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "protocols/http/byte_class.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Finds where a run of permitted bytes ends: the inner loops of the request parser. Each function
/// answers the first byte in [begin, end) that is not permitted, or `end`; none reads outside.
/// `portable` is the meaning, byte by byte; `sse2` gives the same answers 16 bytes at a time, and
/// is there on every x86-64.
namespace rouse::http::scan {

namespace portable {

[[nodiscard]] inline const char* find_end(const char* begin, const char* end,
                                          std::uint8_t permitted) noexcept {
    while (begin != end && is_in(*begin, permitted)) {
        ++begin;
    }
    return begin;
}

/// The end of a method or a field name.
[[nodiscard]] inline const char* find_token_end(const char* begin, const char* end) noexcept {
    return find_end(begin, end, byte_class::token);
}

/// The end of a request target.
[[nodiscard]] inline const char* find_target_end(const char* begin, const char* end) noexcept {
    return find_end(begin, end, byte_class::target);
}

/// The end of what stands before the query in a request target: as find_target_end, and '?' ends it
/// too.
[[nodiscard]] inline const char* find_path_end(const char* begin, const char* end) noexcept {
    while (begin != end && is_in(*begin, byte_class::target) && *begin != '?') {
        ++begin;
    }
    return begin;
}

/// The end of a field value: normally the CR of its line.
[[nodiscard]] inline const char* find_value_end(const char* begin, const char* end) noexcept {
    return find_end(begin, end, byte_class::field_value);
}

}  // namespace portable

#if defined(__SSE2__)

namespace sse2 {

inline constexpr std::ptrdiff_t block_bytes = 16;

namespace detail {

[[nodiscard]] inline __m128i load(const char* at) noexcept {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

[[nodiscard]] inline __m128i all(int byte) noexcept {
    return _mm_set1_epi8(static_cast<char>(byte));
}

// SSE2 compares bytes as signed numbers only; the unsigned minimum gives an unsigned "at most".
[[nodiscard]] inline __m128i at_most(__m128i bytes, int bound) noexcept {
    return _mm_cmpeq_epi8(_mm_min_epu8(bytes, all(bound)), bytes);
}

[[nodiscard]] inline unsigned to_bits(__m128i truths) noexcept {
    return static_cast<unsigned>(_mm_movemask_epi8(truths));
}

// Bytes from 0x80 are negative as signed numbers, so one comparison finds them with the controls,
// SP, '"' and '#'.
[[nodiscard]] inline unsigned not_target(__m128i bytes) noexcept {
    const __m128i low_or_high = _mm_cmplt_epi8(bytes, all('$'));
    const __m128i exclamation = _mm_cmpeq_epi8(bytes, all('!'));
    const __m128i angle = _mm_cmpeq_epi8(_mm_or_si128(bytes, all(0x02)), all('>'));
    const __m128i del = _mm_cmpeq_epi8(bytes, all(0x7f));
    return to_bits(
        _mm_or_si128(_mm_andnot_si128(exclamation, low_or_high), _mm_or_si128(angle, del)));
}

[[nodiscard]] inline unsigned not_path(__m128i bytes) noexcept {
    return not_target(bytes) | to_bits(_mm_cmpeq_epi8(bytes, all('?')));
}

[[nodiscard]] inline unsigned not_value(__m128i bytes) noexcept {
    const __m128i control = at_most(bytes, 0x1f);
    const __m128i tab = _mm_cmpeq_epi8(bytes, all('\t'));
    const __m128i del = _mm_cmpeq_epi8(bytes, all(0x7f));
    return to_bits(_mm_or_si128(_mm_andnot_si128(tab, control), del));
}

// Letters, digits and '-' only: the rest of tchar is rare, and left to the table.
[[nodiscard]] inline unsigned not_plain_token(__m128i bytes) noexcept {
    const __m128i lower = _mm_or_si128(bytes, all(0x20));
    const __m128i letter = at_most(_mm_sub_epi8(lower, all('a')), 'z' - 'a');
    const __m128i digit = at_most(_mm_sub_epi8(bytes, all('0')), 9);
    const __m128i dash = _mm_cmpeq_epi8(bytes, all('-'));
    return to_bits(_mm_or_si128(_mm_or_si128(letter, digit), dash)) ^ 0xffffU;
}

[[nodiscard]] inline const char* at_first(const char* block, unsigned bits) noexcept {
    return block + std::countr_zero(bits);
}

}  // namespace detail

[[nodiscard]] inline const char* find_token_end(const char* begin, const char* end) noexcept {
    while (end - begin >= block_bytes) {
        const unsigned found = detail::not_plain_token(detail::load(begin));
        if (found == 0) {
            begin += block_bytes;
            continue;
        }
        begin = detail::at_first(begin, found);
        if (!is_in(*begin, byte_class::token)) [[likely]] {
            return begin;
        }
        ++begin;
    }
    return portable::find_token_end(begin, end);
}

[[nodiscard]] inline const char* find_target_end(const char* begin, const char* end) noexcept {
    for (; end - begin >= block_bytes; begin += block_bytes) {
        if (const unsigned found = detail::not_target(detail::load(begin)); found != 0) {
            return detail::at_first(begin, found);
        }
    }
    return portable::find_target_end(begin, end);
}

[[nodiscard]] inline const char* find_path_end(const char* begin, const char* end) noexcept {
    for (; end - begin >= block_bytes; begin += block_bytes) {
        if (const unsigned found = detail::not_path(detail::load(begin)); found != 0) {
            return detail::at_first(begin, found);
        }
    }
    return portable::find_path_end(begin, end);
}

[[nodiscard]] inline const char* find_value_end(const char* begin, const char* end) noexcept {
    for (; end - begin >= block_bytes; begin += block_bytes) {
        if (const unsigned found = detail::not_value(detail::load(begin)); found != 0) {
            return detail::at_first(begin, found);
        }
    }
    return portable::find_value_end(begin, end);
}

}  // namespace sse2

using sse2::find_path_end;
using sse2::find_target_end;
using sse2::find_token_end;
using sse2::find_value_end;

#else

using portable::find_path_end;
using portable::find_target_end;
using portable::find_token_end;
using portable::find_value_end;

#endif

}  // namespace rouse::http::scan
