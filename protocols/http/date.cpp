#include "protocols/http/date.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>

namespace rouse::http {
namespace {

constexpr std::string_view day_names = "SunMonTueWedThuFriSat";
constexpr std::string_view month_names = "JanFebMarAprMayJunJulAugSepOctNovDec";

void put_two_digits(char* out, unsigned value) noexcept {
    out[0] = static_cast<char>('0' + value / 10);
    out[1] = static_cast<char>('0' + value % 10);
}

}  // namespace

void format_http_date(std::time_t now, std::span<char, http_date_bytes> out) noexcept {
    using namespace std::chrono;
    constexpr sys_seconds first = sys_days(year(0) / January / 1);
    constexpr sys_seconds last = sys_days(year(10'000) / January / 1) - seconds(1);
    const sys_seconds moment(seconds(std::clamp<std::int64_t>(now, first.time_since_epoch().count(),
                                                              last.time_since_epoch().count())));
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

}  // namespace rouse::http
