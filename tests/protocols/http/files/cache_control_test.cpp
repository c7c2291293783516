#include "protocols/http/files/cache_control.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace rouse::http;

TEST_SUITE_BEGIN("protocols/http/files/cache_control");

TEST_CASE("directives are tokens, with a token or a quoted string behind them") {
    for (const char* value :
         {"no-store", "max-age=60", "public, max-age=31536000, immutable", "no-cache=\"a, b\"",
          "a,b ,\tc", "x=\"\"", "x=\"\\\"\", y", "private=\"set-cookie\", max-age=0"}) {
        CAPTURE(value);
        CHECK(is_cache_control(value));
    }
    for (const std::string_view each :
         {cache_control::immutable, cache_control::revalidate, cache_control::never}) {
        CHECK(is_cache_control(each));
    }
    for (const char* value : {"",         " ",          ",",           "a,",           ",a",
                              "a,,b",     "max-age 60", "max-age =60", "max-age= 60",  "max-age=",
                              "=60",      "a;b",        "x=\"",        "x=\"a",        "x=\"\\",
                              "x=\"\\\"", "x=\"a\"b",   "x=\"\x01\"",  "x=\"\\\x01\"", "a\r\nb: c",
                              " a",       "a "}) {
        CAPTURE(value);
        CHECK_FALSE(is_cache_control(value));
    }
}

TEST_CASE("the first rule that matches counts") {
    cache_rules rules;
    CHECK_FALSE(rules.find("/a.css").has_value());
    REQUIRE(rules.add("/index.html", "no-cache"));
    REQUIRE(rules.add("/assets/*.txt", "max-age=1"));
    REQUIRE(rules.add("/assets/*", "max-age=2"));
    REQUIRE(rules.add("*.css", "max-age=3"));
    REQUIRE(rules.add("/aa*aa", "max-age=4"));
    CHECK(rules.find("/index.html") == "no-cache");
    CHECK(rules.find("/assets/b/a.txt") == "max-age=1");
    CHECK(rules.find("/assets/.txt") == "max-age=1");
    CHECK(rules.find("/assets/a.css") == "max-age=2");
    CHECK(rules.find("/assets/") == "max-age=2");
    CHECK(rules.find("/x/a.css") == "max-age=3");
    CHECK(rules.find("/aaaa") == "max-age=4");
    for (const char* path : {"/", "/assets", "/index.htm", "/index.html5", "/x/index.html",
                             "/a.cssx", "/a.CSS", "/aaa", ""}) {
        CAPTURE(path);
        CHECK_FALSE(rules.find(path).has_value());
    }
    REQUIRE(rules.add("*", "no-store"));
    CHECK(rules.find("/aaa") == "no-store");
    CHECK(rules.find("") == "no-store");
}

TEST_CASE("what is no rule is not added") {
    cache_rules rules;
    for (const char* pattern : {"", "assets/*", ".css", "**", "/a*b*", "a*"}) {
        CAPTURE(pattern);
        CHECK_FALSE(rules.add(pattern, "no-store"));
    }
    CHECK_FALSE(rules.add("*", "max-age 60"));
    CHECK_FALSE(rules.add("/" + std::string(cache_rule_bytes_max, 'a'), "no-store"));
    CHECK_FALSE(rules.add("*", std::string(cache_rule_bytes_max + 1, 'a')));
    CHECK_FALSE(rules.find("/a").has_value());
}

TEST_CASE("the number of rules has a bound") {
    cache_rules rules;
    for (std::size_t count = 0; count < cache_rules_max; ++count) {
        REQUIRE(rules.add("/" + std::to_string(count), "no-store"));
    }
    CHECK_FALSE(rules.add("*", "no-store"));
}

TEST_SUITE_END();
