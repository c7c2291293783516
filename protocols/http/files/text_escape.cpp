#include "protocols/http/files/text_escape.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "protocols/http/byte_class.hpp"

namespace rouse::http {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD
constexpr std::string_view hex_digits = "0123456789ABCDEF";

bool is_within(char byte, unsigned low, unsigned high) noexcept {
    const unsigned value = static_cast<unsigned char>(byte);
    return value >= low && value <= high;
}

// How many bytes the character takes that the text begins with; 0 when it is none. The second byte
// tells overlong forms, surrogates and what lies past U+10FFFF from the rest. RFC 3629, 4.
std::size_t character_bytes(std::string_view text) noexcept {
    const unsigned lead = static_cast<unsigned char>(text.front());
    if (lead < 0x80) {
        return 1;
    }
    const std::size_t bytes = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) {
        return 0;
    }
    const unsigned low = lead == 0xe0 ? 0xa0U : lead == 0xf0 ? 0x90U : 0x80U;
    const unsigned high = lead == 0xed ? 0x9fU : lead == 0xf4 ? 0x8fU : 0xbfU;
    const std::string_view last = text.substr(2, bytes - 2);
    const bool holds = is_within(text[1], low, high) && std::ranges::all_of(last, [](char byte) {
                           return is_within(byte, 0x80, 0xbf);
                       });
    return holds ? bytes : 0;
}

// Calls `append_ascii` for each ASCII character; others are appended as they are.
template <class AppendAscii>
void append_characters(std::string& out, std::string_view text, AppendAscii append_ascii) {
    while (!text.empty()) {
        const std::size_t bytes = character_bytes(text);
        if (bytes == 1) {
            append_ascii(text.front());
        } else {
            out.append(bytes == 0 ? replacement : text.substr(0, bytes));
        }
        text.remove_prefix(std::max<std::size_t>(bytes, 1));
    }
}

void append_hex(std::string& out, char byte) {
    const auto value = static_cast<unsigned char>(byte);
    out.push_back(hex_digits[value / 16U]);
    out.push_back(hex_digits[value % 16U]);
}

}  // namespace

void append_percent_encoded(std::string& out, std::string_view text) {
    for (const char byte : text) {
        const bool is_unreserved = is_in(byte, byte_class::alphanumeric) || byte == '-' ||
                                   byte == '.' || byte == '_' || byte == '~';
        if (is_unreserved) {
            out.push_back(byte);
        } else {
            out.push_back('%');
            append_hex(out, byte);
        }
    }
}

void append_html_escaped(std::string& out, std::string_view text) {
    append_characters(out, text, [&out](char byte) {
        switch (byte) {
            case '&':
                out.append("&amp;");
                break;
            case '<':
                out.append("&lt;");
                break;
            case '>':
                out.append("&gt;");
                break;
            case '"':
                out.append("&quot;");
                break;
            case '\'':
                out.append("&#39;");
                break;
            default:
                if (is_within(byte, 0x20, 0x7e)) {
                    out.push_back(byte);
                } else {
                    out.append(replacement);
                }
        }
    });
}

void append_json_escaped(std::string& out, std::string_view text) {
    append_characters(out, text, [&out](char byte) {
        if (byte == '"' || byte == '\\') {
            out.push_back('\\');
            out.push_back(byte);
        } else if (is_within(byte, 0x20, 0x7e)) {
            out.push_back(byte);
        } else {
            out.append("\\u00");
            append_hex(out, byte);
        }
    });
}

}  // namespace rouse::http
