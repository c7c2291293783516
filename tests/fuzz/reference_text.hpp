#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// What the code under test does fast or in place, done again in the plainest way, to compare with.
namespace rouse::fuzz {

/// The parts between separators: one more than there are separators, none of empty text.
[[nodiscard]] inline std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t begin = 0; begin < text.size() || (begin == text.size() && begin > 0);) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return parts;
}

/// Without spaces and tabs around it.
[[nodiscard]] inline std::string_view trimmed(std::string_view text) noexcept {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

/// In lower case, ASCII letters only.
[[nodiscard]] inline std::string lower(std::string_view text) {
    std::string made(text);
    std::ranges::transform(made, made.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return made;
}

/// One character and how many bytes of UTF-8 it takes, which are 0 when there is none.
struct code_point {
    std::uint32_t value = 0;
    std::size_t bytes = 0;
};

/// What the text, which is not empty, begins with. See RFC 3629, 3.
[[nodiscard]] inline code_point first_code_point(std::string_view text) noexcept {
    const auto lead = static_cast<std::uint8_t>(text.front());
    const std::size_t bytes = lead < 0x80   ? 1
                              : lead < 0xC0 ? 0
                              : lead < 0xE0 ? 2
                              : lead < 0xF0 ? 3
                              : lead < 0xF8 ? 4
                                            : 0;
    if (bytes == 0 || text.size() < bytes) {
        return {};
    }
    std::uint32_t value = bytes == 1 ? lead : lead & (0x7FU >> bytes);
    for (const char next : text.substr(1, bytes - 1)) {
        const auto byte = static_cast<std::uint8_t>(next);
        if ((byte & 0xC0U) != 0x80) {
            return {};
        }
        value = value << 6U | (byte & 0x3FU);
    }
    constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool is_surrogate = value >= 0xD800 && value <= 0xDFFF;
    return value < smallest[bytes] || value > 0x10FFFF || is_surrogate ? code_point()
                                                                       : code_point{value, bytes};
}

[[nodiscard]] inline bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t bytes = first_code_point(text).bytes;
        if (bytes == 0) {
            return false;
        }
        text.remove_prefix(bytes);
    }
    return true;
}

/// What a terminal and a reader of lines can take as it is: UTF-8 without control characters.
[[nodiscard]] inline bool is_plain_line(std::string_view text) noexcept {
    while (!text.empty()) {
        const code_point first = first_code_point(text);
        const bool is_control = first.value < 0x20 || (first.value >= 0x7F && first.value < 0xA0);
        if (first.bytes == 0 || is_control) {
            return false;
        }
        text.remove_prefix(first.bytes);
    }
    return true;
}

}  // namespace rouse::fuzz
