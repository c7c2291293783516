#include "protocols/http/target.hpp"

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace rouse::http;

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

pairs all_of(std::string_view query) {
    pairs found;
    for (const query_pair& pair : query_pairs(query)) {
        found.emplace_back(pair.key, pair.value);
    }
    return found;
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/target");

TEST_CASE("escapes are decoded in both cases of their digits") {
    CHECK(percent_decode("") == "");
    CHECK(percent_decode("plain") == "plain");
    CHECK(percent_decode("a%20b%2Fc%2fd") == "a b/c/d");
    CHECK(percent_decode("%C3%A9%ff%01") == "\xc3\xa9\xff\x01");
    CHECK(percent_decode("%2520") == "%20");
}

TEST_CASE("a plus is a space in a query and a plus in a path") {
    CHECK(percent_decode("a+b") == "a+b");
    CHECK(form_decode("a+b%2B") == "a b+");
}

TEST_CASE("an escape that is incomplete, not hexadecimal or NUL is refused") {
    for (const char* text : {"%", "%4", "a%", "a%4", "%zz", "%4z", "%z4", "%%41", "%-1", "% 1",
                             "%00", "a%00b", "%u0041"}) {
        CAPTURE(text);
        CHECK_FALSE(percent_decode(text).has_value());
        CHECK_FALSE(form_decode(text).has_value());
    }
}

TEST_CASE("the pairs of a query come in their order, empty ones left out") {
    CHECK(all_of("").empty());
    CHECK(all_of("&&&").empty());
    CHECK(all_of("a=1") == pairs{{"a", "1"}});
    CHECK(all_of("a=1&b=2&a=3") == pairs{{"a", "1"}, {"b", "2"}, {"a", "3"}});
    CHECK(all_of("&a&&b=&=c&d=e=f&") == pairs{{"a", ""}, {"b", ""}, {"", "c"}, {"d", "e=f"}});
}

TEST_CASE("a pair is found by its raw key") {
    CHECK(find_query("a=1&b=2&b=3", "b") == "2");
    CHECK(find_query("a=1&b", "b") == "");
    CHECK_FALSE(find_query("a=1&b=2", "c").has_value());
    CHECK_FALSE(find_query("", "a").has_value());
}

TEST_SUITE_END();
