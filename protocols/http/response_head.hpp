#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "protocols/http/header_field.hpp"

namespace rouse::http {

/// How the body of a response is delimited.
enum class response_framing : std::uint8_t {
    none,  ///< No content at all: 1xx, 204, 304. Or delimited by close, in an answer to HTTP/1.0 of
           ///< unknown length.
    length,   ///< Content-Length.
    chunked,  ///< Transfer-Encoding: chunked. Never in an answer to HTTP/1.0.
};

/// What the Connection header says.
enum class connection_option : std::uint8_t {
    implied,     ///< Nothing: what the version of the request implies.
    close,       ///< The connection closes after this response.
    keep_alive,  ///< For an HTTP/1.0 client that asked to stay.
};

/// The head of a response before it is bytes. The views are read by the writer and not kept.
struct response_head {
    int status = 200;
    response_framing framing = response_framing::length;
    connection_option connection = connection_option::implied;
    std::uint64_t content_length = 0;
    std::string_view content_type{};  ///< Left out when empty.
    std::string_view date{};  ///< From date_cache, http_date_bytes long; left out when empty.
    /// Further header lines in their form, each with its CR and LF; none of those that the members
    /// above make.
    std::string_view lines_before{};
    std::span<const header_field> extra_headers{};  ///< The same, each is_valid().
    std::string_view lines_behind{};                ///< As lines_before.
};

/// The room that write_response_head needs for this head. More than what it writes in the end.
[[nodiscard]] std::size_t response_head_bytes_bound(const response_head& head) noexcept;

/// Writes status line, header lines and the empty line, and returns where they end. Bytes beyond
/// that and within response_head_bytes_bound(head) may be used as scratch. Text that would break
/// the head apart is a programmer error: check with is_valid what comes from outside. The version
/// is always HTTP/1.1, also to HTTP/1.0 (RFC 9110, 2.5).
[[nodiscard]] char* write_response_head(char* out, const response_head& head) noexcept;

}  // namespace rouse::http
