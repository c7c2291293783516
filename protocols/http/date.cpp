#include "protocols/http/date.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <tuple>

#include "protocols/http/byte_class.hpp"

namespace rouse::http {
namespace {

constexpr std::size_t asctime_date_bytes = 24;
constexpr std::string_view day_names = "SunMonTueWedThuFriSat";
constexpr std::string_view month_names = "JanFebMarAprMayJunJulAugSepOctNovDec";

constexpr std::array<std::string_view, 7> long_day_names = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

// The years that an HTTP-date has digits for.
std::chrono::sys_seconds to_moment(std::int64_t seconds_since_1970) noexcept {
    using namespace std::chrono;
    constexpr sys_seconds first = sys_days(year(0) / January / 1);
    constexpr sys_seconds last = sys_days(year(10'000) / January / 1) - seconds(1);
    return sys_seconds(seconds(std::clamp<std::int64_t>(
        seconds_since_1970, first.time_since_epoch().count(), last.time_since_epoch().count())));
}

// A date as it is written; not yet one that exists.
struct written_date {
    std::size_t day_name = 0;  // 0 is Sunday.
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
};

// Takes a text apart from its front. After the first thing that is not there, `holds` is false.
class date_reader {
   public:
    explicit date_reader(std::string_view text) noexcept : rest_(text) {}

    [[nodiscard]] bool ended_well() const noexcept { return holds_ && rest_.empty(); }

    void literal(std::string_view expected) noexcept {
        holds_ = holds_ && rest_.starts_with(expected);
        skip(expected.size());
    }
    unsigned two_digits() noexcept {
        if (rest_.size() < 2 || !is_digit(rest_[0]) || !is_digit(rest_[1])) {
            holds_ = false;
            return 0;
        }
        const auto value = static_cast<unsigned>((rest_[0] - '0') * 10 + (rest_[1] - '0'));
        skip(2);
        return value;
    }
    // RFC 9110, 5.6.7, date3: 2DIGIT / ( SP DIGIT ).
    unsigned padded_day() noexcept {
        if (rest_.size() < 2 || rest_[0] != ' ' || !is_digit(rest_[1])) {
            return two_digits();
        }
        const auto value = static_cast<unsigned>(rest_[1] - '0');
        skip(2);
        return value;
    }
    int four_digits() noexcept {
        const unsigned high = two_digits();
        return static_cast<int>(high * 100 + two_digits());
    }
    // Which of names of three letters stands here, from 0.
    unsigned short_name(std::string_view names) noexcept {
        for (std::size_t at = 0; at < names.size(); at += 3) {
            if (rest_.starts_with(names.substr(at, 3))) {
                skip(3);
                return static_cast<unsigned>(at / 3);
            }
        }
        holds_ = false;
        return 0;
    }
    std::size_t long_day_name() noexcept {
        for (std::size_t index = 0; index < long_day_names.size(); ++index) {
            if (rest_.starts_with(long_day_names[index])) {
                skip(long_day_names[index].size());
                return index;
            }
        }
        holds_ = false;
        return 0;
    }
    void time_of_day(written_date& into) noexcept {
        into.hour = two_digits();
        literal(":");
        into.minute = two_digits();
        literal(":");
        into.second = two_digits();
    }

   private:
    void skip(std::size_t bytes) noexcept { rest_.remove_prefix(std::min(bytes, rest_.size())); }

    std::string_view rest_;
    bool holds_ = true;
};

// "Sun, 06 Nov 1994 08:49:37 GMT"
written_date read_fixed_date(date_reader& from) noexcept {
    written_date read;
    read.day_name = from.short_name(day_names);
    from.literal(", ");
    read.day = from.two_digits();
    from.literal(" ");
    read.month = from.short_name(month_names) + 1;
    from.literal(" ");
    read.year = from.four_digits();
    from.literal(" ");
    from.time_of_day(read);
    from.literal(" GMT");
    return read;
}

// "Sun Nov  6 08:49:37 1994"
written_date read_asctime_date(date_reader& from) noexcept {
    written_date read;
    read.day_name = from.short_name(day_names);
    from.literal(" ");
    read.month = from.short_name(month_names) + 1;
    from.literal(" ");
    read.day = from.padded_day();
    from.literal(" ");
    from.time_of_day(read);
    from.literal(" ");
    read.year = from.four_digits();
    return read;
}

// RFC 9110, 5.6.7: a date that appears to be more than 50 years in the future is in the most recent
// year in the past that had the same last two digits.
int full_year(const written_date& read, std::int64_t now) noexcept {
    using namespace std::chrono;
    const sys_seconds moment = to_moment(now);
    const auto midnight = floor<days>(moment);
    const year_month_day today(midnight);
    const hh_mm_ss time(moment - midnight);
    const int latest = static_cast<int>(today.year()) + 50;
    const int year_number = latest - (latest - read.year % 100 + 100) % 100;
    const auto in_year = [](unsigned month, unsigned day, auto hour, auto minute, auto second) {
        return std::tuple<unsigned, unsigned, std::int64_t, std::int64_t, std::int64_t>(
            month, day, hour, minute, second);
    };
    const bool is_ahead =
        in_year(read.month, read.day, read.hour, read.minute, read.second) >
        in_year(static_cast<unsigned>(today.month()), static_cast<unsigned>(today.day()),
                time.hours().count(), time.minutes().count(), time.seconds().count());
    return year_number == latest && is_ahead ? year_number - 100 : year_number;
}

// "Sunday, 06-Nov-94 08:49:37 GMT"
written_date read_rfc850_date(date_reader& from, std::int64_t now) noexcept {
    written_date read;
    read.day_name = from.long_day_name();
    from.literal(", ");
    read.day = from.two_digits();
    from.literal("-");
    read.month = from.short_name(month_names) + 1;
    from.literal("-");
    read.year = static_cast<int>(from.two_digits());
    from.literal(" ");
    from.time_of_day(read);
    from.literal(" GMT");
    read.year = full_year(read, now);
    return read;
}

std::optional<std::int64_t> to_seconds(const written_date& read) noexcept {
    using namespace std::chrono;
    const year_month_day date(year(read.year), month(read.month), day(read.day));
    const bool is_leap_second = read.hour == 23 && read.minute == 59 && read.second == 60;
    if (!date.ok() || read.hour > 23 || read.minute > 59 || (read.second > 59 && !is_leap_second) ||
        weekday(sys_days(date)).c_encoding() != read.day_name) {
        return std::nullopt;
    }
    const sys_seconds moment =
        sys_days(date) + hours(read.hour) + minutes(read.minute) + seconds(read.second);
    return moment.time_since_epoch().count();
}

void put_two_digits(char* out, unsigned value) noexcept {
    out[0] = static_cast<char>('0' + value / 10);
    out[1] = static_cast<char>('0' + value % 10);
}

}  // namespace

void format_http_date(std::time_t now, std::span<char, http_date_bytes> out) noexcept {
    using namespace std::chrono;
    const sys_seconds moment = to_moment(now);
    const auto midnight = floor<days>(moment);
    const year_month_day date(midnight);
    const hh_mm_ss time(moment - midnight);
    const auto year_number = static_cast<unsigned>(static_cast<int>(date.year()));
    const std::size_t day_index = weekday(midnight).c_encoding();
    const std::size_t month_index = static_cast<unsigned>(date.month()) - 1;

    std::memcpy(out.data(), "___, __ ___ ____ __:__:__ GMT", http_date_bytes);
    std::memcpy(&out[0], day_names.substr(3 * day_index, 3).data(), 3);
    put_two_digits(&out[5], static_cast<unsigned>(date.day()));
    std::memcpy(&out[8], month_names.substr(3 * month_index, 3).data(), 3);
    put_two_digits(&out[12], year_number / 100);
    put_two_digits(&out[14], year_number % 100);
    put_two_digits(&out[17], static_cast<unsigned>(time.hours().count()));
    put_two_digits(&out[20], static_cast<unsigned>(time.minutes().count()));
    put_two_digits(&out[23], static_cast<unsigned>(time.seconds().count()));
}

std::optional<std::int64_t> parse_http_date(std::string_view text, std::int64_t now) noexcept {
    date_reader from(text);
    // The three forms have different lengths: 29, 24, and 30 to 33.
    const written_date read = text.size() == http_date_bytes      ? read_fixed_date(from)
                              : text.size() == asctime_date_bytes ? read_asctime_date(from)
                                                                  : read_rfc850_date(from, now);
    return from.ended_well() ? to_seconds(read) : std::nullopt;
}

}  // namespace rouse::http
