#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <span>
#include <string_view>

namespace rouse::http {

inline constexpr std::size_t http_date_bytes = 29;

/// Writes an IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT": always in English and UTC, whatever the
/// locale and time zone. `now` is clamped to the years 0000 to 9999, which are all that the form
/// can say. See RFC 9110, 5.6.7.
void format_http_date(std::time_t now, std::span<char, http_date_bytes> out) noexcept;

/// The moment that an HTTP-date says, in seconds since 1970. All three forms are read: IMF-fixdate,
/// and the obsolete ones of RFC 850 and asctime(3). Nothing is forgiven: letters have their case,
/// no white space stands around, the date exists, and the name of the day is that of the date. A
/// leap second, 23:59:60, is the second after it. `now` decides the century of a year of two
/// digits: the latest that is not more than 50 years ahead. Needs no locale. See RFC 9110, 5.6.7.
[[nodiscard]] std::optional<std::int64_t> parse_http_date(std::string_view text,
                                                          std::int64_t now) noexcept;

/// The Date of responses: formatted at most once a second, then only copied. One a worker; not for
/// several threads.
class date_cache {
   public:
    date_cache() noexcept { format_http_date(formatted_, text_); }

    /// The date of `now`. The view stays valid for the cache's life; its bytes change when a later
    /// call has another second.
    [[nodiscard]] std::string_view at(std::time_t now) noexcept {
        if (now != formatted_) [[unlikely]] {
            format_http_date(now, text_);
            formatted_ = now;
        }
        return {text_.data(), text_.size()};
    }

   private:
    std::time_t formatted_ = 0;
    std::array<char, http_date_bytes> text_{};
};

}  // namespace rouse::http
