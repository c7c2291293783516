#pragma once

#include "protocols/http/request.hpp"
#include "protocols/http/response.hpp"
#include "runtime/task/task.hpp"

namespace rouse::server {

/// Gives a request back as JSON: method, target, path, query, version, headers in their order, peer
/// and body. A body that is not UTF-8 is given as base64 (RFC 4648) in "body_base64" instead of
/// "body".
[[nodiscard]] task<http::response> anything(http::request& asked);

}  // namespace rouse::server
