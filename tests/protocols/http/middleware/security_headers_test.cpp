#include "protocols/http/middleware/security_headers.hpp"

#include <memory>
#include <string>
#include <vector>

#include "tests/protocols/http/middleware/asked_request.hpp"

namespace rouse::test {

TEST_SUITE("protocols/http/middleware/security_headers") {
    TEST_CASE("the defaults are sent with every response, and nothing that needs TLS") {
        const auto wrap = http::make_security_headers();
        REQUIRE(wrap.has_value());
        const auto made = answer_of((*wrap)(say_path()), "GET /");
        CHECK(header_lines(made) ==
              "X-Content-Type-Options: nosniff\r\n"
              "Referrer-Policy: strict-origin-when-cross-origin\r\n"
              "X-Frame-Options: SAMEORIGIN\r\n"
              "Content-Security-Policy: base-uri 'self'; frame-ancestors 'self'; "
              "object-src 'none'\r\n"
              "Permissions-Policy: camera=(), geolocation=(), microphone=()\r\n"
              "Cross-Origin-Opener-Policy: same-origin-allow-popups\r\n");
    }

    TEST_CASE("an empty value is not sent, and another one is sent as it is") {
        const auto wrap =
            http::make_security_headers({.referrer_policy = "",
                                         .frame_options = "DENY",
                                         .content_security_policy = "",
                                         .strict_transport_security = "max-age=31536000",
                                         .permissions_policy = "",
                                         .cross_origin_opener_policy = ""});
        const auto made = answer_of((*wrap)(say_path()), "GET /");
        CHECK(header_lines(made) ==
              "X-Content-Type-Options: nosniff\r\nX-Frame-Options: DENY\r\n"
              "Strict-Transport-Security: max-age=31536000\r\n");
    }

    TEST_CASE("what a handler has set stays, in any spelling") {
        const auto wrap = http::make_security_headers();
        const auto inner = http::make_handler([](http::request& /*asked*/) {
            http::response made = http::response::literal("x");
            made.headers.push_back({.name = "x-frame-options", .value = "DENY"});
            return made;
        });
        const auto made = answer_of((*wrap)(inner), "GET /");
        CHECK(header_of(made, "X-Frame-Options") == "DENY");
        CHECK(header_of(made, "X-Content-Type-Options") == "nosniff");
    }

    TEST_CASE("what a handler has among the headers that it shares stays, and keeps its place") {
        const auto wrap = http::make_security_headers();
        const auto shared =
            std::make_shared<const http::shared_headers>(std::vector<http::response_header>{
                {.name = "ETag", .value = "\"a\""}, {.name = "x-frame-options", .value = "DENY"}});
        const auto inner = http::make_handler([shared](http::request& /*asked*/) {
            http::response made = http::response::literal("x");
            made.headers.push_back({.name = "Content-Range", .value = "bytes */1"});
            made.shared = shared;
            return made;
        });
        CHECK(header_lines(answer_of((*wrap)(inner), "GET /"))
                  .starts_with("ETag: \"a\"\r\nx-frame-options: DENY\r\n"
                               "Content-Range: bytes */1\r\nX-Content-Type-Options: nosniff\r\n"
                               "Referrer-Policy: strict-origin-when-cross-origin\r\n"
                               "Content-Security-Policy: "));
    }

    TEST_CASE("of two around each other the inner one holds, and the outer one adds the rest") {
        const auto inner = http::make_security_headers(
            {.referrer_policy = "no-referrer", .content_security_policy = ""});
        const auto outer = http::make_security_headers();
        const auto made = answer_of((*outer)((*inner)(say_path())), "GET /");
        CHECK(header_of(made, "Referrer-Policy") == "no-referrer");
        CHECK(header_of(made, "X-Content-Type-Options") == "nosniff");
        CHECK(header_of(made, "Content-Security-Policy").starts_with("base-uri"));
        CHECK(made.headers.size() == 6);
    }

    TEST_CASE("middleware around them sees them") {
        const auto wrap = http::make_security_headers();
        const auto handler = http::with_response(
            (*wrap)(say_path()), [](const http::request& /*asked*/, http::response& made) {
                std::erase_if(made.headers, [](const http::response_header& each) {
                    return each.name != "X-Frame-Options";
                });
            });
        CHECK(header_lines(answer_of(handler, "GET /")) == "X-Frame-Options: SAMEORIGIN\r\n");
    }

    TEST_CASE("handlers that wait have them too") {
        counted_handler inner;
        const auto wrap = http::make_security_headers();
        const auto made = answer_of((*wrap)(inner.make()), "GET /");
        CHECK(header_of(made, "X-Content-Type-Options") == "nosniff");
        CHECK(inner.later_calls == 1);
    }

    TEST_CASE("a wrong value is named") {
        using options = http::security_headers_options;
        const auto error_of = [](const options& wrong) {
            return http::make_security_headers(wrong).error();
        };
        CHECK(error_of({.referrer_policy = "a\r\nSet-Cookie: b"}).starts_with("Referrer-Policy"));
        CHECK(error_of({.frame_options = " DENY"}).starts_with("X-Frame-Options"));
        CHECK(error_of({.content_security_policy = std::string(5'000, 'a')})
                  .starts_with("Content-Security-Policy: longer than 4096"));
        CHECK(error_of({.strict_transport_security = "includeSubDomains"}) ==
              "Strict-Transport-Security: needs max-age=SECONDS");
    }
}

}  // namespace rouse::test
