#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/net/address.hpp"

namespace rouse::server {

/// What a health check asks, and where.
struct health_question {
    std::vector<address> places;  ///< The first that lets connect is asked.
    std::string host;             ///< The Host of the request.
    std::string target;           ///< A path, perhaps with a query.
};

/// Reads "http://HOST[:PORT][/PATH][?QUERY]" (RFC 9110, 4.2.1), where HOST is an IPv4 address, an
/// IPv6 address in brackets or localhost; or "unix:SOCKET[:/PATH[?QUERY]]", where SOCKET is a path
/// or @NAME. No name is resolved. Or what is wrong, as the end of a sentence that begins with the
/// URL.
[[nodiscard]] std::expected<health_question, std::string> parse_health_url(std::string_view url);

/// GET /healthz at one of this process's own listening addresses: a wildcard is asked on loopback.
[[nodiscard]] health_question health_question_of(const address& listening);

}  // namespace rouse::server
