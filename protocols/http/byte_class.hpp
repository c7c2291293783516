#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rouse::http {

/// What a byte may be part of: bits of the table below.
namespace byte_class {
inline constexpr std::uint8_t token = 1;   ///< tchar: methods and field names. RFC 9110, 5.6.2.
inline constexpr std::uint8_t target = 2;  ///< A request target, see is_target_byte.
inline constexpr std::uint8_t field_value = 4;  ///< SP, HTAB, VCHAR and obs-text. RFC 9110, 5.5.
inline constexpr std::uint8_t host =
    8;  ///< uri-host and port without its brackets. RFC 3986, 3.2.2.
inline constexpr std::uint8_t alphanumeric = 16;  ///< ALPHA and DIGIT.
}  // namespace byte_class

namespace detail {

[[nodiscard]] constexpr bool is_any_of(unsigned byte, std::string_view set) noexcept {
    return byte < 0x80 && set.find(static_cast<char>(byte)) != std::string_view::npos;
}

[[nodiscard]] constexpr bool is_alphanumeric_byte(unsigned byte) noexcept {
    return (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= 'a' && byte <= 'z');
}

// Wider than RFC 3986 by what browsers send unescaped in a query (the URL Standard's query set):
// []\^`{|}. Nothing that ends a target or that only broken clients send: controls, SP, "#<>, DEL,
// bytes from 0x80.
[[nodiscard]] constexpr bool is_target_byte(unsigned byte) noexcept {
    return byte > 0x20 && byte < 0x7f && !is_any_of(byte, "\"#<>");
}

[[nodiscard]] constexpr std::array<std::uint8_t, 256> make_byte_classes() noexcept {
    std::array<std::uint8_t, 256> made{};
    for (unsigned byte = 0; byte < made.size(); ++byte) {
        const bool alphanumeric = is_alphanumeric_byte(byte);
        unsigned classes = 0;
        classes |= alphanumeric ? byte_class::alphanumeric : 0U;
        classes |= alphanumeric || is_any_of(byte, "!#$%&'*+-.^_`|~") ? byte_class::token : 0U;
        classes |= is_target_byte(byte) ? byte_class::target : 0U;
        classes |= byte == '\t' || (byte >= 0x20 && byte != 0x7f) ? byte_class::field_value : 0U;
        classes |= alphanumeric || is_any_of(byte, "-._~%!$&'()*+,;=") ? byte_class::host : 0U;
        made[byte] = static_cast<std::uint8_t>(classes);
    }
    return made;
}

inline constexpr std::array<std::uint8_t, 256> byte_classes = make_byte_classes();

}  // namespace detail

/// True when `byte` is in any of `classes`.
[[nodiscard]] constexpr bool is_in(char byte, std::uint8_t classes) noexcept {
    return (detail::byte_classes[static_cast<unsigned char>(byte)] & classes) != 0;
}

/// True when every byte of `text` is in any of `classes`; also for empty text.
[[nodiscard]] constexpr bool all_in(std::string_view text, std::uint8_t classes) noexcept {
    for (const char byte : text) {
        if (!is_in(byte, classes)) {
            return false;
        }
    }
    return true;
}

[[nodiscard]] constexpr bool is_digit(char byte) noexcept {
    return byte >= '0' && byte <= '9';
}

/// Of an ASCII letter; other bytes stay. Not tolower(3), which depends on the locale.
[[nodiscard]] constexpr char to_lower(char byte) noexcept {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte;
}

/// The value of a hexadecimal digit, or -1.
[[nodiscard]] constexpr int hex_value(char byte) noexcept {
    if (is_digit(byte)) {
        return byte - '0';
    }
    const int letter = byte | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

}  // namespace rouse::http
