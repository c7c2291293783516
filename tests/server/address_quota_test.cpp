#include "server/address_quota.hpp"

#include <string_view>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace rouse::test {
namespace {

using server::address_quota;

ip_address client_address(std::string_view text) {
    return ip_address(address::parse(text).value());
}

}  // namespace

TEST_SUITE("server/address_quota") {
    TEST_CASE("a client gets as many places as it may have, and another its own") {
        address_quota quota(2);
        const auto first = quota.enter(client_address("192.0.2.1:1"));
        auto second = quota.enter(client_address("192.0.2.1:2"));
        CHECK(first);
        CHECK(second);
        CHECK_FALSE(quota.enter(client_address("192.0.2.1:3")));
        CHECK(quota.enter(client_address("192.0.2.2:1")));
        second.reset();
        CHECK(quota.enter(client_address("192.0.2.1:3")));
    }

    TEST_CASE("a client that has gone leaves nothing behind") {
        address_quota quota(1);
        {
            auto held = quota.enter(client_address("192.0.2.1:1"));
            REQUIRE(held);
            const address_quota::place moved(std::move(*held));
            CHECK(quota.clients() == 1);
            CHECK_FALSE(quota.enter(client_address("192.0.2.1:1")));
        }
        CHECK(quota.clients() == 0);
    }

    TEST_CASE("an IPv6 client counts by its network") {
        address_quota quota(1);
        const auto held = quota.enter(client_address("[2001:db8:0:1::1]:1"));
        CHECK(held);
        CHECK_FALSE(quota.enter(client_address("[2001:db8:0:1:ffff::2]:1")));
        CHECK(quota.enter(client_address("[2001:db8:0:2::1]:1")));
    }

    TEST_CASE("an IPv4 client is the same in its mapped form") {
        address_quota quota(1);
        const auto held = quota.enter(client_address("192.0.2.1:1"));
        CHECK_FALSE(quota.enter(client_address("[::ffff:192.0.2.1]:1")));
        CHECK(quota.enter(client_address("[::ffff:192.0.2.2]:1")));
    }

    TEST_CASE("without a bound, and without an address, everybody gets in") {
        address_quota unbounded(0);
        const auto first = unbounded.enter(client_address("192.0.2.1:1"));
        CHECK(first);
        CHECK(unbounded.enter(client_address("192.0.2.1:1")));
        CHECK(unbounded.clients() == 0);
        address_quota quota(1);
        const auto held = quota.enter(ip_address());
        CHECK(held);
        CHECK(quota.enter(ip_address()));
        CHECK(quota.enter(client_address("unix:/x")));
    }

    TEST_CASE("threads that come and go leave the count right") {
        address_quota quota(3);
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&quota] {
                for (int round = 0; round < 2'000; ++round) {
                    const auto one = quota.enter(client_address("192.0.2.1:1"));
                    const auto other = quota.enter(client_address("192.0.2.2:1"));
                }
            });
        }
        for (std::thread& each : threads) {
            each.join();
        }
        CHECK(quota.clients() == 0);
    }
}

}  // namespace rouse::test
