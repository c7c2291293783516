#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "protocols/http/header_field.hpp"
#include "protocols/http/method.hpp"

namespace rouse::http {

/// How the body of a request is delimited. See RFC 9112, 6.3.
enum class body_framing : std::uint8_t {
    none,     ///< Neither Content-Length nor Transfer-Encoding: no body.
    length,   ///< Content-Length: request_head::content_length bytes, perhaps 0.
    chunked,  ///< Transfer-Encoding: chunked; see chunked_decoder.
};

/// A parsed request line and header section. The views point into the buffer of the last call of
/// request_parser::parse, and are valid as long as its bytes stay there and the parser is not
/// reset.
struct request_head {
    method verb = method::get;
    body_framing framing = body_framing::none;
    std::uint8_t minor_version = 1;  ///< 0 or 1. A later HTTP/1.x is 1 (RFC 9110, 2.5).
    bool keep_alive = true;          ///< From Connection and the version. RFC 9112, 9.3.
    bool expect_continue =
        false;  ///< A body is to come and the client waits for 100. RFC 9110, 10.1.1.
    std::uint64_t content_length = 0;

    std::string_view method_name;
    std::string_view target;  ///< As received, in any form.
    std::string_view path;    ///< Raw: not decoded, dot segments kept. Begins with '/', or is "*".
    std::string_view query;   ///< Raw, without the '?'; empty when there is none.
    std::string_view
        host;  ///< From the target when it is absolute, else from Host. RFC 9112, 3.2.2.
    std::string_view content_type;  ///< Of the first Content-Type; empty when there is none.

    std::span<const header_field> headers;  ///< In order of arrival.

    /// The value of the first header of this name, compared without case.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;
};

}  // namespace rouse::http
