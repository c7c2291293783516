#include "protocols/http/router.hpp"

#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "protocols/http/request_parser.hpp"
#include "tests/support/poll_once.hpp"

namespace rouse::test {
namespace {

using http::method;

http::response say_hello(http::request& /*asked*/) {
    return http::response::literal("hello");
}
task<http::response> say_it_later(http::request& /*asked*/) {
    co_return http::response::literal("later");
}

// A request as a handler sees it, without a connection.
struct parsed_request final : http::request_origin {
    explicit parsed_request(std::string_view request_line, std::string_view host = "a")
        : text(std::string(request_line) + " HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n") {
        REQUIRE(parser.parse(text) == http::parse_status::done);
        asked.emplace(parser.head(), *this);
    }
    [[nodiscard]] address peer_address() const override { return {}; }
    [[nodiscard]] ip_address peer_ip() override { return {}; }
    [[nodiscard]] http::body_source& body_of_request() override { std::abort(); }

    std::string text;
    http::request_parser parser;
    std::optional<http::request> asked;
};

http::response refusal_of(const http::router& routes, std::string_view request_line) {
    parsed_request made(request_line);
    REQUIRE(routes.find(*made.asked) == nullptr);
    return routes.refusal(*made.asked);
}

// What the router answers at once, with all its middleware.
std::string text_at_once(const http::router& routes, std::string_view request_line,
                         std::string_view host = "a") {
    parsed_request made(request_line, host);
    const http::handler* found = routes.for_host(host).find(*made.asked);
    REQUIRE(found != nullptr);
    const auto answer = http::call_at_once(*found, *made.asked);
    return answer ? std::to_string(answer->status) + " " + std::string(http::text_of(*answer))
                  : "later";
}

http::middleware add_text(std::string added) {
    return [added](http::handler inner) {
        return http::with_response(std::move(inner),
                                   [added](const http::request&, http::response& made) {
                                       made.body = std::string(http::text_of(made)) + added;
                                   });
    };
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
        CHECK(routes.match(method::trace, "/c").index == 3);
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
        CHECK(allow_of(refused) == "GET, HEAD, PUT, OPTIONS");
    }

