#pragma once

#include <cstddef>
#include <string_view>

namespace rouse::http {

inline constexpr int status_min = 100;
inline constexpr int status_max = 599;

/// The phrase of a registered status code ("Not Found"), empty for any other. See the IANA registry
/// and RFC 9110, 15.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

/// "HTTP/1.1 404 Not Found\r\n" for a registered status code, empty for any other. Lives for ever.
[[nodiscard]] std::string_view status_line(int status) noexcept;

/// At most this many bytes are written by write_status_line. It may use all of them as scratch.
inline constexpr std::size_t status_line_bytes_max = 48;

/// Writes the status line of any code within status_min..status_max, and returns where it ends. An
/// unregistered code gets an empty phrase (RFC 9112, 4). `out` has room for status_line_bytes_max
/// bytes.
[[nodiscard]] char* write_status_line(char* out, int status) noexcept;

/// True when a response with this status never has content: 1xx, 204, 304 (RFC 9112, 6.3).
[[nodiscard]] constexpr bool status_forbids_content(int status) noexcept {
    return status < 200 || status == 204 || status == 304;
}

}  // namespace rouse::http
