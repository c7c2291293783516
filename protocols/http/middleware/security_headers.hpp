#pragma once

#include <expected>
#include <string>

#include "protocols/http/handler.hpp"

namespace rouse::http {

/// What browsers are told about every response. Each value is sent as it is; an empty one is not
/// sent. A header that a handler has set stays.
struct security_headers_options {
    /// The content is what Content-Type says (Fetch Standard, 3.6).
    std::string content_type_options = "nosniff";
    /// Other sites learn the origin of a link, and not its path (Referrer Policy, 3.7).
    std::string referrer_policy = "strict-origin-when-cross-origin";
    /// Who may put a page into a frame, for old browsers (RFC 7034); others read frame-ancestors.
    std::string frame_options = "SAMEORIGIN";
    /// What holds for any site: no foreign frame, base address or plug-in. A site that knows its
    /// own scripts does better with a policy of its own (Content Security Policy Level 3).
    std::string content_security_policy =
        "base-uri 'self'; frame-ancestors 'self'; object-src 'none'";
    /// Off: it is for TLS only (RFC 6797, 7.2), and cannot be taken back soon.
    std::string strict_transport_security{};
    /// What a page and its frames may not ask for (Permissions Policy, 5.1).
    std::string permissions_policy = "camera=(), geolocation=(), microphone=()";
    /// A page shares no window with other sites, but may open theirs (HTML Standard, 7.1.3).
    std::string cross_origin_opener_policy = "same-origin-allow-popups";
};

inline constexpr std::size_t security_header_bytes_max = 4'096;

/// Errors: a value with a control character, with white space around it or longer than
/// security_header_bytes_max; Strict-Transport-Security without max-age (RFC 6797, 6.1.1).
[[nodiscard]] std::expected<middleware, std::string> make_security_headers(
    security_headers_options options = {});

}  // namespace rouse::http
