#include "runtime/net/ip_address.hpp"

#include <string_view>

#include <doctest/doctest.h>

namespace rouse::test {
namespace {

ip_address ip(std::string_view text) {
    return ip_address(address::parse(text).value());
}

}  // namespace

TEST_SUITE("runtime/net/ip_address") {
    TEST_CASE("an address without its port is printed as it is known") {
        CHECK(ip("192.0.2.1:80").to_string() == "192.0.2.1");
        CHECK(ip("[2001:db8::1]:80").to_string() == "2001:db8::1");
        CHECK(ip("[::1]:80").to_string() == "::1");
        CHECK(ip("[::ffff:192.0.2.1]:80").to_string() == "192.0.2.1");
    }

    TEST_CASE("what has no address is unspecified") {
        CHECK(ip_address().to_string() == "-");
        CHECK_FALSE(ip_address(address()).is_specified());
        CHECK_FALSE(ip("unix:/run/x").is_specified());
        CHECK(ip("0.0.0.0:1").is_specified());
        CHECK_FALSE(ip("[::]:1").is_specified());
    }

    TEST_CASE("ports do not count, everything else does") {
        CHECK(ip("192.0.2.1:80") == ip("192.0.2.1:81"));
        CHECK(ip("192.0.2.1:80").hash() == ip("192.0.2.1:81").hash());
        CHECK_FALSE(ip("192.0.2.1:80") == ip("192.0.2.2:80"));
        CHECK_FALSE(ip("[::1]:80") == ip("[::2]:80"));
    }

    // RFC 4291, 2.5.4: what a site gets is a /64 at least.
    TEST_CASE("a client is an IPv4 address, or the first half of an IPv6 one") {
        CHECK(ip("192.0.2.1:80").client() == ip("192.0.2.1:80"));
        CHECK(ip("[2001:db8::1:2:3:4]:80").client().to_string() == "2001:db8::");
        CHECK(ip("192.0.2.1:80").is_ipv4());
        CHECK_FALSE(ip("[2001:db8::1]:80").is_ipv4());
    }
}

}  // namespace rouse::test
