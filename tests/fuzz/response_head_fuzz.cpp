#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/http/date.hpp"
#include "protocols/http/response.hpp"
#include "protocols/http/response_head.hpp"
#include "protocols/http/status.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/reference_text.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::http;
using rouse::fuzz::byte_reader;
using rouse::fuzz::lower;
using rouse::fuzz::require;
using rouse::fuzz::trimmed;

struct line {
    std::string name;
    std::string value;
    bool operator==(const line&) const = default;
};

// By RFC 9110, 5.6.2 and 5.5, and not by the table of the code under test.
bool is_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char letter) {
        constexpr std::string_view others = "!#$%&'*+-.^_`|~";
        return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= 'a' && letter <= 'z') || others.contains(letter);
    });
}
bool is_value(std::string_view text) {
    return std::ranges::all_of(text, [](char letter) {
        const auto byte = static_cast<std::uint8_t>(letter);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
    });
}

// A reader that forgives nothing: exactly one head, and no byte behind it.
std::vector<line> read_head(std::string_view text, int status) {
    constexpr std::string_view version = "HTTP/1.1 ";
    require(text.starts_with(std::string(version) + std::to_string(status) + ' '));
    const std::size_t phrase = version.size() + 4;
    const std::size_t first_end = text.find("\r\n");
    require(first_end != std::string_view::npos &&
            is_value(text.substr(phrase, first_end - phrase)));
    text.remove_prefix(first_end + 2);
    std::vector<line> lines;
    while (!text.starts_with("\r\n")) {
        const std::size_t end = text.find("\r\n");
        const std::size_t colon = text.find(':');
        require(end != std::string_view::npos && colon < end);
        const std::string_view value = text.substr(colon + 1, end - colon - 1);
        require(is_name(text.substr(0, colon)) && is_value(value));
        lines.push_back({std::string(text.substr(0, colon)), std::string(trimmed(value))});
        text.remove_prefix(end + 2);
    }
    require(text == "\r\n");
    return lines;
}

bool may_be_sent(const response& made) {
    constexpr std::array<std::string_view, 6> reserved = {
        "connection", "content-length", "content-type", "date", "server", "transfer-encoding"};
    return made.status >= 200 && made.status <= 599 && is_value(made.content_type) &&
           made.headers.size() <= response_headers_max &&
           std::ranges::all_of(made.headers, [&](const response_header& header) {
               return is_name(header.name) && is_value(header.value) &&
                      std::ranges::find(reserved, lower(header.name)) == reserved.end();
           });
}

std::vector<line> expected_lines(const response_head& head) {
    std::vector<line> lines{{"Server", "rouse"}};
    if (!head.date.empty()) {
        lines.push_back({"Date", std::string(head.date)});
    }
    if (!head.content_type.empty()) {
        lines.push_back({"Content-Type", std::string(trimmed(head.content_type))});
    }
    if (head.framing == response_framing::length) {
        lines.push_back({"Content-Length", std::to_string(head.content_length)});
    } else if (head.framing == response_framing::chunked) {
        lines.push_back({"Transfer-Encoding", "chunked"});
    }
    if (head.connection != connection_option::implied) {
        const bool closes = head.connection == connection_option::close;
        lines.push_back({"Connection", closes ? "close" : "keep-alive"});
    }
    for (const header_field& field : head.extra_headers) {
        lines.push_back({std::string(field.name), std::string(trimmed(field.value))});
    }
    return lines;
}

// In memory of just the promised size, so that ASan sees a byte written beyond it.
void check_written(const response_head& head) {
    const std::size_t bound = response_head_bytes_bound(head);
    const auto out = std::make_unique_for_overwrite<char[]>(bound);
    const char* const end = write_response_head(out.get(), head);
    require(end <= out.get() + bound);
    require(read_head({out.get(), end}, head.status) == expected_lines(head));
}

// Back from an IMF-fixdate, by the calendar of the C library.
void check_date(std::time_t now, std::string_view text) {
    constexpr std::time_t first = -62'167'219'200;  // Year 0000.
    constexpr std::time_t last = 253'402'300'799;   // The end of year 9999.
    const std::time_t said = std::clamp(now, first, last);
    std::tm parts{};
    require(::gmtime_r(&said, &parts) != nullptr);
    constexpr std::string_view days = "SunMonTueWedThuFriSat";
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto two = [](int number) {
        return std::to_string(number / 10) + std::to_string(number % 10);
    };
    std::string expected(days.substr(3 * static_cast<std::size_t>(parts.tm_wday), 3));
    expected += ", " + two(parts.tm_mday) + ' ';
    expected += months.substr(3 * static_cast<std::size_t>(parts.tm_mon), 3);
    const int year = parts.tm_year + 1900;
    expected += ' ' + two(year / 100) + two(year % 100) + ' ' + two(parts.tm_hour) + ':';
    expected += two(parts.tm_min) + ':' + two(parts.tm_sec) + " GMT";
    require(text == expected);
}

}  // namespace

// Whatever a handler makes, with text of a peer in it: it is refused, or it becomes one head that a
// strict reader takes back line by line. There is no text that adds a line or ends the head.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    byte_reader reader(data, size);
    response made;
    made.status = reader.number<std::uint16_t>() % 700;
    const auto framing = static_cast<response_framing>(reader.below(3));
    const auto option = static_cast<connection_option>(reader.below(3));
    const auto now = reader.number<std::int64_t>();
    const auto length = reader.number<std::uint64_t>();
    const bool dated = reader.flag();
    made.content_type = reader.counted_text();
    while (!reader.empty()) {
        const std::string_view name = reader.counted_text();
        made.headers.push_back({.name = name, .value = std::string(reader.counted_text())});
    }
    date_cache dates;
    const std::string_view date = dates.at(now);
    check_date(now, date);
    require(dates.at(now) == date);
    require(is_writable(made) == may_be_sent(made));
    if (!is_writable(made)) {
        return 0;
    }
    std::vector<header_field> extra;
    for (const response_header& header : made.headers) {
        extra.push_back({.name = header.name, .value = header.value});
    }
    check_written(
        {.status = made.status,
         .framing = status_forbids_content(made.status) ? response_framing::none : framing,
         .connection = option,
         .content_length = length,
         .content_type = made.content_type,
         .date = dated ? date : std::string_view(),
         .extra_headers = extra});
    return 0;
}
