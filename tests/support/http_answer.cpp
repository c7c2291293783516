#include "tests/support/http_answer.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include <doctest/doctest.h>

namespace rouse::test {
namespace {

constexpr std::string_view line_end = "\r\n";

std::string lower(std::string_view text) {
    std::string made(text);
    std::ranges::transform(made, made.begin(), [](unsigned char letter) {
        return static_cast<char>(std::tolower(letter));
    });
    return made;
}

std::size_t number(std::string_view text, int base) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    REQUIRE_MESSAGE(whole, "not a number: " << std::string(text));
    return value;
}

// "HTTP/1.1 200 OK", then lines of "Name: value".
http_answer parse_head(std::string_view head) {
    http_answer parsed;
    const std::string_view status_line = head.substr(0, head.find(line_end));
    REQUIRE_MESSAGE(status_line.starts_with("HTTP/1.1 "), std::string(head));
    REQUIRE(status_line.size() >= 13);
    REQUIRE(status_line[12] == ' ');
    parsed.status = static_cast<int>(number(status_line.substr(9, 3), 10));
    head.remove_prefix(status_line.size() + line_end.size());
    while (!head.empty()) {
        const std::string_view line = head.substr(0, head.find(line_end));
        const std::size_t colon = line.find(": ");
        REQUIRE_MESSAGE(colon != std::string_view::npos, std::string(line));
        parsed.fields.emplace_back(lower(line.substr(0, colon)), line.substr(colon + 2));
        head.remove_prefix(line.size() + line_end.size());
    }
    return parsed;
}

// The end of the chunked body that begins at `at`; none when more must come.
std::optional<std::size_t> take_chunks(std::string_view bytes, std::size_t at, http_answer& into) {
    while (true) {
        const std::size_t end = bytes.find(line_end, at);
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        const std::size_t size = number(bytes.substr(at, end - at), 16);
        const std::size_t data = end + line_end.size();
        if (bytes.size() < data + size + line_end.size()) {
            return std::nullopt;
        }
        REQUIRE(bytes.substr(data + size, line_end.size()) == line_end);
        at = data + size + line_end.size();
        if (size == 0) {
            return at;
        }
        into.body.append(bytes.substr(data, size));
        ++into.chunks;
    }
}

}  // namespace

std::string http_answer::field(std::string_view name) const {
    const auto is_it = [name](const auto& each) { return each.first == name; };
    REQUIRE(std::ranges::count_if(fields, is_it) <= 1);
    const auto found = std::ranges::find_if(fields, is_it);
    return found == fields.end() ? std::string() : found->second;
}

std::optional<http_answer> take_answer(std::string& bytes, answer_to request) {
    constexpr std::string_view head_end = "\r\n\r\n";
    const std::size_t end = bytes.find(head_end);
    if (end == std::string::npos) {
        return std::nullopt;
    }
    http_answer parsed = parse_head(std::string_view(bytes).substr(0, end + line_end.size()));
    std::size_t taken = end + head_end.size();
    const std::string length = parsed.field("content-length");
    const bool is_chunked = parsed.field("transfer-encoding") == "chunked";
    CHECK_FALSE((is_chunked && !length.empty()));
    const bool without_body = request == answer_to::head || parsed.status < 200 ||
                              parsed.status == 204 || parsed.status == 304;
    if (without_body) {
        bytes.erase(0, taken);
        return parsed;
    }
    if (is_chunked) {
        const auto chunks_end = take_chunks(bytes, taken, parsed);
        if (!chunks_end) {
            return std::nullopt;
        }
        taken = *chunks_end;
    } else {
        REQUIRE_MESSAGE(!length.empty(), "a body without a length: " << bytes);
        const std::size_t size = number(length, 10);
        if (bytes.size() - taken < size) {
            return std::nullopt;
        }
        parsed.body = bytes.substr(taken, size);
        taken += size;
    }
    bytes.erase(0, taken);
    return parsed;
}

http_answer next_answer(client& from, answer_to request) {
    while (true) {
        if (auto whole = take_answer(from.pending(), request)) {
            return std::move(*whole);
        }
        REQUIRE_MESSAGE(from.receive_more(), "it ended after: " << from.pending());
    }
}

http_answer ask(client& through, std::string_view request, answer_to kind) {
    through.send(request);
    return next_answer(through, kind);
}

std::string get(std::string_view target, std::string_view fields) {
    std::string made = "GET ";
    return made.append(target)
        .append(" HTTP/1.1\r\nHost: test\r\n")
        .append(fields)
        .append(line_end);
}

std::string post(std::string_view target, std::string_view body, std::string_view fields) {
    std::string made = "POST ";
    made.append(target).append(" HTTP/1.1\r\nHost: test\r\n").append(fields);
    made.append("Content-Length: ").append(std::to_string(body.size()));
    return made.append(line_end).append(line_end).append(body);
}

std::string chunk(std::string_view data) {
    std::array<char, 16> digits{};
    const auto end =
        std::to_chars(digits.data(), digits.data() + digits.size(), data.size(), 16).ptr;
    std::string made(digits.data(), end);
    return made.append(line_end).append(data).append(line_end);
}

}  // namespace rouse::test
