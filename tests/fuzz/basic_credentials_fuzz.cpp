#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocols/http/middleware/basic_credentials.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::http;
using rouse::fuzz::require;

std::string encode_base64(std::string_view bytes) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::string_view group = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t index = 0; index < 3; ++index) {
            bits =
                bits << 8U | (index < group.size() ? static_cast<unsigned char>(group[index]) : 0U);
        }
        for (std::size_t index = 0; index < 4; ++index) {
            text += index <= group.size() ? alphabet[(bits >> (18 - 6 * index)) & 63U] : '=';
        }
    }
    return text;
}

bool has_control(std::string_view text) {
    for (const char byte : text) {
        const auto value = static_cast<unsigned char>(byte);
        if (value < 0x20 || value == 0x7f) {
            return true;
        }
    }
    return false;
}

}  // namespace

// The value of an Authorization header, and then the same bytes as what such a header holds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto read = parse_basic_credentials(text)) {
        require(text.size() <= basic_credentials_bytes_max);
        require(!read->user.contains(':') && !has_control(read->user) &&
                !has_control(read->password));
        // There is one way to write them.
        require(text.substr(text.rfind(' ') + 1) ==
                encode_base64(read->user + ":" + read->password));
    }
    const std::string header = "Basic " + encode_base64(text);
    const auto read = parse_basic_credentials(header);
    const bool is_good =
        header.size() <= basic_credentials_bytes_max && text.contains(':') && !has_control(text);
    require(read.has_value() == is_good);
    require(!read || read->user + ":" + read->password == text);
    return 0;
}
