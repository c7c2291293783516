#include "runtime/net/address.hpp"

#include <netinet/in.h>

#include <cstring>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

using rouse::address;
using rouse::errc;

namespace {

std::string round_trip(std::string_view text) {
    const auto parsed = address::parse(text);
    return parsed ? parsed->to_string() : "invalid: " + std::string(text);
}

}  // namespace

TEST_SUITE_BEGIN("runtime/net/address");

TEST_CASE("an address is written as it was read") {
    for (const char* text :
         {"127.0.0.1:8080", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:8080", "[::]:0",
          "[2001:db8::7]:443", "[fe80::1%7]:80", "[::ffff:10.0.0.1]:80", "unix:/run/rouse.sock",
          "unix:relative.sock", "unix:@rouse"}) {
        CHECK(round_trip(text) == text);
    }
}

TEST_CASE("the parts of an address are what the system calls want") {
    const auto four = address::parse("10.1.2.3:258").value();
    CHECK(four.family() == AF_INET);
    CHECK(four.port() == 258);
    CHECK(four.size() == sizeof(sockaddr_in));
    sockaddr_in raw{};
    std::memcpy(&raw, four.data(), sizeof raw);
    CHECK(raw.sin_port == htons(258));
    CHECK(ntohl(raw.sin_addr.s_addr) == 0x0a010203U);

    const auto six = address::parse("[::1]:7").value();
    CHECK(six.family() == AF_INET6);
    CHECK(six.port() == 7);
    CHECK(six.size() == sizeof(sockaddr_in6));
}

TEST_CASE("an interface name is read as its index") {
    // Interface 1 is lo in every network namespace.
    CHECK(round_trip("[fe80::1%lo]:80") == "[fe80::1%1]:80");
    CHECK_FALSE(address::parse("[fe80::1%no_such_interface]:80"));
    CHECK_FALSE(address::parse("[fe80::1%]:80"));
}

TEST_CASE("what is not an address is refused") {
    for (const char* text : {"",
                             ":",
                             ":80",
                             "80",
                             "127.0.0.1",
                             "127.0.0.1:",
                             "127.0.0.1:65536",
                             "127.0.0.1:-1",
                             "127.0.0.1:+1",
                             "127.0.0.1: 1",
                             "127.0.0.1:1 ",
                             "127.0.0.1:000080",
                             "127.0.0.1:0x50",
                             "127.1:80",
                             "127.0.0.256:80",
                             "localhost:80",
                             "*:80",
                             "::1:80",
                             "[::1]",
                             "[::1]80",
                             "[::1:80",
                             "::1]:80",
                             "[]:80",
                             "[127.0.0.1]:80",
                             "[:::1]:80",
                             "unix:",
                             "unix:@",
                             " 127.0.0.1:1",
                             "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]:80"}) {
        CAPTURE(text);
        const auto parsed = address::parse(text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error() == errc::address_invalid);
    }
    CHECK_FALSE(address::parse(std::string_view("127.0.0.1\0:80", 13)));
    CHECK_FALSE(address::parse(std::string_view("unix:a\0b", 8)));
}

TEST_CASE("a unix name may be as long as the kernel takes and no longer") {
    const std::string longest = "unix:" + std::string(sizeof(sockaddr_un::sun_path) - 1, 'p');
    CHECK(round_trip(longest) == longest);
    CHECK_FALSE(address::parse(longest + 'p'));
}

TEST_CASE("a unix path is told from an abstract name") {
    const auto path = address::parse("unix:/run/a").value();
    CHECK(path.family() == AF_UNIX);
    CHECK(path.unix_path() == "/run/a");
    CHECK(path.port() == 0);
    CHECK(path.size() == offsetof(sockaddr_un, sun_path) + 7);

    const auto name = address::parse("unix:@a").value();
    CHECK(name.unix_path().empty());
    CHECK(name.size() == offsetof(sockaddr_un, sun_path) + 2);
    CHECK(name.data()->sa_data[0] == '\0');
    CHECK(name.data()->sa_data[1] == 'a');
}

TEST_CASE("a copy of what the kernel wrote equals what was parsed") {
    for (const char* text : {"127.0.0.1:80", "[fe80::1%3]:80", "unix:/run/a", "unix:@a"}) {
        const auto parsed = address::parse(text).value();
        CHECK(address::from_sockaddr(parsed.data(), parsed.size()) == parsed);
    }
    CHECK(address::parse("127.0.0.1:80").value() != address::parse("127.0.0.1:81").value());
}

TEST_CASE("the padding of an IPv4 address does not count") {
    auto parsed = address::parse("127.0.0.1:80").value();
    sockaddr_in raw{};
    std::memcpy(&raw, parsed.data(), sizeof raw);
    std::memset(&raw.sin_zero, 0x55, sizeof raw.sin_zero);
    CHECK(address::from_sockaddr(reinterpret_cast<const sockaddr*>(&raw), sizeof raw) == parsed);
}

TEST_CASE("a path that the kernel reports with bytes behind it equals the plain path") {
    const auto parsed = address::parse("unix:/run/a").value();
    sockaddr_un raw{};
    std::memcpy(&raw, parsed.data(), parsed.size());
    std::memcpy(&raw.sun_path[8], "junk", 4);
    const auto* source = reinterpret_cast<const sockaddr*>(&raw);
    CHECK(address::from_sockaddr(source, sizeof raw) == parsed);
    CHECK(address::from_sockaddr(source, parsed.size() - 1) == parsed);
}

TEST_CASE("what is no address is none") {
    CHECK(address().family() == AF_UNSPEC);
    CHECK(address().size() == 0);
    CHECK(address().to_string() == "none");
    CHECK(address::from_sockaddr(nullptr, 0) == address());

    sockaddr_in raw{};
    raw.sin_family = AF_INET;
    const auto* source = reinterpret_cast<const sockaddr*>(&raw);
    CHECK(address::from_sockaddr(source, sizeof raw - 1) == address());
    raw.sin_family = AF_NETLINK;
    CHECK(address::from_sockaddr(source, sizeof raw) == address());
}

TEST_CASE("an unnamed unix peer has no path") {
    const sa_family_t family = AF_UNIX;
    const auto peer =
        address::from_sockaddr(reinterpret_cast<const sockaddr*>(&family), sizeof family);
    CHECK(peer.family() == AF_UNIX);
    CHECK(peer.unix_path().empty());
    CHECK(peer.to_string() == "unix:");
}

TEST_SUITE_END();
