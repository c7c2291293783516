#include "protocols/http/middleware/error_pages.hpp"

#include <string>
#include <utility>
#include <vector>

#include "protocols/http/text_body.hpp"
#include "tests/protocols/http/middleware/asked_request.hpp"

namespace rouse::test {
namespace {

http::handler with_pages(http::error_pages_options options, int status,
                         std::vector<http::response_header> headers = {}) {
    const auto wrap = http::make_error_pages(std::move(options));
    REQUIRE_MESSAGE(wrap.has_value(), wrap.error());
    return (*wrap)(http::make_handler([status, headers](http::request& /*asked*/) {
        http::response made = http::response::of_status(status);
        made.headers = headers;
        return made;
    }));
}

http::error_pages_options pages() {
    return {.pages = {{.match = "404", .text = "<h1>{status} {reason}</h1>{x}{"},
                      {.match = "4xx", .text = "client: {status}", .content_type = "text/plain"},
                      {.match = "5xx", .text = "server: {status} {reason}"}},
            .problem_json = false};
}

}  // namespace

TEST_SUITE("protocols/http/middleware/error_pages") {
    TEST_CASE("a page of its own goes before that of the class") {
        const auto page = [](int status) {
            const auto handler = with_pages(pages(), status);
            const auto made = answer_of(handler, "GET /");
            CHECK(made.status == status);
            return std::string(made.content_type) + "|" + std::string(text_of(made));
        };
        CHECK(page(404) == "text/html; charset=utf-8|<h1>404 Not Found</h1>{x}{");
        CHECK(page(418) == "text/plain|client: 418");
        CHECK(page(503) == "text/html; charset=utf-8|server: 503 Service Unavailable");
        CHECK(page(599) == "text/html; charset=utf-8|server: 599 ");
        CHECK(page(302) == "text/plain; charset=utf-8|302 Found\n");
    }

    TEST_CASE("the headers of the response stay") {
        const auto made =
            answer_of(with_pages(pages(), 405, {{.name = "Allow", .value = "GET, HEAD"}}), "GET /");
        CHECK(header_lines(made) == "Allow: GET, HEAD\r\n");
        CHECK(text_of(made) == "client: 405");
    }

    TEST_CASE("what a handler says of its error stays") {
        const auto wrap = http::make_error_pages(pages());
        const auto answer_with = [&](auto make) {
            return answer_of((*wrap)(http::make_handler([&make](http::request& /*asked*/) {
                                 http::response made = make();
                                 made.status = 404;
                                 return made;
                             })),
                             "GET /");
        };
        CHECK(text_of(answer_with([] { return http::response::text("no such user"); })) ==
              "no such user");
        CHECK(text_of(answer_with([] {
                  return http::response::text("404 Not Found\n", http::application_json);
              })) == "404 Not Found\n");
        const auto streamed = answer_with([] {
            return http::response::stream(std::make_unique<http::text_body>(std::string("x")),
                                          http::text_plain);
        });
        CHECK(streamed.content_type == http::text_plain);
        CHECK(text_of(answer_with([] { return http::response(); })) ==
              "<h1>404 Not Found</h1>{x}{");
    }

    TEST_CASE("HEAD has the page too, of which the connection sends the length only") {
        CHECK(text_of(answer_of(with_pages(pages(), 500), "HEAD /")) ==
              "server: 500 Internal Server Error");
    }

    TEST_CASE("who asks for JSON first gets a problem document: RFC 9457, 3") {
        auto options = pages();
        options.problem_json = true;
        const auto handler = with_pages(std::move(options), 404);
        for (const auto* accept : {"application/json", "Application/JSON;q=0.9, text/html",
                                   "application/problem+json, */*", "*/*, application/json"}) {
            const auto made = answer_of(handler, "GET /", {"Accept: " + std::string(accept)});
            CHECK(made.content_type == "application/problem+json");
            CHECK(text_of(made) ==
                  "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404}\n");
            CHECK(header_lines(made) == "Vary: Accept\r\n");
        }
        for (const auto* accept : {"text/html, application/json", "*/*", ""}) {
            const auto made = answer_of(handler, "GET /", {"Accept: " + std::string(accept)});
            CHECK(made.content_type == http::text_html);
            CHECK(header_lines(made) == "Vary: Accept\r\n");
        }
    }

    TEST_CASE("a page that could never be sent is refused") {
        const auto error_of = [](http::error_page wrong) {
            return http::make_error_pages({.pages = {std::move(wrong)}}).error();
        };
        for (const auto* match : {"", "200", "404x", "3xx", "4XX", "600", "4x4"}) {
            CHECK(error_of({.match = match, .text = "a"}) ==
                  "error pages: \"" + std::string(match) + "\" is no error status, 4xx or 5xx");
        }
        CHECK(error_of({.match = "404", .text = std::string(65'537, 'a')}) ==
              "error pages: 404 is longer than 65536 bytes");
        CHECK(error_of({.match = "404", .text = "a", .content_type = "a\r\nb"}) ==
              "error pages: 404 has no content type that can be sent");
        CHECK(http::make_error_pages(
                  {.pages = {{.match = "404", .text = "a"}, {.match = "404", .text = "b"}}})
                  .error() == "error pages: 404 is there twice");
        const std::vector<http::error_page> many(http::error_pages_max + 1,
                                                 {.match = "404", .text = "a"});
        CHECK(http::make_error_pages({.pages = many}).error() == "error pages: more than 256");
    }
}

}  // namespace rouse::test
