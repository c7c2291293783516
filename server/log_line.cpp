#include "server/log_line.hpp"

#include <algorithm>
#include <array>

#include "server/duration_text.hpp"
#include "server/quoted_text.hpp"

namespace rouse::server {
namespace {

constexpr std::size_t line_bytes_expected = 256;

void append_digits(std::string& line, unsigned number, unsigned width) {
    std::array<char, 4> digits{};
    for (unsigned at = width; at-- > 0; number /= 10) {
        digits[at] = static_cast<char>('0' + number % 10);
    }
    line.append(digits.data(), width);
}

void append_time(std::string& line, std::chrono::system_clock::time_point time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(time - day));
    append_digits(line, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    line += '-';
    append_digits(line, static_cast<unsigned>(date.month()), 2);
    line += '-';
    append_digits(line, static_cast<unsigned>(date.day()), 2);
    line += 'T';
    append_digits(line, static_cast<unsigned>(clock.hours().count()), 2);
    line += ':';
    append_digits(line, static_cast<unsigned>(clock.minutes().count()), 2);
    line += ':';
    append_digits(line, static_cast<unsigned>(clock.seconds().count()), 2);
    line += '.';
    append_digits(line, static_cast<unsigned>(clock.subseconds().count()), 3);
    line += 'Z';
}

// Such a value needs no quotes for a reader that splits at spaces and at the first "=" of each
// word.
bool is_plain_word(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, [](char letter) {
        return letter > ' ' && letter <= '~' && letter != '"' && letter != '\\' && letter != '=';
    });
}

void append_quoted(std::string& line, std::string_view text) {
    line += '"';
    append_escaped(line, text.substr(0, log_value_bytes_max));
    line += text.size() > log_value_bytes_max ? "...\"" : "\"";
}

void append_text(std::string& line, log_format format, std::string_view text) {
    if (format == log_format::text && text.size() <= log_value_bytes_max && is_plain_word(text)) {
        line += text;
    } else {
        append_quoted(line, text);
    }
}

void append_value(std::string& line, log_format format, const log_value& value) {
    std::visit(
        [&line, format]<class T>(const T& held) {
            if constexpr (std::same_as<T, bool>) {
                line += held ? "true" : "false";
            } else if constexpr (std::integral<T>) {
                line += std::to_string(held);
            } else if constexpr (std::same_as<T, std::chrono::milliseconds>) {
                append_text(line, format, duration_text(std::max(held, T::zero())));
            } else if constexpr (std::same_as<T, const address*>) {
                append_text(line, format, held->to_string());
            } else if constexpr (std::same_as<T, std::error_code>) {
                append_text(line, format, held.message());
            } else {
                append_text(line, format, held);
            }
        },
        value.get());
}

}  // namespace

std::string_view level_name(log_level level) noexcept {
    switch (level) {
        case log_level::error:
            return "error";
        case log_level::warn:
            return "warn";
        case log_level::info:
            return "info";
        case log_level::debug:
            return "debug";
    }
    return "unknown";
}

std::string log_line(log_format format, log_level level, std::chrono::system_clock::time_point time,
                     std::string_view event, std::span<const log_field> fields) {
    const bool json = format == log_format::json;
    std::string line;
    line.reserve(line_bytes_expected);
    line += json ? R"({"time":")" : "";
    append_time(line, time);
    line += json ? R"(","level":")" : " ";
    line += level_name(level);
    line += json ? R"(","event":)" : " ";
    append_text(line, format, event);
    for (const log_field& field : fields) {
        if (json) {
            line += ',';
            append_quoted(line, field.key);
            line += ':';
        } else {
            line += ' ';
            line += field.key;
            line += '=';
        }
        append_value(line, format, field.value);
    }
    line += json ? "}\n" : "\n";
    return line;
}

}  // namespace rouse::server
