#pragma once

#include "protocols/http/router.hpp"

namespace rouse::sim {

/// The routes of the simulated HTTP service: every kind of handler and of response that there is.
/// The handlers keep nothing between requests, so one router serves all worlds of a process. What
/// they answer is planned by plan_exchange.
void add_routes(http::router& routes);

/// Its parts.
void add_text_routes(http::router& routes);
void add_stream_routes(http::router& routes);
void add_body_routes(http::router& routes);
void add_failing_routes(http::router& routes);

/// The sets of methods that routes have; HEAD comes with GET.
namespace route_methods {
inline constexpr http::method_mask get = http::to_mask(http::method::get);
inline constexpr http::method_mask post = http::to_mask(http::method::post);
inline constexpr http::method_mask put = http::to_mask(http::method::put);
inline constexpr http::method_mask get_or_post = get | post;
inline constexpr http::method_mask post_or_put = post | put;
/// All that are known, but CONNECT, which no route ever sees.
inline constexpr http::method_mask named =
    static_cast<http::method_mask>(http::method_mask_all & ~http::to_mask(http::method::connect) &
                                   ~http::to_mask(http::method::head));
}  // namespace route_methods

}  // namespace rouse::sim
