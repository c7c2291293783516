#include "protocols/http/route_table.hpp"

#include <cstddef>
#include <ostream>
#include <string>

#include <doctest/doctest.h>

#include "protocols/http/route_error.hpp"

using namespace rouse::http;

namespace {

std::error_code error_of(std::string_view pattern) {
    route_table table;
    const auto added = table.add(method::get, pattern);
    CHECK(table.size() == (added ? 1 : 0));
    return added ? std::error_code() : added.error();
}

// "2 id=7 post=x" for a match of route 2; "404", or "405 GET, HEAD".
std::string answer(const route_table& table, method verb, std::string_view path) {
    const route_match match = table.match(verb, path);
    switch (match.kind) {
        case route_outcome::not_found:
            CHECK(match.allowed == 0);
            return "404";
        case route_outcome::method_not_allowed:
            return "405 " + allow_header(match.allowed);
        case route_outcome::found:
            break;
    }
    std::string text = std::to_string(match.index);
    for (std::size_t index = 0; index < match.params.size(); ++index) {
        const route_param param = match.params[index];
        CHECK(match.params.find(param.name) == param.value);
        text += " " + std::string(param.name) + "=" + std::string(param.value);
    }
    return text;
}

std::string answer(const route_table& table, std::string_view path) {
    return answer(table, method::get, path);
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/route_table");

TEST_CASE("an empty table finds nothing") {
    const route_table table;
    CHECK(answer(table, "/") == "404");
    CHECK(answer(table, "") == "404");
    CHECK(answer(table, "*") == "404");
}

TEST_CASE("patterns without parameters match themselves only") {
    route_table table;
    REQUIRE(table.add(method::get, "/") == 0U);
    REQUIRE(table.add(method::get, "/plaintext") == 1U);
    REQUIRE(table.add(method::get, "/a/b/") == 2U);
    CHECK(answer(table, "/") == "0");
    CHECK(answer(table, "/plaintext") == "1");
    CHECK(answer(table, "/a/b/") == "2");
    for (const char* path : {"", "plaintext", "/plaintext/", "/plaintex", "/plaintext2", "//",
                             "/a/b", "/PLAINTEXT", "/%70laintext", "*"}) {
        CAPTURE(path);
        CHECK(answer(table, path) == "404");
    }
    CHECK(table.pattern(2) == "/a/b/");
}

TEST_CASE("hundreds of fixed routes of every length are all found") {
    route_table table;
    std::string path = "/";
    for (std::size_t index = 0; index < 300; ++index) {
        REQUIRE(table.add(method::get, path) == index);
        path += static_cast<char>('a' + index % 26);
    }
    for (std::size_t index = 0; index < 300; ++index) {
        CHECK(answer(table, table.pattern(index)) == std::to_string(index));
    }
    CHECK(answer(table, path) == "404");
}

TEST_CASE("parameters take one segment each, raw") {
    route_table table;
    REQUIRE(table.add(method::get, "/users/{id}"));
    REQUIRE(table.add(method::get, "/users/{id}/posts/{post_2}"));
    REQUIRE(table.add(method::get, "/users/{id}/"));
    CHECK(answer(table, "/users/7") == "0 id=7");
    CHECK(answer(table, "/users/a%2Fb") == "0 id=a%2Fb");
    CHECK(answer(table, "/users/7/posts/x.y") == "1 id=7 post_2=x.y");
    CHECK(answer(table, "/users/7/") == "2 id=7");
    for (const char* path : {"/users", "/users/", "/users//", "/users/7/posts", "/users/7/posts/",
                             "/users/7/posts/1/2", "/users//posts/1"}) {
        CAPTURE(path);
        CHECK(answer(table, path) == "404");
    }
    CHECK_FALSE(table.match(method::get, "/users/7").params.find("post_2").has_value());
}

TEST_CASE("a rest takes what is left, even nothing") {
    route_table table;
    REQUIRE(table.add(method::get, "/files/{path...}"));
    CHECK(answer(table, "/files/a") == "0 path=a");
    CHECK(answer(table, "/files/a/../b//c/") == "0 path=a/../b//c/");
    CHECK(answer(table, "/files/") == "0 path=");
    CHECK(answer(table, "/files") == "404");
    REQUIRE(table.add(method::get, "/{all...}"));
    CHECK(answer(table, "/files") == "1 all=files");
    CHECK(answer(table, "/") == "1 all=");
    CHECK(answer(table, "//") == "1 all=/");
    CHECK(answer(table, "*") == "404");
}

TEST_CASE("the more special pattern goes first, whatever the order of adding") {
    for (const bool reversed : {false, true}) {
        CAPTURE(reversed);
        const std::string_view patterns[] = {"/a/{rest...}", "/a/{x}", "/a/b", "/a/{x}/c",
                                             "/a/b/{y}"};
        route_table table;
        for (std::size_t index = 0; index < std::size(patterns); ++index) {
            const std::size_t chosen = reversed ? std::size(patterns) - 1 - index : index;
            REQUIRE(table.add(method::get, patterns[chosen]));
        }
        const auto pattern_of = [&table](std::string_view path) {
            return table.pattern(table.match(method::get, path).index);
        };
        CHECK(pattern_of("/a/b") == "/a/b");
        CHECK(pattern_of("/a/d") == "/a/{x}");
        CHECK(pattern_of("/a/b/c") == "/a/b/{y}");
        CHECK(pattern_of("/a/d/c") == "/a/{x}/c");
        CHECK(pattern_of("/a/d/e") == "/a/{rest...}");
        CHECK(pattern_of("/a/b/c/d") == "/a/{rest...}");
        CHECK(pattern_of("/a/") == "/a/{rest...}");
    }
}

TEST_CASE("a way that leads nowhere leaves no parameter behind") {
    route_table table;
    REQUIRE(table.add(method::get, "/{a}/{b}/{c}/end"));
    REQUIRE(table.add(method::get, "/x/{rest...}"));
    REQUIRE(table.add(method::get, "/{any...}"));
    CHECK(answer(table, "/x/2/3/nope") == "1 rest=2/3/nope");
    CHECK(answer(table, "/1/2/3/nope") == "2 any=1/2/3/nope");
    CHECK(answer(table, "/1/2/3/end") == "0 a=1 b=2 c=3");
}

TEST_CASE("a method that no route has for the path is not allowed, and the others are named") {
    route_table table;
    REQUIRE(table.add(method::get, "/users/{id}"));
    REQUIRE(table.add(method::delete_, "/users/{name}"));
    REQUIRE(table.add(method::post, "/users/me"));
    CHECK(answer(table, method::delete_, "/users/7") == "1 name=7");
    CHECK(answer(table, method::put, "/users/7") == "405 GET, HEAD, DELETE");
    CHECK(answer(table, method::put, "/users/me") == "405 GET, HEAD, POST, DELETE");
    CHECK(answer(table, method::put, "/nobody") == "404");
    // The fixed route has only POST: GET goes on to the route with the parameter.
    CHECK(answer(table, method::get, "/users/me") == "0 id=me");
    CHECK(answer(table, method::post, "/users/me") == "2");
}

TEST_CASE("HEAD is answered by GET unless it has a route of its own") {
    route_table table;
    REQUIRE(table.add(method::get, "/a"));
    REQUIRE(table.add(method::get, "/b"));
    REQUIRE(table.add(method::head, "/b"));
    REQUIRE(table.add(method::post, "/c"));
    CHECK(answer(table, method::head, "/a") == "0");
    CHECK(answer(table, method::head, "/b") == "2");
    CHECK(answer(table, method::get, "/b") == "1");
    CHECK(answer(table, method::head, "/c") == "405 POST");
}

TEST_CASE("a route has methods that are known here") {
    route_table table;
    CHECK(table.add(to_mask(method::other), "/a").error() == route_errc::methods_empty);
    REQUIRE(table.add(to_mask(method::other) | to_mask(method::get), "/a") == 0U);
    CHECK(answer(table, method::other, "/a") == "405 GET, HEAD");
}

TEST_CASE("one route may have several methods, or all") {
    route_table table;
    REQUIRE(table.add(to_mask(method::put) | to_mask(method::patch), "/some") == 0U);
    REQUIRE(table.add(method_mask_all, "/any") == 1U);
    CHECK(answer(table, method::put, "/some") == "0");
    CHECK(answer(table, method::patch, "/some") == "0");
    CHECK(answer(table, method::get, "/some") == "405 PUT, PATCH");
    for (std::size_t verb = 0; verb < method_count - 1; ++verb) {
        CHECK(answer(table, static_cast<method>(verb), "/any") == "1");
    }
}

TEST_CASE("a route that is there already is refused and changes nothing") {
    route_table table;
    REQUIRE(table.add(method::get, "/a"));
    REQUIRE(table.add(method::get, "/u/{id}"));
    REQUIRE(table.add(method::get, "/f/{r...}"));
    for (const char* pattern : {"/a", "/u/{id}", "/u/{other}", "/f/{other...}"}) {
        CAPTURE(pattern);
        CHECK(table.add(method::get, pattern).error() == route_errc::route_duplicate);
        CHECK(table.add(method_mask_all, pattern).error() == route_errc::route_duplicate);
    }
    CHECK(table.size() == 3);
    CHECK(answer(table, method::post, "/a") == "405 GET, HEAD");
    CHECK(table.add(method::post, "/a") == 3U);
    CHECK(answer(table, "/u/1") == "1 id=1");
}

TEST_CASE("a pattern that is not one is refused") {
    CHECK(route_table().add(0, "/a").error() == route_errc::methods_empty);
    for (const char* pattern :
         {"",          "a",        "*",     "{a}",   "//",     "/a//b",     "/{}",
          "/{a",       "/a}",      "/{a}b", "/a{b}", "/{a-b}", "/{...}",    "/{a..}",
          "/{a...}/b", "/{a...}/", "/a?b",  "/a b",  "/a#b",   "/\xc3\xa9", "/a\r\n"}) {
        CAPTURE(pattern);
        CHECK(error_of(pattern) == route_errc::pattern_invalid);
    }
    CHECK(error_of("/{a}/b/{a}") == route_errc::parameter_duplicate);
    CHECK(error_of("/{a}/{a...}") == route_errc::parameter_duplicate);
    CHECK(route_error_category().name() == std::string("rouse.route"));
}

TEST_CASE("each reason for refusing a route says what is wrong") {
    const auto text = [](route_errc reason) { return make_error_code(reason).message(); };
    CHECK(text(route_errc::methods_empty) == "a route needs a method");
    CHECK(text(route_errc::parameter_duplicate) ==
          "two parameters of a route pattern have the same name");
    CHECK(text(route_errc::too_many_parameters) == "too many parameters in a route pattern");
    CHECK(text(route_errc::too_many_segments) == "too many segments in a route pattern");
    CHECK(route_error_category().message(0) == "unknown error 0");
}

TEST_CASE("parameters and segments are bounded") {
    std::string pattern;
    for (std::size_t index = 0; index < route_params_max; ++index) {
        pattern += "/{p" + std::to_string(index) + "}";
    }
    CHECK_FALSE(error_of(pattern));
    CHECK(error_of(pattern + "/{more}") == route_errc::too_many_parameters);
    std::string deep;
    for (std::size_t index = 0; index < route_segments_max; ++index) {
        deep += "/s";
    }
    CHECK_FALSE(error_of(deep));
    CHECK(error_of(deep + "/s") == route_errc::too_many_segments);
}

TEST_CASE("a table that was moved still names its parameters") {
    route_table table;
    REQUIRE(table.add(method::get, "/{n}"));
    const route_table moved = std::move(table);
    CHECK(answer(moved, "/v") == "0 n=v");
}

TEST_SUITE_END();
