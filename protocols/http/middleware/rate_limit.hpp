#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <string>

#include "protocols/http/handler.hpp"
#include "runtime/time/clock.hpp"

namespace rouse::http {

/// How many requests a client may make, over all workers. A client is what ip_address::client()
/// says; peers without an address, such as those of a unix socket, are one.
struct rate_limit_options {
    std::size_t requests = 100;  ///< So many each `period`, in the long run,
    std::chrono::milliseconds period{1'000};
    std::size_t burst = 200;           ///< and so many at once.
    std::size_t clients_max = 65'536;  ///< See token_buckets.

    /// The time, for tests and simulations.
    std::function<time_point()> now = clock::now;
};

inline constexpr std::size_t rate_limit_requests_max = 1'000'000'000;
inline constexpr std::size_t rate_limit_burst_max = 1'000'000;
inline constexpr std::chrono::milliseconds rate_limit_period_max{86'400'000};
inline constexpr std::size_t rate_limit_clients_max = 16'777'216;
/// How long a burst may take to come back, at `requests` each `period`.
inline constexpr std::chrono::days rate_limit_refill_max{365};

/// Answers 429 (RFC 6585, 4) with Retry-After in whole seconds, rounded up, to a client that has
/// used up its tokens. Errors: a number that is 0 or beyond its bound, a burst that takes longer
/// than rate_limit_refill_max to come back.
[[nodiscard]] std::expected<middleware, std::string> make_rate_limit(
    rate_limit_options options = {});

}  // namespace rouse::http
