#include "protocols/http/scan_block.hpp"

#include <cassert>

#include "protocols/http/byte_class.hpp"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace rouse::http::scan {
namespace {

// The meaning, byte by byte.
field_stops find_stops_portable(const char* begin) noexcept {
    field_stops found{};
    for (std::size_t index = 0; index < block_bytes; ++index) {
        const char byte = begin[index];
        const bool is_plain = is_in(byte, byte_class::alphanumeric) || byte == '-';
        found.name |= std::uint64_t{!is_plain} << index;
        found.value |= std::uint64_t{!is_in(byte, byte_class::field_value)} << index;
    }
    return found;
}

#if defined(__SSE2__)

// On every x86-64.
namespace sse2 {

constexpr std::size_t register_bytes = 16;

__m128i all(int byte) noexcept {
    return _mm_set1_epi8(static_cast<char>(byte));
}

// SSE2 compares bytes as signed numbers only; the unsigned minimum gives an unsigned "at most".
__m128i at_most(__m128i bytes, int bound) noexcept {
    return _mm_cmpeq_epi8(_mm_min_epu8(bytes, all(bound)), bytes);
}

void add_stops(field_stops& found, const char* at, std::size_t index) noexcept {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + index));
    const __m128i tab = _mm_cmpeq_epi8(bytes, all('\t'));
    const __m128i del = _mm_cmpeq_epi8(bytes, all(0x7f));
    const __m128i control = _mm_or_si128(_mm_andnot_si128(tab, at_most(bytes, 0x1f)), del);
    const __m128i lower = _mm_or_si128(bytes, all(0x20));
    const __m128i letter = at_most(_mm_sub_epi8(lower, all('a')), 'z' - 'a');
    const __m128i digit = at_most(_mm_sub_epi8(bytes, all('0')), 9);
    const __m128i dash = _mm_cmpeq_epi8(bytes, all('-'));
    const __m128i plain = _mm_or_si128(_mm_or_si128(letter, digit), dash);
    const auto to_bits = [index](__m128i truths, unsigned flipped) {
        const auto bits = static_cast<unsigned>(_mm_movemask_epi8(truths)) ^ flipped;
        return std::uint64_t{bits} << index;
    };
    found.name |= to_bits(plain, 0xffffU);
    found.value |= to_bits(control, 0);
}

field_stops find_stops(const char* begin) noexcept {
    field_stops found{};
    add_stops(found, begin, 0);
    add_stops(found, begin, register_bytes);
    add_stops(found, begin, 2 * register_bytes);
    add_stops(found, begin, 3 * register_bytes);
    return found;
}

}  // namespace sse2

// Each function is compiled for AVX2 by itself, so that nothing that other paths share is.
namespace avx2 {

constexpr std::size_t register_bytes = 32;

[[gnu::target("avx2")]] inline __m256i all(int byte) noexcept {
    return _mm256_set1_epi8(static_cast<char>(byte));
}

[[gnu::target("avx2")]] inline __m256i at_most(__m256i bytes, int bound) noexcept {
    return _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, all(bound)), bytes);
}

[[gnu::target("avx2")]] inline std::uint64_t to_bits(__m256i truths) noexcept {
    return static_cast<unsigned>(_mm256_movemask_epi8(truths));
}

[[gnu::target("avx2")]] inline void add_stops(field_stops& found, const char* at,
                                              std::size_t index) noexcept {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + index));
    const __m256i tab = _mm256_cmpeq_epi8(bytes, all('\t'));
    const __m256i del = _mm256_cmpeq_epi8(bytes, all(0x7f));
    const __m256i control = _mm256_or_si256(_mm256_andnot_si256(tab, at_most(bytes, 0x1f)), del);
    const __m256i lower = _mm256_or_si256(bytes, all(0x20));
    const __m256i letter = at_most(_mm256_sub_epi8(lower, all('a')), 'z' - 'a');
    const __m256i digit = at_most(_mm256_sub_epi8(bytes, all('0')), 9);
    const __m256i dash = _mm256_cmpeq_epi8(bytes, all('-'));
    const __m256i plain = _mm256_or_si256(_mm256_or_si256(letter, digit), dash);
    found.name |= (to_bits(plain) ^ 0xffff'ffffU) << index;
    found.value |= to_bits(control) << index;
}

[[gnu::target("avx2")]] field_stops find_stops(const char* begin) noexcept {
    field_stops found{};
    add_stops(found, begin, 0);
    add_stops(found, begin, register_bytes);
    return found;
}

}  // namespace avx2

#endif

}  // namespace

find_stops_function find_stops_of(scan_path path) noexcept {
    assert(is_supported(path));
    switch (path) {
#if defined(__SSE2__)
        case scan_path::sse2:
            return sse2::find_stops;
        case scan_path::avx2:
            return avx2::find_stops;
#endif
        default:
            return find_stops_portable;
    }
}

}  // namespace rouse::http::scan
