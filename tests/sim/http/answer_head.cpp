#include "tests/sim/http/answer_head.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace rouse::sim {
namespace {

bool is_digit(char byte) noexcept {
    return byte >= '0' && byte <= '9';
}

bool is_token_byte(char byte) noexcept {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    const char lower = static_cast<char>(byte | 0x20);
    return is_digit(byte) || (lower >= 'a' && lower <= 'z') ||
           others.find(byte) != std::string_view::npos;
}

bool is_token(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, is_token_byte);
}

bool is_same_name(std::string_view name, std::string_view lower) noexcept {
    return name.size() == lower.size() &&
           std::ranges::equal(name, lower, [](char left, char right) {
               const bool is_upper = left >= 'A' && left <= 'Z';
               return (is_upper ? static_cast<char>(left | 0x20) : left) == right;
           });
}

struct status_phrase {
    int status;
    std::string_view phrase;
};

// Of all that the routes answer, with the names of the registry.
constexpr status_phrase phrases[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

std::string quoted(std::string_view text) {
    std::string made = " \"";
    for (const char byte : text.substr(0, 80)) {
        made.push_back(byte >= 0x20 && byte < 0x7f ? byte : '?');
    }
    return made += "\"";
}

std::string complaint(std::string_view what, std::string_view where) {
    return std::string(what) + quoted(where);
}

bool parse_length(std::string_view text, std::uint64_t& length) noexcept {
    constexpr std::size_t digits_max = 19;
    const bool is_plain = !text.empty() && text.size() <= digits_max &&
                          std::ranges::all_of(text, is_digit) &&
                          (text.size() == 1 || text.front() != '0');
    length = 0;
    for (const char digit : text) {
        length = length * 10 + static_cast<unsigned>(digit - '0');
    }
    return is_plain;
}

int number_at(std::string_view text, std::size_t at, std::size_t count) noexcept {
    int value = 0;
    for (const char digit : text.substr(at, count)) {
        if (!is_digit(digit)) {
            return -1;
        }
        value = value * 10 + (digit - '0');
    }
    return value;
}

bool set_once(bool& flag) noexcept {
    return !std::exchange(flag, true);
}

enum class line_verdict : std::uint8_t { right, wrong, twice, unknown };

line_verdict once(bool is_first, bool is_right) noexcept {
    if (!is_first) {
        return line_verdict::twice;
    }
    return is_right ? line_verdict::right : line_verdict::wrong;
}

// A line that any answer may have.
line_verdict take_common(std::string_view name, std::string_view value, answer_head& into) {
    if (is_same_name(name, "date")) {
        const auto date = parse_http_date(value);
        into.date = date.value_or(0);
        return once(set_once(into.has_date), date.has_value());
    }
    if (is_same_name(name, "server")) {
        return once(set_once(into.has_server), is_token(value));
    }
    if (is_same_name(name, "content-type")) {
        const bool is_first = into.content_type.empty();
        into.content_type = value;
        return once(is_first, !value.empty());
    }
    if (is_same_name(name, "content-length")) {
        return once(set_once(into.has_length), parse_length(value, into.length));
    }
    if (is_same_name(name, "transfer-encoding")) {
        return once(set_once(into.is_chunked), value == "chunked");
    }
    if (is_same_name(name, "connection")) {
        const bool is_first = !into.says_close && !into.says_keep_alive;
        into.says_close = value == "close";
        into.says_keep_alive = value == "keep-alive";
        return once(is_first, into.says_close || into.says_keep_alive);
    }
    return line_verdict::unknown;
}

}  // namespace

int parse_status_line(std::string_view line) noexcept {
    constexpr std::string_view version = "HTTP/1.1 ";
    constexpr std::size_t phrase_at = 13;
    if (line.size() < phrase_at || !line.starts_with(version) || line[phrase_at - 1] != ' ') {
        return 0;
    }
    const int status = number_at(line, version.size(), 3);
    const auto* const known = std::ranges::find(phrases, status, &status_phrase::status);
    const std::string_view phrase = line.substr(phrase_at);
    const bool is_known = known != std::end(phrases);
    const bool is_right = is_known ? phrase == known->phrase : phrase.empty();
    return status >= 100 && status <= 599 && is_right ? status : 0;
}

std::optional<std::int64_t> parse_http_date(std::string_view text) noexcept {
    using namespace std::chrono;
    constexpr std::string_view form = "___, __ ___ ____ __:__:__ GMT";
    constexpr std::string_view days = "SunMonTueWedThuFriSat";
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text.size() != form.size()) {
        return std::nullopt;
    }
    for (std::size_t index = 0; index < form.size(); ++index) {
        if (form[index] != '_' && form[index] != text[index]) {
            return std::nullopt;
        }
    }
    const std::size_t day_name = days.find(text.substr(0, 3));
    const std::size_t month_name = months.find(text.substr(8, 3));
    const int day_number = number_at(text, 5, 2);
    const int year_number = number_at(text, 12, 4);
    const bool has_time = number_at(text, 17, 2) >= 0 && number_at(text, 17, 2) < 24 &&
                          number_at(text, 20, 2) >= 0 && number_at(text, 20, 2) < 60 &&
                          number_at(text, 23, 2) >= 0 && number_at(text, 23, 2) <= 60;
    if (day_name % 3 != 0 || month_name % 3 != 0 || day_number < 0 || year_number < 0 ||
        !has_time) {
        return std::nullopt;
    }
    const year_month_day date(year(year_number), month(static_cast<unsigned>(month_name / 3 + 1)),
                              std::chrono::day(static_cast<unsigned>(day_number)));
    if (!date.ok() || weekday(sys_days(date)).c_encoding() != day_name / 3) {
        return std::nullopt;
    }
    const auto time = sys_days(date).time_since_epoch() + hours(number_at(text, 17, 2)) +
                      minutes(number_at(text, 20, 2)) + seconds(number_at(text, 23, 2));
    return duration_cast<seconds>(time).count();
}

std::optional<std::string> parse_header_lines(std::string_view text,
                                              const std::vector<planned_header>& planned,
                                              answer_head& into) {
    while (text != "\r\n") {
        const std::size_t end = text.find("\r\n");
        const std::string_view line = text.substr(0, end);
        const std::size_t colon = line.find(": ");
        // Names and values need no grammar of their own: each is compared with what must stand
        // there.
        if (colon == std::string_view::npos) {
            return complaint("not a header line:", line);
        }
        const std::string_view name = line.substr(0, colon);
        const std::string_view value = line.substr(colon + 2);
        switch (take_common(name, value, into)) {
            case line_verdict::right:
                break;
            case line_verdict::wrong:
                return complaint("a header line that is wrong:", line);
            case line_verdict::twice:
                return complaint("a header line that was there before:", line);
            case line_verdict::unknown:
                if (into.extra_count >= planned.size() || planned[into.extra_count].name != name ||
                    planned[into.extra_count].value != value) {
                    return complaint("a header line that nobody made:", line);
                }
                ++into.extra_count;
                break;
        }
        text.remove_prefix(end + 2);
    }
    return std::nullopt;
}

}  // namespace rouse::sim
