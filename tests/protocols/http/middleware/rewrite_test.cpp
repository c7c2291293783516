#include "protocols/http/middleware/rewrite.hpp"

#include <string>

#include "tests/protocols/http/middleware/asked_request.hpp"
#include "tests/support/http_drive.hpp"

namespace rouse::test {
namespace {

http::handler rewriting(const std::vector<http::rewrite_rule>& rules, http::handler inner) {
    const auto wrap = http::make_rewrite(rules);
    REQUIRE_MESSAGE(wrap.has_value(), wrap.error());
    return (*wrap)(std::move(inner));
}

}  // namespace

TEST_SUITE("protocols/http/middleware/rewrite") {
    TEST_CASE("one rule applies, and its result is not looked at again") {
        const auto handler = rewriting({{.from = "/a", .to = "/b"},
                                        {.from = "/b", .to = "/c"},
                                        {.from = "/api/{version}/*", .to = "/{rest}?v={version}"}},
                                       say_path());
        CHECK(text_of(answer_of(handler, "GET /a?x=1")) == "/b?x=1");
        CHECK(text_of(answer_of(handler, "GET /b")) == "/c");
        CHECK(text_of(answer_of(handler, "GET /api/2/users/7?x=1")) == "/users/7?v=2");
        CHECK(text_of(answer_of(handler, "GET /d?x")) == "/d?x");
        CHECK(text_of(answer_of(handler, "OPTIONS *")) == "*");
    }

    TEST_CASE("a handler that answers later sees the same path") {
        counted_handler inner;
        const auto handler = rewriting({{.from = "/a", .to = "/b"}}, inner.make());
        CHECK(text_of(answer_of(handler, "GET /a")) == "/b");
        CHECK(inner.at_once_calls == 1);
    }

    TEST_CASE("a request with a body is rewritten once, also when its handler answers later") {
        counted_handler inner;
        http::router routes;
        routes.post("/v/{path...}",
                    rewriting({{.from = "/v/*", .to = "/v/x/{rest}"}}, inner.make()));
        http_drive server(routes);
        for (int round = 1; round <= 2; ++round) {
            CHECK(server.ask("POST /v/a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")
                      .ends_with("\r\n\r\n/v/x/a"));
            CHECK(inner.at_once_calls == round);
            CHECK(inner.later_calls == round);
        }
    }

    TEST_CASE("a rule that leads out of the server is refused") {
        CHECK(http::make_rewrite({{.from = "/a", .to = "https://b/"}})
                  .error()
                  .starts_with("rewrite: rule /a -> https://b/: "));
        CHECK(http::make_rewrite({{.from = "/a", .to = "/b#c"}}).error().contains("no fragment"));
        CHECK(http::make_rewrite({{.from = "/a/{x}/{x}", .to = "/b"}}).has_value() == false);
        CHECK(http::make_rewrite(std::vector<http::rewrite_rule>(257)).error() ==
              "rewrite: more than 256 rules");
    }
}

}  // namespace rouse::test
