#include "server/anything.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "server/routes.hpp"

namespace rouse::server {
namespace {

using nlohmann::json;

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

// In quotes and escaped. What is not UTF-8 becomes U+FFFD: JSON has no bytes.
std::string in_quotes(std::string_view text) {
    return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

bool is_utf8(const std::string& text) {
    try {
        (void)json(text).dump();
        return true;
    } catch (const json::type_error&) {
        return false;
    }
}

// The object is written as text: a tree of json values needs memory to be destroyed (nlohmann/json
// issue 5135), and where there is none, that ends the program. A single string does not.
std::string describe(const http::request_head& head, const std::string& peer) {
    std::string text = "{\n";
    const auto member = [&text](std::string_view name, std::string_view value) {
        text.append("  \"").append(name).append("\": ").append(in_quotes(value)).append(",\n");
    };
    member("method", head.method_name);
    member("target", head.target);
    member("path", head.path);
    member("query", head.query);
    member("version", "HTTP/1." + std::to_string(head.minor_version));
    member("host", head.host);
    member("peer", peer);
    text += "  \"headers\": [";
    std::string_view between = "\n";
    for (const http::header_field& field : head.headers) {
        text.append(between).append("    {\n      \"name\": ").append(in_quotes(field.name));
        text.append(",\n      \"value\": ").append(in_quotes(field.value)).append("\n    }");
        between = ",\n";
    }
    return text + (head.headers.empty() ? "],\n" : "\n  ],\n");
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
    std::string answer = describe(asked.head(), asked.peer().to_string());
    if (is_utf8(body)) {
        answer.append("  \"body\": ").append(in_quotes(body));
    } else {
        answer.append("  \"body_base64\": \"").append(to_base64(body)).append("\"");
    }
    answer += "\n}\n";
    co_return http::response::text(std::move(answer), http::application_json);
}

}  // namespace rouse::server
