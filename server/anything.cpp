#include "server/anything.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "server/routes.hpp"

namespace rouse::server {
namespace {

using json = nlohmann::ordered_json;

std::string to_base64(std::string_view bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    constexpr unsigned digit_bits = 6;
    constexpr unsigned digit_mask = (1U << digit_bits) - 1;
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        for (std::size_t i = 0; i < 3; ++i) {
            group = group << 8U | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            text += i <= count ? digits[group >> (digit_bits * (3 - i)) & digit_mask] : '=';
        }
    }
    return text;
}

// What is not UTF-8 becomes U+FFFD: JSON has no bytes.
std::string dump(const json& value) {
    return value.dump(2, ' ', false, json::error_handler_t::replace);
}

bool is_utf8(const std::string& text) {
    try {
        (void)json(text).dump();
        return true;
    } catch (const json::type_error&) {
        return false;
    }
}

json headers_of(const http::request_head& head) {
    json headers = json::array();
    for (const http::header_field& field : head.headers) {
        headers.push_back({{"name", std::string(field.name)}, {"value", std::string(field.value)}});
    }
    return headers;
}

}  // namespace

task<http::response> anything(http::request& asked) {
    std::string body;
    while (true) {
        const auto piece = co_await http::next(asked.body());
        if (!piece) {
            co_return http::response::of_status(400);  // The connection says what was wrong.
        }
        if (piece->empty()) {
            break;
        }
        if (body.size() + piece->size() > anything_body_bytes_max) {
            co_return http::response::of_status(413);
        }
        body.append(reinterpret_cast<const char*>(piece->data()), piece->size());
    }
    const http::request_head& head = asked.head();
    json answer{{"method", std::string(head.method_name)},
                {"target", std::string(head.target)},
                {"path", std::string(head.path)},
                {"query", std::string(head.query)},
                {"version", "HTTP/1." + std::to_string(head.minor_version)},
                {"host", std::string(head.host)},
                {"peer", asked.peer().to_string()},
                {"headers", headers_of(head)}};
    if (is_utf8(body)) {
        answer["body"] = std::move(body);
    } else {
        answer["body_base64"] = to_base64(body);
    }
    co_return http::response::text(dump(answer) + "\n", http::application_json);
}

}  // namespace rouse::server