    // RFC 9110, 9.3.7.
    TEST_CASE("OPTIONS of a path gets its methods and no content") {
        http::router routes;
        routes.get("/a", say_hello).put("/a", say_hello);
        const http::response told = refusal_of(routes, "OPTIONS /a");
        CHECK(told.status == 204);
        CHECK(allow_of(told) == "GET, HEAD, PUT, OPTIONS");
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

    TEST_CASE("middleware wraps every answer, the first outermost, refusals included") {
        http::router routes;
        routes.get("/a", say_hello).use(add_text("1")).use(add_text("2"));
        CHECK(text_at_once(routes, "GET /a") == "200 hello21");
        CHECK(text_at_once(routes, "GET /b").starts_with("404 "));
        CHECK(text_at_once(routes, "GET /b").ends_with("\n21"));
        routes.get("/added/{later}", say_hello);
        CHECK(text_at_once(routes, "GET /added/x") == "200 hello21");
    }

    TEST_CASE("what waits behind middleware is asked later, and its answer changed too") {
        http::router routes;
        routes.get("/later", say_it_later).use(add_text("1"));
        parsed_request made("GET /later");
        const http::handler* found = routes.find(*made.asked);
        REQUIRE(found != nullptr);
        CHECK_FALSE(http::call_at_once(*found, *made.asked));
        parsed_request again("GET /later");
        auto answering = http::call_later(*found, *again.asked);
        CHECK(http::text_of(poll_once(answering).value()) == "later1");
    }

    TEST_CASE("a check answers in place of the handler, and is asked once") {
        int asked = 0;
        const auto refuse_b = [&asked](http::request& seen) -> std::optional<http::response> {
            ++asked;
            return seen.path() == "/b" ? std::optional(http::response::of_status(403))
                                       : std::nullopt;
        };
        http::router routes;
        routes.get("/a", say_hello).get("/later", say_it_later).use([&](http::handler inner) {
            return http::with_check(std::move(inner), refuse_b);
        });
        CHECK(text_at_once(routes, "GET /a") == "200 hello");
        CHECK(text_at_once(routes, "GET /b").starts_with("403 "));
        CHECK(text_at_once(routes, "GET /later") == "later");
        CHECK(asked == 3);
        parsed_request again("GET /later");
        auto answering = http::call_later(*routes.find(*again.asked), *again.asked);
        CHECK(http::text_of(poll_once(answering).value()) == "later");
        CHECK(asked == 3);
    }

    TEST_CASE("a rewritten path finds the route of that path, also later") {
        http::router routes;
        routes.get("/new/{name}", [](http::request& seen) {
            return http::response::text(std::string(seen.param("name")) + "?" +
                                        std::string(seen.query()));
        });
        routes.get("/wait", say_it_later).use([](http::handler inner) {
            return http::with_request(std::move(inner), [](http::request& seen) {
                seen.rewrite(seen.path() == "/old" ? "/new/it" : "/wait", "q=1");
            });
        });
        CHECK(text_at_once(routes, "GET /old") == "200 it?q=1");
        CHECK(text_at_once(routes, "GET /x") == "later");
        parsed_request again("GET /x");
        auto answering = http::call_later(*routes.find(*again.asked), *again.asked);
        CHECK(http::text_of(poll_once(answering).value()) == "later");
    }

    TEST_CASE("another path in the second attempt has that path's answer, or its refusal") {
        std::string path;
        http::router routes;
        routes.get("/wait", say_it_later).get("/plain", say_hello).use([&](http::handler inner) {
            auto kept = std::make_shared<const http::handler>(std::move(inner));
            return http::either_handler{
                .at_once = [kept](http::request& seen) { return call_at_once(*kept, seen); },
                .later =
                    [kept, &path](http::request& seen) {
                        seen.rewrite(path, "");
                        return call_later(*kept, seen);
                    }};
        });
        const auto answer = [&](std::string to, std::string_view line = "GET /wait") {
            path = std::move(to);
            parsed_request made(line);
            auto answering = http::call_later(*routes.find(*made.asked), *made.asked);
            const http::response told = poll_once(answering).value();
            return std::to_string(told.status) + " " + std::string(http::text_of(told));
        };
        CHECK(answer("/wait") == "200 later");
        CHECK(answer("/plain") == "200 hello");
        CHECK(answer("/none").starts_with("404 "));
        CHECK(answer("/wait", "POST /wait").starts_with("405 "));
    }

    TEST_CASE("a host has routes of its own, whatever its case and port") {
        http::router routes;
        routes.get("/", say_hello);
        routes.host("Example.org").get("/", [](http::request&) {
            return http::response::literal("example");
        });
        routes.host("*.example.org").get("/", [](http::request&) {
            return http::response::literal("below");
        });
        routes.host("*.b.example.org").get("/", [](http::request&) {
            return http::response::literal("deeper");
        });
        CHECK(text_at_once(routes, "GET /", "example.org") == "200 example");
        CHECK(text_at_once(routes, "GET /", "EXAMPLE.ORG:8080") == "200 example");
        CHECK(text_at_once(routes, "GET /", "example.org.") == "200 example");
        CHECK(text_at_once(routes, "GET /", "a.example.org:1") == "200 below");
        CHECK(text_at_once(routes, "GET /", "a.b.example.org") == "200 deeper");
        CHECK(text_at_once(routes, "GET /", "b.example.org") == "200 below");
        CHECK(text_at_once(routes, "GET /", "otherexample.org") == "200 hello");
        CHECK(text_at_once(routes, "GET /", "[::1]:80") == "200 hello");
        CHECK(text_at_once(routes, "GET /", "") == "200 hello");
        CHECK(&routes.host("example.org") == &routes.host("EXAMPLE.org:80"));
    }
}

}  // namespace rouse::test
