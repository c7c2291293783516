#include "protocols/http/target.hpp"

#include <algorithm>

#include "protocols/http/byte_class.hpp"

namespace rouse::http {
namespace {

std::optional<std::string> decode(std::string_view text, char plus) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            decoded.push_back(text[at] == '+' ? plus : text[at]);
            continue;
        }
        if (text.size() - at < 3) {
            return std::nullopt;
        }
        const int high = hex_value(text[at + 1]);
        const int low = hex_value(text[at + 2]);
        if (high < 0 || low < 0 || (high == 0 && low == 0)) {
            return std::nullopt;
        }
        decoded.push_back(static_cast<char>(high * 16 + low));
        at += 2;
    }
    return decoded;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
    return decode(text, '+');
}

std::optional<std::string> form_decode(std::string_view text) {
    return decode(text, ' ');
}

void query_pairs::iterator::advance() noexcept {
    std::string_view part;
    do {
        if (rest_.empty()) {
            ended_ = true;
            return;
        }
        const std::size_t end = std::min(rest_.find('&'), rest_.size());
        part = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
    } while (part.empty());
    const std::size_t equals = std::min(part.find('='), part.size());
    pair_ = {.key = part.substr(0, equals),
             .value = part.substr(std::min(equals + 1, part.size()))};
    ended_ = false;
}

std::optional<std::string_view> find_query(std::string_view query, std::string_view key) noexcept {
    for (const query_pair& pair : query_pairs(query)) {
        if (pair.key == key) {
            return pair.value;
        }
    }
    return std::nullopt;
}

}  // namespace rouse::http
