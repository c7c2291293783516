#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

#include "protocols/http/handler.hpp"
#include "protocols/http/middleware/path_rule.hpp"

namespace rouse::http {

/// Sends a path elsewhere: see path_rule::parse for the form of both.
struct redirect_rule {
    std::string from{};
    std::string to{};
    /// 301, 302, 303, 307 or 308 (RFC 9110, 15.4). Browsers keep 301 and 308 for good, so a mistake
    /// in one of these stays with whoever has seen it.
    int status = 302;
};

/// What becomes of "/a" and "/a/", where no rule is for them.
enum class trailing_slash : std::uint8_t {
    as_it_is,
    add,     ///< "/a" is sent to "/a/", unless its last segment has a dot: a file.
    remove,  ///< "/a/" is sent to "/a".
};

struct redirect_options {
    std::vector<redirect_rule> rules{};  ///< The first that is for a path is the one.
    trailing_slash slash = trailing_slash::as_it_is;
    /// Of `slash`. 308 keeps the method, and so the body of a POST.
    int slash_status = 308;
};

/// Errors: those of path_rule::parse, a status that is no redirect, more than path_rules_max rules.
[[nodiscard]] std::expected<middleware, std::string> make_redirect(redirect_options options);

struct redirect_to_host_options {
    std::string scheme = "http";  ///< Or "https".
    std::string host{};           ///< "example.org" or "example.org:8080".
    int status = 308;
    /// Answered under any host: "/healthz", or all paths below "/.well-known/".
    std::vector<std::string> except_paths{};
};

/// Sends each request for another host to the same path and query of this one. A request that names
/// no host is let through: it could never arrive. Errors: a scheme, host, status or path that is
/// none.
[[nodiscard]] std::expected<middleware, std::string> make_redirect_to_host(
    redirect_to_host_options options);

}  // namespace rouse::http
