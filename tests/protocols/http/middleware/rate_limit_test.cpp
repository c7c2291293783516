#include "protocols/http/middleware/rate_limit.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "protocols/http/middleware/token_buckets.hpp"
#include "tests/protocols/http/middleware/asked_request.hpp"

namespace rouse::test {
namespace {

using namespace std::chrono_literals;
using http::token_buckets;

ip_address client(int number) {
    return ip_address(address::parse("10." + std::to_string(number / 65'536) + "." +
                                     std::to_string(number / 256 % 256) + "." +
                                     std::to_string(number % 256) + ":1")
                          .value());
}

constexpr time_point start{1'000h};

}  // namespace

TEST_SUITE("protocols/http/middleware/rate_limit") {
    TEST_CASE("a bucket gives its burst at once, and then a token each interval") {
        token_buckets buckets(100ms, 3, 100);
        const auto who = client(1);
        for (int taken = 0; taken < 3; ++taken) {
            CHECK_FALSE(buckets.take(who, start));
        }
        CHECK(buckets.take(who, start) == 100ms);
        CHECK(buckets.take(who, start + 60ms) == 40ms);
        CHECK_FALSE(buckets.take(who, start + 100ms));
        CHECK(buckets.take(who, start + 100ms) == 100ms);
        CHECK_FALSE(buckets.take(client(2), start + 100ms));
    }

    TEST_CASE("a bucket never holds more than its burst") {
        token_buckets buckets(100ms, 2, 100);
        CHECK_FALSE(buckets.take(client(1), start));
        CHECK_FALSE(buckets.take(client(1), start + 1h));
        CHECK_FALSE(buckets.take(client(1), start + 1h));
        CHECK(buckets.take(client(1), start + 1h));
    }

    TEST_CASE("a full table forgets only buckets that are full again") {
        token_buckets buckets(1s, 2, 16);  // One client in each shard.
        int kept = 0;
        for (int number = 0; number < 1'000; ++number) {
            (void)buckets.take(client(number), start);
        }
        CHECK(buckets.size() == 16);
        // Those that are known have one token left each; all others share one bucket a shard.
        for (int number = 0; number < 1'000; ++number) {
            kept += buckets.take(client(number), start) ? 0 : 1;
        }
        CHECK(kept == 16);
        // Full again: a new client takes the place, with a bucket of its own.
        CHECK_FALSE(buckets.take(client(5'000), start + 3s));
        CHECK_FALSE(buckets.take(client(5'000), start + 3s));
        CHECK(buckets.take(client(5'000), start + 3s));
        CHECK(buckets.size() == 16);
    }

    TEST_CASE("threads together take no more than there is") {
        token_buckets buckets(1h, 1'000, 100);
        std::atomic<int> taken = 0;
        {
            std::vector<std::jthread> threads;
            for (int index = 0; index < 3; ++index) {
                threads.emplace_back([&] {
                    for (int attempt = 0; attempt < 1'000; ++attempt) {
                        taken += buckets.take(client(1), start) ? 0 : 1;
                        (void)buckets.take(client(2 + attempt), start);
                    }
                });
            }
        }
        CHECK(taken.load() == 1'000);
    }

    TEST_CASE("a client without tokens gets 429 and the time to wait, rounded up") {
        time_point now = start;
        const auto wrap = http::make_rate_limit(
            {.requests = 2, .period = 3s, .burst = 1, .now = [&now] { return now; }});
        REQUIRE(wrap.has_value());
        counted_handler inner;
        const auto handler = (*wrap)(inner.make());
        CHECK(answer_of(handler, "GET /").status == 200);
        const auto refused = answer_of(handler, "GET /");
        CHECK(refused.status == 429);
        CHECK(header_lines(refused) == "Retry-After: 2\r\n");
        CHECK(text_of(refused) == "429 Too Many Requests\n");
        asked_request other("GET /", {}, "192.0.2.2:1");
        CHECK(answer_of(handler, other).status == 200);
        now += 1'500ms;
        CHECK(answer_of(handler, "GET /").status == 200);
        // A handler that answers later is counted once.
        CHECK(inner.at_once_calls == 3);
        CHECK(inner.later_calls == 3);
    }

    TEST_CASE("the addresses of one IPv6 network are one client") {
        const auto wrap = http::make_rate_limit(
            {.requests = 1, .period = 1s, .burst = 1, .now = [] { return start; }});
        const auto handler = (*wrap)(say_path());
        asked_request first("GET /", {}, "[2001:db8::1]:1");
        asked_request second("GET /", {}, "[2001:db8::2]:1");
        asked_request third("GET /", {}, "[2001:db8:0:1::1]:1");
        CHECK(answer_of(handler, first).status == 200);
        CHECK(answer_of(handler, second).status == 429);
        CHECK(answer_of(handler, third).status == 200);
    }

    TEST_CASE("the longest burst and period count right") {
        for (const http::rate_limit_options& most :
             {http::rate_limit_options{.requests = 1, .period = 86'400'000ms, .burst = 365},
              http::rate_limit_options{.requests = 1, .period = 31'536ms, .burst = 1'000'000}}) {
            time_point now = time_point::max() - std::chrono::days(3 * 365);
            auto options = most;
            options.now = [&now] { return now; };
            const auto wrap = http::make_rate_limit(options);
            REQUIRE_MESSAGE(wrap.has_value(), wrap.error());
            const auto handler = (*wrap)(say_path());
            for (std::size_t count = 0; count < 365; ++count) {
                REQUIRE(answer_of(handler, "GET /").status == 200);
            }
            CHECK(answer_of(handler, "GET /").status == (most.burst == 365 ? 429 : 200));
            now += most.period;
            CHECK(answer_of(handler, "GET /").status == 200);
        }
    }

    TEST_CASE("numbers that mean nothing are refused by name") {
        using options = http::rate_limit_options;
        const auto error_of = [](options wrong) {
            return http::make_rate_limit(std::move(wrong)).error();
        };
        CHECK(error_of({.requests = 0}) == "rate limit: requests: 1 to 1000000000");
        CHECK(error_of({.burst = 0}) == "rate limit: burst: 1 to 1000000");
        CHECK(error_of({.clients_max = 0}) == "rate limit: clients: 1 to 16777216");
        CHECK(error_of({.period = 0ms}) == "rate limit: period in milliseconds: 1 to 86400000");
        CHECK(error_of({.period = -1ms}).starts_with("rate limit: period"));
        CHECK(error_of({.requests = 1, .period = 86'400'000ms, .burst = 1'000'000}) ==
              "rate limit: a burst that takes longer than 365 days to come back");
        CHECK(error_of({.requests = 1, .period = 86'400'000ms, .burst = 366})
                  .starts_with("rate limit: a burst"));
        CHECK(http::make_rate_limit().has_value());
    }
}

}  // namespace rouse::test
