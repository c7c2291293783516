#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocols/http/router.hpp"

namespace rouse::server {

/// The longest that /delay/{ms} waits; more is 400.
inline constexpr std::uint64_t delay_milliseconds_max = 60'000;
/// The most that /bytes/{n} sends; more is 400.
inline constexpr std::uint64_t bytes_max = 1ULL << 30U;
/// The largest body that /anything gives back; more is 413.
inline constexpr std::size_t anything_body_bytes_max = 1U << 20U;

/// Where a load balancer asks whether this serves.
inline constexpr std::string_view health_path = "/healthz";
/// What it is told; not for the access log.
[[nodiscard]] http::response health_answer();

/// Adds every route of the daemon. Handlers keep no state, so the workers share one router.
void add_routes(http::router& routes);

/// Those apart: "/", "/healthz" and all others.
void add_index_route(http::router& routes);
void add_health_route(http::router& routes);
void add_test_routes(http::router& routes);

}  // namespace rouse::server
