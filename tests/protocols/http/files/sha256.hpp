#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rouse::test {

namespace detail {

// The bits behind the point of a root of a prime: FIPS 180-4, 4.2.2 and 5.3.3.
inline std::uint32_t root_bits(long double root) noexcept {
    const auto whole = static_cast<std::uint64_t>(root);
    return static_cast<std::uint32_t>((root - static_cast<long double>(whole)) * 0x1p32L);
}

// By Newton's steps, so that no library rounds another way.
inline long double root_of(long double value, int degree) noexcept {
    long double root = value;
    for (int step = 0; step < 64; ++step) {
        const long double power = degree == 2 ? root : root * root;
        root -= (power * root - value) / (static_cast<long double>(degree) * power);
    }
    return root;
}

inline std::array<unsigned, 64> first_primes() noexcept {
    std::array<unsigned, 64> primes{};
    std::size_t count = 0;
    for (unsigned candidate = 2; count < primes.size(); ++candidate) {
        bool is_prime = true;
        for (unsigned divisor = 2; divisor * divisor <= candidate; ++divisor) {
            is_prime = is_prime && candidate % divisor != 0;
        }
        if (is_prime) {
            primes[count++] = candidate;
        }
    }
    return primes;
}

inline void digest_block(std::array<std::uint32_t, 8>& state, std::string_view block) noexcept {
    static const std::array<unsigned, 64> primes = first_primes();
    std::array<std::uint32_t, 64> words{};
    for (std::size_t index = 0; index < block.size(); ++index) {
        words[index / 4] = words[index / 4] << 8U | static_cast<unsigned char>(block[index]);
    }
    for (std::size_t index = 16; index < words.size(); ++index) {
        const std::uint32_t early = words[index - 15];
        const std::uint32_t late = words[index - 2];
        words[index] = words[index - 16] + words[index - 7] +
                       (std::rotr(early, 7) ^ std::rotr(early, 18) ^ early >> 3U) +
                       (std::rotr(late, 17) ^ std::rotr(late, 19) ^ late >> 10U);
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t index = 0; index < words.size(); ++index) {
        const auto prime = static_cast<long double>(primes[index]);
        const std::uint32_t first = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                                    ((e & f) ^ (~e & g)) + root_bits(root_of(prime, 3)) +
                                    words[index];
        const std::uint32_t second =
            (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + first;
        d = c;
        c = b;
        b = a;
        a = first + second;
    }
    const std::array<std::uint32_t, 8> added = {a, b, c, d, e, f, g, h};
    for (std::size_t index = 0; index < state.size(); ++index) {
        state[index] += added[index];
    }
}

}  // namespace detail

/// SHA-256 in the plainest way, in base64, as a Content-Security-Policy has it. See FIPS 180-4.
[[nodiscard]] inline std::string sha256_base64(std::string text) {
    std::array<std::uint32_t, 8> state{};
    for (std::size_t index = 0; index < state.size(); ++index) {
        const auto prime = static_cast<long double>(detail::first_primes()[index]);
        state[index] = detail::root_bits(detail::root_of(prime, 2));
    }
    const std::uint64_t bits = std::uint64_t{text.size()} * 8;
    text.push_back('\x80');
    text.append((120 - text.size() % 64) % 64, '\0');
    for (unsigned shift = 64; shift > 0; shift -= 8) {
        text.push_back(static_cast<char>(bits >> (shift - 8)));
    }
    for (std::size_t at = 0; at < text.size(); at += 64) {
        detail::digest_block(state, std::string_view(text).substr(at, 64));
    }
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto bit = [&state](std::size_t index) {
        return index < 256 ? state[index / 32] >> (31 - index % 32) & 1U : 0U;
    };
    std::string encoded;
    for (std::size_t at = 0; at < 256; at += 6) {
        unsigned value = 0;
        for (std::size_t index = at; index < at + 6; ++index) {
            value = value << 1U | bit(index);
        }
        encoded.push_back(letters[value]);
    }
    return encoded + "=";
}

}  // namespace rouse::test
