#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <vector>

#include "protocols/http/handler.hpp"

namespace rouse::http {

/// A body for error responses that have none of their own.
struct error_page {
    std::string match{};  ///< "404", or "4xx" or "5xx" for those without a page of their own.
    /// {status} is the number and {reason} its name, both escaped in HTML; other braces stay.
    std::string text{};
    std::string content_type = "text/html; charset=utf-8";
};

struct error_pages_options {
    std::vector<error_page> pages{};
    /// A client that wants JSON gets a problem document (RFC 9457) instead: see wants_json().
    bool problem_json = true;
};

inline constexpr std::size_t error_pages_max = 256;
inline constexpr std::size_t error_page_bytes_max = 65'536;

/// Gives responses with a status from 400 a page, if their body is empty or what
/// response::of_status makes. All their headers stay. The answer to HEAD gets the length of the
/// page. Errors: a match that is none or is there twice; a page beyond its bound or with a content
/// type that is no header value.
[[nodiscard]] std::expected<middleware, std::string> make_error_pages(error_pages_options options);

}  // namespace rouse::http
