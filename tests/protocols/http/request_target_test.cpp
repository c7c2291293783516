#include "protocols/http/request_target.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace rouse::http;

TEST_SUITE_BEGIN("protocols/http/request_target");

TEST_CASE("hosts as RFC 3986 has them are valid") {
    for (const char* host : {"", "localhost", "127.0.0.1:8080", "example.com",
                             "example.com:", "a_b-c~d.e", "%41.example", "[::1]", "[::1]:80",
                             "[2001:db8::7]:65535", "[v1.a:b]", "sub!$&'()*+,;="}) {
        CAPTURE(host);
        CHECK(is_valid_host(host));
    }
}

TEST_CASE("anything else is not") {
    for (const char* host :
         {":80",      "a:b",  "a:65536", "a:000080", "a:80:80", "a:-1",   "user@host",
          "a b",      "a/b",  "a?b",     "a#b",      "a\\b",    "[",      "]",
          "[]",       "[::1", "::1",     "[::1]x",   "[::1]:x", "x[::1]", "[fe80::1%25e]",
          "\xc3\xa9", "a\"b", "<a>",     "{a}"}) {
        CAPTURE(host);
        CHECK_FALSE(is_valid_host(host));
    }
}

TEST_CASE("an absolute target is split into its parts") {
    const auto full = split_absolute_target("http://example.com:81/a/b?c=d?e").value();
    CHECK(full.authority == "example.com:81");
    CHECK(full.path == "/a/b");
    CHECK(full.query == "c=d?e");
    const auto bare = split_absolute_target("HTTPS://h").value();
    CHECK(bare.authority == "h");
    CHECK(bare.path == "/");
    CHECK(bare.query.empty());
    const auto queried = split_absolute_target("http://h?q/r").value();
    CHECK(queried.authority == "h");
    CHECK(queried.path == "/");
    CHECK(queried.query == "q/r");
}

TEST_CASE("an absolute target of another scheme or without a valid host is refused") {
    for (const char* target :
         {"", "http", "http:", "http:/a", "http://", "http:///a", "http://?q", "ftp://h/",
          "https:/h", "http://u@h/", "http://h:x/", "h:80", "a/b"}) {
        CAPTURE(target);
        CHECK_FALSE(split_absolute_target(target).has_value());
    }
}

TEST_SUITE_END();
