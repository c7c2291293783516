#include "protocols/http/middleware/rate_limit.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "protocols/http/middleware/token_buckets.hpp"

namespace rouse::http {
namespace {

struct limit {
    limit(const rate_limit_options& options, duration interval)
        : buckets(interval, options.burst, options.clients_max), now(options.now) {}

    token_buckets buckets;
    std::function<time_point()> now;
};

std::string bound_fault(std::string_view what, std::size_t value, std::size_t max) {
    return value >= 1 && value <= max
               ? std::string()
               : "rate limit: " + std::string(what) + ": 1 to " + std::to_string(max);
}

// Between two tokens. The numbers are within their bounds.
duration interval_of(const rate_limit_options& options) {
    return std::max(duration(options.period) / static_cast<duration::rep>(options.requests),
                    duration(1));
}

std::string fault_of(const rate_limit_options& options) {
    const auto period = static_cast<std::size_t>(
        std::max(options.period, std::chrono::milliseconds::zero()).count());
    const auto period_max = static_cast<std::size_t>(rate_limit_period_max.count());
    for (std::string fault : {bound_fault("requests", options.requests, rate_limit_requests_max),
                              bound_fault("burst", options.burst, rate_limit_burst_max),
                              bound_fault("clients", options.clients_max, rate_limit_clients_max),
                              bound_fault("period in milliseconds", period, period_max)}) {
        if (!fault.empty()) {
            return fault;
        }
    }
    // Divided, since the product may be beyond what a duration can be.
    if (interval_of(options) >
        duration(rate_limit_refill_max) / static_cast<duration::rep>(options.burst)) {
        return "rate limit: a burst that takes longer than " +
               std::to_string(rate_limit_refill_max.count()) + " days to come back";
    }
    return {};
}

std::optional<response> refuse(limit& by, const request& asked) {
    const auto wait = by.buckets.take(asked.peer_ip().client(), by.now());
    if (!wait) {
        return std::nullopt;
    }
    response made = response::of_status(429);
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*wait);  // RFC 9110, 10.2.3.
    made.headers.push_back({.name = "Retry-After", .value = std::to_string(seconds.count())});
    return made;
}

}  // namespace

std::expected<middleware, std::string> make_rate_limit(rate_limit_options options) {
    if (std::string fault = fault_of(options); !fault.empty()) {
        return std::unexpected(std::move(fault));
    }
    auto by = std::make_shared<limit>(options, interval_of(options));
    return middleware([by](handler inner) {
        return with_check(std::move(inner), [by](request& asked) { return refuse(*by, asked); });
    });
}

}  // namespace rouse::http
