#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/date.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::http;
using rouse::fuzz::byte_reader;
using rouse::fuzz::exact_copy;
using rouse::fuzz::require;

constexpr std::array<const char*, 7> days = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                             "Thursday", "Friday", "Saturday"};
constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// The first second whose year has four digits, and how many seconds have.
constexpr std::int64_t first_second = -62'167'219'200;
constexpr std::uint64_t seconds_in_all = 315'569'520'000;

bool is_leap(int year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int month_days(int year, int month) {
    constexpr std::array<int, 12> lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return lengths.at(static_cast<std::size_t>(month)) + (month == 1 && is_leap(year) ? 1 : 0);
}

// A date in parts; the month from 0.
struct parts {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;

    [[nodiscard]] auto in_year() const { return std::tuple(month, day, hour, minute, second); }
};

// Days since 1 January 1970, counted one year and one month after another.
std::int64_t days_to(const parts& date) {
    std::int64_t total = 0;
    for (int year = 1970; year < date.year; ++year) {
        total += is_leap(year) ? 366 : 365;
    }
    for (int year = date.year; year < 1970; ++year) {
        total -= is_leap(year) ? 366 : 365;
    }
    for (int month = 0; month < date.month; ++month) {
        total += month_days(date.year, month);
    }
    return total + date.day - 1;
}

std::int64_t seconds_to(const parts& date) {
    return ((days_to(date) * 24 + date.hour) * 60 + date.minute) * 60 + date.second;
}

// From 1 January of the year 0 on, one year and one month after another.
parts parts_of(std::int64_t moment) {
    constexpr std::int64_t day_seconds = 86'400;
    parts made{.year = 0, .day = 1};
    std::int64_t left = moment - first_second;
    for (; left >= (is_leap(made.year) ? 366 : 365) * day_seconds; ++made.year) {
        left -= (is_leap(made.year) ? 366 : 365) * day_seconds;
    }
    for (; left >= month_days(made.year, made.month) * day_seconds; ++made.month) {
        left -= month_days(made.year, made.month) * day_seconds;
    }
    made.day += static_cast<int>(left / day_seconds);
    made.hour = static_cast<int>(left / 3'600 % 24);
    made.minute = static_cast<int>(left / 60 % 60);
    made.second = static_cast<int>(left % 60);
    return made;
}

std::string padded(int number, std::size_t width, char padding = '0') {
    const std::string digits = std::to_string(number);
    return std::string(width - std::min(width, digits.size()), padding) + digits;
}

// All the texts that say a date.
std::vector<std::string> texts_of(const parts& date) {
    const std::string name = days.at(static_cast<std::size_t>(((days_to(date) + 4) % 7 + 7) % 7));
    const std::string month = months.at(static_cast<std::size_t>(date.month));
    const std::string short_name = name.substr(0, 3);
    const std::string day = padded(date.day, 2);
    const std::string time =
        padded(date.hour, 2) + ":" + padded(date.minute, 2) + ":" + padded(date.second, 2);
    const std::string year = padded(date.year, 4);
    const std::string year_end = padded((date.year % 100 + 100) % 100, 2);
    return {short_name + ", " + day + " " + month + " " + year + " " + time + " GMT",
            short_name + " " + month + " " + padded(date.day, 2, ' ') + " " + time + " " + year,
            short_name + " " + month + " " + day + " " + time + " " + year,
            name + ", " + day + "-" + month + "-" + year_end + " " + time + " GMT"};
}

// Runs of letters and digits.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words(1);
    for (const char byte : text) {
        if (is_in(byte, byte_class::alphanumeric)) {
            words.back().push_back(byte);
        } else if (!words.back().empty()) {
            words.emplace_back();
        }
    }
    return words;
}

int number_of(const std::string& word) {
    int value = 0;
    for (const char byte : word.substr(0, 4)) {
        value = value * 10 + (is_digit(byte) ? byte - '0' : 0);
    }
    return value;
}

// The latest year with these two digits that is not more than 50 years ahead.
int year_of_two_digits(const parts& date, const parts& now) {
    int year = 11'000 + date.year;
    while (std::tuple(year, date.in_year()) > std::tuple(now.year + 50, now.in_year())) {
        year -= 100;
    }
    return year;
}

// Guesses the date from the words, writes it in every form, and looks whether the text is one.
std::optional<std::int64_t> read(std::string_view text, const parts& now) {
    const std::vector<std::string> words = words_of(text);
    if (words.size() < 7) {
        return std::nullopt;
    }
    const bool is_asctime = !is_digit(words[1][0]);
    parts date{.year = number_of(words[is_asctime ? 6 : 3]),
               .month = -1,
               .day = number_of(words[is_asctime ? 2 : 1]),
               .hour = number_of(words[is_asctime ? 3 : 4]),
               .minute = number_of(words[is_asctime ? 4 : 5]),
               .second = number_of(words[is_asctime ? 5 : 6])};
    for (int month = 0; month < 12; ++month) {
        if (words[is_asctime ? 1 : 2] == months.at(static_cast<std::size_t>(month))) {
            date.month = month;
        }
    }
    if (date.month < 0) {
        return std::nullopt;
    }
    if (!is_asctime && words[3].size() == 2) {
        date.year = year_of_two_digits(date, now);
    }
    const bool is_leap_second = date.hour == 23 && date.minute == 59 && date.second == 60;
    if (date.day < 1 || date.day > month_days(date.year, date.month) || date.hour > 23 ||
        date.minute > 59 || (date.second > 59 && !is_leap_second)) {
        return std::nullopt;
    }
    for (const std::string& form : texts_of(date)) {
        if (form == text) {
            return seconds_to(date);
        }
    }
    return std::nullopt;
}

}  // namespace

// The moment that it is, the moment of a date, then its form, and a byte to change; or, from a form
// that is none, the text itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    byte_reader input(data, size);
    const auto moment = [&input] {
        const std::uint64_t drawn =
            std::uint64_t{input.number<std::uint32_t>()} << 8U | input.number<std::uint8_t>();
        return static_cast<std::int64_t>(drawn % seconds_in_all) + first_second;
    };
    const std::int64_t now = moment();
    const std::int64_t said = moment();
    const std::size_t form = input.below(8);
    std::string text;
    if (form < 4) {
        text = texts_of(parts_of(said)).at(form);
        if (const std::size_t at = input.number<std::uint8_t>(); at < text.size()) {
            text[at] = static_cast<char>(input.number<std::uint8_t>());
        } else if (form < 3) {
            require(parse_http_date(text, now) == said);
        }
    } else {
        text = input.rest();
    }
    const exact_copy copy(text);
    require(parse_http_date(copy.text(), now) == read(text, parts_of(now)));
    return 0;
}
