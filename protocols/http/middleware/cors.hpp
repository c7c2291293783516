#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <vector>

#include "protocols/http/handler.hpp"

namespace rouse::http {

/// Which pages of other origins may read responses. See the Fetch Standard, 3.3 ("HTTP CORS
/// protocol"). A browser asks; other clients are not bound by any of it, so this is no access
/// control.
struct cors_options {
    /// "https://app.example.org", or the one entry "*". None: no other origin.
    std::vector<std::string> origins{};
    /// Of a preflighted request. GET, HEAD and POST need no permission, but may stand here.
    std::vector<std::string> methods = {"GET", "HEAD", "POST"};
    /// Request headers beyond the safelisted ones: "Authorization", "Content-Type", or "*".
    std::vector<std::string> headers{};
    /// Response headers that the page may read beyond the safelisted ones, or "*".
    std::vector<std::string> exposed_headers{};
    /// Whether cookies and passwords of the browser may go with it. Never together with a "*".
    bool credentials = false;
    /// How long a browser remembers the answer to a preflight. Browsers have bounds of their own.
    std::chrono::seconds max_age{600};
};

inline constexpr std::size_t cors_entries_max = 256;  ///< Of each list.
inline constexpr std::chrono::seconds cors_max_age_max{86'400};

/// Answers preflights with 204 itself, whether the origin is allowed or not, and names the origin
/// in other responses. Vary says that they depend on it, also for a request without one, because a
/// cache keeps that for the others. Errors: an entry that is no origin, method or header name; "*"
/// with credentials or beside other entries; "null", which every sandboxed page is; a bound.
[[nodiscard]] std::expected<middleware, std::string> make_cors(cors_options options);

}  // namespace rouse::http
