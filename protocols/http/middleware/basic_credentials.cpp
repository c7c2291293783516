#include "protocols/http/middleware/basic_credentials.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "protocols/http/header_field.hpp"

namespace rouse::http {
namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint8_t no_value = 64;

constexpr std::array<std::uint8_t, 256> base64_values = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_value);
    for (std::size_t value = 0; value < base64_alphabet.size(); ++value) {
        values[static_cast<unsigned char>(base64_alphabet[value])] =
            static_cast<std::uint8_t>(value);
    }
    return values;
}();

std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) {
        return std::nullopt;
    }
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    text.remove_suffix(padding);
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char each : text) {
        const std::uint8_t value = base64_values[static_cast<unsigned char>(each)];
        if (value == no_value) {
            return std::nullopt;
        }
        bits = (bits << 6U) | value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes.push_back(static_cast<char>((bits >> count) & 0xffU));
        }
    }
    // The bits behind the last byte are 0, or the same bytes could be written in several ways.
    return (bits & ((1U << count) - 1)) == 0 ? std::optional(std::move(bytes)) : std::nullopt;
}

bool is_control(char byte) noexcept {
    const auto value = static_cast<unsigned char>(byte);
    return value < 0x20 || value == 0x7f;
}

}  // namespace

std::optional<basic_credentials> parse_basic_credentials(std::string_view value) {
    // RFC 9110, 11.4: auth-scheme 1*SP token68; the scheme is compared without case (11.1).
    constexpr std::string_view scheme = "Basic";
    if (value.size() > basic_credentials_bytes_max || value.size() <= scheme.size() ||
        !equals_ignoring_case(value.substr(0, scheme.size()), scheme) ||
        value[scheme.size()] != ' ') {
        return std::nullopt;
    }
    value.remove_prefix(scheme.size());
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    const std::optional<std::string> decoded = decode_base64(value);
    if (!decoded || std::ranges::any_of(*decoded, is_control)) {
        return std::nullopt;
    }
    const std::size_t colon = decoded->find(':');  // RFC 7617, 2: a user-id has none.
    if (colon == std::string::npos) {
        return std::nullopt;
    }
    return basic_credentials{.user = decoded->substr(0, colon),
                             .password = decoded->substr(colon + 1)};
}

}  // namespace rouse::http
