#include "server/quoted_text.hpp"

#include <cstdint>

namespace rouse::server {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

// C1 control characters: a terminal may take U+009B for the start of a command, as it does ESC [.
bool is_c1_control(std::string_view sequence) noexcept {
    return sequence.size() == 2 && sequence[0] == '\xC2' &&
           static_cast<std::uint8_t>(sequence[1]) < 0xA0;
}

void append_control(std::string& line, char control) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto value = static_cast<std::uint8_t>(control);
    line += "\\u00";
    line += digits[value >> 4];
    line += digits[value & 0x0F];
}

enum class quotes { escaped, plain };

void append(std::string& line, std::string_view text, quotes style) {
    while (!text.empty()) {
        const char first = text.front();
        const std::size_t bytes = utf8_sequence_bytes(text);
        if (bytes == 0) {
            line += replacement;
        } else if (is_c1_control(text.substr(0, bytes))) {
            append_control(line, text[1]);
        } else if (bytes > 1) {
            line += text.substr(0, bytes);
        } else if (style == quotes::escaped && (first == '"' || first == '\\')) {
            line += '\\';
            line += first;
        } else if (first == '\n') {
            line += "\\n";
        } else if (first == '\r') {
            line += "\\r";
        } else if (first == '\t') {
            line += "\\t";
        } else if (static_cast<std::uint8_t>(first) < 0x20 || first == '\x7F') {
            append_control(line, first);
        } else {
            line += first;
        }
        text.remove_prefix(bytes == 0 ? 1 : bytes);
    }
}

}  // namespace

std::size_t utf8_sequence_bytes(std::string_view text) noexcept {
    const auto byte = [text](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) {
        return 0;
    }
    // The second byte's range shuts out overlong forms, surrogates and what lies beyond U+10FFFF.
    const std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(1) < low || byte(1) > high) {
        return 0;
    }
    for (std::size_t at = 2; at < bytes; ++at) {
        if (byte(at) < 0x80 || byte(at) > 0xBF) {
            return 0;
        }
    }
    return bytes;
}

void append_escaped(std::string& line, std::string_view text) {
    append(line, text, quotes::escaped);
}

std::string one_line(std::string_view text) {
    std::string line;
    append(line, text, quotes::plain);
    return line;
}

bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t bytes = utf8_sequence_bytes(text);
        if (bytes == 0) {
            return false;
        }
        text.remove_prefix(bytes);
    }
    return true;
}

std::string quoted_text(std::string_view text) {
    std::string quoted = "\"";
    append_escaped(quoted, text.substr(0, quoted_bytes_max));
    quoted += text.size() > quoted_bytes_max ? "\"..." : "\"";
    return quoted;
}

}  // namespace rouse::server
