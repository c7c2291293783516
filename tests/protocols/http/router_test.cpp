#include "protocols/http/router.hpp"

#include <stdexcept>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "protocols/http/request_parser.hpp"

namespace rouse::test {
namespace {

using http::method;

http::response say_hello(http::request& /*asked*/) {
    return http::response::literal("hello");
}
task<http::response> say_it_later(http::request& /*asked*/) {
    co_return http::response::literal("later");
}

http::response refusal_of(const http::router& routes, std::string_view request_line) {
    const std::string text = std::string(request_line) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    http::request_parser parser;
    REQUIRE(parser.parse(text) == http::parse_status::done);
    const http::request_head& head = parser.head();
    return routes.refusal(head, routes.match(head.verb, head.path));
}

std::string allow_of(const http::response& made) {
    REQUIRE(made.headers.size() == 1);
    CHECK(made.headers[0].name == "Allow");
    return made.headers[0].value;
}

}  // namespace

TEST_SUITE("protocols/http/router") {
    TEST_CASE("a function is a plain handler and a coroutine one that may wait") {
        http::router routes;
        routes.get("/plain", say_hello).get("/later", say_it_later);
        const auto plain = routes.match(method::get, "/plain");
        const auto later = routes.match(method::get, "/later");
        CHECK(std::holds_alternative<http::plain_handler>(routes.handler_of(plain)));
        CHECK(std::holds_alternative<http::async_handler>(routes.handler_of(later)));
    }

    TEST_CASE("each method has its own handler") {
        http::router routes;
        routes.get("/a", say_hello)
            .post("/a", say_it_later)
            .put("/b", say_hello)
            .any("/c", say_hello);
        CHECK(routes.match(method::get, "/a").index == 0);
        CHECK(routes.match(method::head, "/a").index == 0);
        CHECK(routes.match(method::post, "/a").index == 1);
        CHECK(routes.match(method::put, "/a").kind == http::route_outcome::method_not_allowed);
        CHECK(routes.match(method::put, "/b").index == 2);
        CHECK(routes.match(method::other, "/c").index == 3);
    }

    TEST_CASE("a wrong or duplicate pattern is said by name") {
        http::router routes;
        routes.get("/a", say_hello);
        CHECK_THROWS_AS(routes.get("/a", say_hello), std::invalid_argument);
        CHECK_THROWS_AS(routes.get("a", say_hello), std::invalid_argument);
        CHECK_THROWS_WITH_AS(routes.get("/{", say_hello), doctest::Contains("route /{: "),
                             std::invalid_argument);
        routes.get("/b", say_it_later);
        const auto found = routes.match(method::get, "/b");
        CHECK(std::holds_alternative<http::async_handler>(routes.handler_of(found)));
    }

    TEST_CASE("a path that is not there is 404") {
        http::router routes;
        routes.get("/a", say_hello);
        CHECK(refusal_of(routes, "GET /b").status == 404);
        CHECK(refusal_of(routes, "OPTIONS /b").status == 404);
    }

    TEST_CASE("a method that the path has not is 405 with those that it has") {
        http::router routes;
        routes.get("/a", say_hello).put("/a", say_hello);
        const http::response refused = refusal_of(routes, "POST /a");
        CHECK(refused.status == 405);
        CHECK(allow_of(refused) == "GET, HEAD, PUT");
    }

    TEST_CASE("a method that no route takes is 501") {
        http::router routes;
        routes.get("/a", say_hello);
        CHECK(refusal_of(routes, "BREW /a").status == 501);
        CHECK(refusal_of(routes, "BREW /b").status == 501);
    }

    TEST_CASE("a method without a name that some route takes is 404 or 405 elsewhere") {
        http::router routes;
        routes.get("/a", say_hello).any("/any", say_hello);
        CHECK(refusal_of(routes, "BREW /a").status == 405);
        CHECK(refusal_of(routes, "BREW /b").status == 404);
    }

    TEST_CASE("OPTIONS * gets the methods of all routes and no content") {
        http::router routes;
        const http::response none = refusal_of(routes, "OPTIONS *");
        CHECK(none.status == 204);
        CHECK(allow_of(none) == "OPTIONS");
        routes.get("/a", say_hello).put("/{b}", say_hello);
        CHECK(allow_of(refusal_of(routes, "OPTIONS *")) == "GET, HEAD, PUT, OPTIONS");
        routes.any("/any", say_hello);
        // CONNECT is refused by the parser.
        CHECK(allow_of(refusal_of(routes, "OPTIONS *")) ==
              "GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE, PATCH");
    }
}

}  // namespace rouse::test
