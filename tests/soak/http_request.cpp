#include "tests/soak/http_request.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

#include "tests/soak/source_address.hpp"

namespace rouse::soak {
namespace {

constexpr std::string_view host_line = " HTTP/1.1\r\nHost: soak\r\n";
constexpr std::string_view close_line = "Connection: close\r\n";

/// What is drawn and composed for one request.
struct composer {
    std::string& out;
    draws& from;
    std::uint64_t connection;
    std::uint64_t index;
    bool last;
    expected_answer answer{};
};

void append_number(std::string& out, std::uint64_t number, int base = 10) {
    std::array<char, 20> room{};
    char* const end = std::to_chars(room.data(), room.data() + room.size(), number, base).ptr;
    out.append(room.data(), end);
}

std::string source_text(std::uint64_t connection) {
    std::array<char, INET_ADDRSTRLEN> room{};
    const sockaddr_in source = source_of(static_cast<std::uint32_t>(connection));
    return ::inet_ntop(AF_INET, &source.sin_addr, room.data(), room.size());
}

std::string number(std::uint64_t value) {
    std::string text;
    append_number(text, value);
    return text;
}

void begin(const composer& of, std::string_view method, std::string_view target) {
    of.out.append(method).append(" ").append(target).append(host_line);
    if (of.last) {
        of.out.append(close_line);
    }
}

void append_content(std::string& out, std::uint64_t key, std::uint64_t offset,
                    std::uint64_t length) {
    const std::size_t before = out.size();
    out.resize(before + length);
    content(key).write(offset, std::span(out).subspan(before));
}

// Most bodies fit a receive buffer, some take several, a few need many sends.
std::uint64_t draw_length(draws& from) {
    const std::uint64_t kind = from.below(512);
    if (kind == 0) {
        return from.below(150'000);
    }
    return kind < 32 ? from.below(12'000) : from.below(400);
}

void simple(composer& of, std::string_view target, std::string_view text) {
    begin(of, "GET", target);
    of.out.append("\r\n");
    of.answer.body = body_kind::text;
    of.answer.text = text;
}

void delay(composer& of) {
    const std::string wait = number(of.from.below(3));
    simple(of, "/delay/" + wait, "waited " + wait + " ms\n");
}

void digits(composer& of, bool with_body) {
    of.answer.length = draw_length(of.from);
    begin(of, with_body ? "GET" : "HEAD", "/bytes/" + number(of.answer.length));
    of.out.append("\r\n");
    of.answer.body = with_body ? body_kind::digits : body_kind::none;
    of.answer.content_type = "application/octet-stream";
}

void status(composer& of) {
    static constexpr std::array<std::string_view, 4> all{
        "204 No Content", "304 Not Modified", "404 Not Found", "503 Service Unavailable"};
    of.answer.status = all[of.from.below(all.size())];
    const std::string_view code = of.answer.status.substr(0, of.answer.status.find(' '));
    begin(of, "GET", "/status/" + std::string(code));
    of.out.append("\r\n");
    of.answer.says_length = code >= "400";
    if (of.answer.says_length) {
        of.answer.body = body_kind::text;
        of.answer.text.assign(of.answer.status).append("\n");
    }
}

void anything(composer& of) {
    const std::string token = number(of.connection) + "/" + number(of.index);
    const std::string path = "/anything/" + token;
    const std::string query = "x=" + number(of.from.next());
    const std::size_t headers_begin = of.out.size();
    begin(of, "GET", path + "?" + query);
    of.out.append("X-Soak: ").append(token).append("\r\n\r\n");
    of.answer.body = body_kind::peer;
    of.answer.content_type = "application/json";
    of.answer.text = "{\n  \"method\": \"GET\",\n  \"target\": \"" + path + "?" + query +
                     "\",\n  \"path\": \"" + path + "\",\n  \"query\": \"" + query +
                     "\",\n  \"version\": \"HTTP/1.1\",\n  \"host\": \"soak\",\n  \"peer\": \"" +
                     source_text(of.connection) + ":";
    of.answer.text_after = "\",\n  \"headers\": [\n";
    // As they stand in the request: each line between its first and the empty one.
    std::string_view lines = std::string_view(of.out).substr(headers_begin);
    lines = lines.substr(lines.find('\n') + 1);
    lines.remove_suffix(2);
    while (!lines.empty()) {
        const std::size_t colon = lines.find(':');
        const std::size_t end = lines.find('\r');
        of.answer.text_after.append("    {\n      \"name\": \"")
            .append(lines.substr(0, colon))
            .append("\",\n      \"value\": \"")
            .append(lines.substr(colon + 2, end - colon - 2))
            .append("\"\n    }");
        lines = lines.substr(end + 2);
        of.answer.text_after.append(lines.empty() ? "\n" : ",\n");
    }
    of.answer.text_after.append("  ],\n  \"body\": \"\"\n}\n");
}

// A request with a body of content, of a length that is told or in chunks.
std::uint64_t with_body(composer& of, std::string_view target, std::string_view headers,
                        bool chunked) {
    const std::uint64_t length = draw_length(of.from);
    of.answer.key = of.from.next();
    begin(of, "POST", target);
    of.out.append(headers);
    if (!chunked) {
        of.out.append("Content-Length: ");
        append_number(of.out, length);
        of.out.append("\r\n\r\n");
        append_content(of.out, of.answer.key, 0, length);
        return length;
    }
    of.out.append("Transfer-Encoding: chunked\r\n\r\n");
    for (std::uint64_t sent = 0; sent < length;) {
        const std::uint64_t piece = std::min(length - sent, 1 + of.from.below(length));
        append_number(of.out, piece, 16);
        of.out.append("\r\n");
        append_content(of.out, of.answer.key, sent, piece);
        of.out.append("\r\n");
        sent += piece;
    }
    of.out.append("0\r\n\r\n");
    return length;
}

void echo(composer& of, bool chunked) {
    of.answer.content_type = "text/soak-" + number(of.connection) + "-" + number(of.index);
    of.answer.length =
        with_body(of, "/echo", "Content-Type: " + of.answer.content_type + "\r\n", chunked);
    of.answer.body = body_kind::content;
    of.answer.chunked = chunked;
    of.answer.says_length = !chunked;
}

void upload(composer& of, bool chunked) {
    of.answer.text = "{\"bytes\":" + number(with_body(of, "/upload", "", chunked)) + "}";
    of.answer.body = body_kind::text;
    of.answer.content_type = "application/json";
}

void compose(composer& of) {
    const std::uint64_t kind = of.from.below(64);
    if (kind < 20) {
        simple(of, "/plaintext", "Hello, World!");
    } else if (kind < 26) {
        simple(of, "/json", R"({"message":"Hello, World!"})");
        of.answer.content_type = "application/json";
    } else if (kind < 28) {
        simple(of, "/healthz", "ok\n");
    } else if (kind < 34) {
        anything(of);
    } else if (kind < 46) {
        echo(of, kind >= 42);
    } else if (kind < 50) {
        upload(of, kind == 49);
    } else if (kind < 60) {
        digits(of, kind != 59);
    } else if (kind < 63) {
        status(of);
    } else {
        delay(of);
    }
}

}  // namespace

expected_answer append_request(std::string& out, draws& from, std::uint64_t connection,
                               std::uint64_t index, bool last) {
    composer of{.out = out, .from = from, .connection = connection, .index = index, .last = last};
    compose(of);
    of.answer.says_close = last;
    if (of.answer.body == body_kind::text) {
        of.answer.length = of.answer.text.size();
    }
    return std::move(of.answer);
}

}  // namespace rouse::soak
