#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

#include "protocols/http/access.hpp"
#include "server/settings.hpp"

namespace rouse::server {

/// Bytes of each field that a line shows; "..." stands for the rest.
inline constexpr std::size_t access_user_bytes_max = 128;
inline constexpr std::size_t access_method_bytes_max = 32;
inline constexpr std::size_t access_target_bytes_max = 2'048;
inline constexpr std::size_t access_referer_bytes_max = 1'024;
inline constexpr std::size_t access_user_agent_bytes_max = 512;
inline constexpr std::size_t access_host_bytes_max = 256;

/// No line is longer: an escaped byte takes at most six, and all that is not a client's text, the
/// marks of six cuts among it, fits into the last part.
inline constexpr std::size_t access_line_bytes_max =
    6 * (access_user_bytes_max + access_method_bytes_max + access_target_bytes_max +
         access_referer_bytes_max + access_user_agent_bytes_max + access_host_bytes_max) +
    512;

/// The time of a line in the form of each format, in UTC. What changes once a second is written
/// once a second. Years are clamped to 0000 to 9999.
class access_time {
   public:
    access_time() noexcept { set({}); }
    void set(std::chrono::sys_time<std::chrono::milliseconds> now) noexcept;

    /// "10/Oct/2000:13:55:36 +0000"
    [[nodiscard]] std::string_view combined() const noexcept {
        return {combined_.data(), combined_.size()};
    }
    /// "2000-10-10T13:55:36.123Z". See RFC 3339, 5.6.
    [[nodiscard]] std::string_view rfc3339() const noexcept {
        return {rfc3339_.data(), rfc3339_.size()};
    }

   private:
    void set_second(std::chrono::sys_seconds second) noexcept;

    std::chrono::sys_seconds second_ = std::chrono::sys_seconds::min();
    std::array<char, 26> combined_{};
    std::array<char, 24> rfc3339_{};
};

/// Writes one answer as one line with its line break, and returns the line, in `out`:
///   192.0.2.1 - user [10/Oct/2000:13:55:36 +0000] "GET /a?b HTTP/1.1" 200 13 "referer" "agent"
///   {"time":"2000-10-10T13:55:36.123Z","peer":"192.0.2.1","user":"-","method":"GET",
///   "target":"/a?b","protocol":"HTTP/1.1","status":200,"bytes":13,"duration_us":0,"referer":"-",
///   "user_agent":"-","host":"example.org","cut":false}   (on one line)
/// "-" stands for what a request does not have, and for all of one that could not be understood.
/// Nothing of a client's text ends a line or a quoted field: combined writes control bytes, quotes,
/// backslashes and bytes from 0x80 as \xHH, as nginx does, and a space in the user, which has no
/// quotes around it, as \x20; JSON is escaped as RFC 8259 section 7
/// has it, DEL and the C1 controls too, and bytes that are not UTF-8 become U+FFFD (section 8.1).
[[nodiscard]] std::string_view write_access_line(
    access_format format, const http::access_record& record, const access_time& time,
    std::span<char, access_line_bytes_max> out) noexcept;

}  // namespace rouse::server
