#include "protocols/http/middleware/cors.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "tests/protocols/http/middleware/asked_request.hpp"

namespace rouse::test {
namespace {

http::handler with_cors(http::cors_options options, http::handler inner = say_path()) {
    const auto wrap = http::make_cors(std::move(options));
    REQUIRE(wrap.has_value());
    return (*wrap)(std::move(inner));
}

const std::string ours = "Origin: https://app.example.org";

}  // namespace

TEST_SUITE("protocols/http/middleware/cors") {
    TEST_CASE("an allowed origin is named, and Vary says so: Fetch, 3.3.3 and 3.3.7") {
        const auto made =
            answer_of(with_cors({.origins = {"https://app.example.org"}}), "GET /a", {ours});
        CHECK(header_lines(made) ==
              "Vary: Origin\r\nAccess-Control-Allow-Origin: https://app.example.org\r\n");
    }

    TEST_CASE("Vary is there for another origin, and for none") {
        const auto handler = with_cors({.origins = {"https://app.example.org"}});
        for (const auto& lines :
             std::vector<std::vector<std::string>>{{},
                                                   {"Origin: https://app.example.org.evil.test"},
                                                   {"Origin: null"},
                                                   {"Origin: HTTPS://app.example.org"},
                                                   {"Origin: http://app.example.org"}}) {
            CHECK(header_lines(answer_of(handler, "GET /", lines)) == "Vary: Origin\r\n");
        }
    }

    TEST_CASE("any origin is a star, which varies with nothing") {
        const auto handler = with_cors({.origins = {"*"}, .exposed_headers = {"ETag", "X-Total"}});
        CHECK(header_lines(answer_of(handler, "GET /", {"Origin: https://any.test"})) ==
              "Access-Control-Allow-Origin: *\r\n"
              "Access-Control-Expose-Headers: ETag, X-Total\r\n");
        CHECK(header_lines(answer_of(handler, "GET /")).empty());
    }

    TEST_CASE("credentials are allowed with a named origin only: Fetch, 3.3.5") {
        const auto handler =
            with_cors({.origins = {"https://app.example.org"}, .credentials = true});
        const auto made = answer_of(handler, "GET /", {ours});
        CHECK(header_of(made, "Access-Control-Allow-Credentials") == "true");
        const auto other = answer_of(handler, "GET /", {"Origin: https://x.test"});
        CHECK(header_lines(other) == "Vary: Origin\r\n");
    }

    TEST_CASE("a preflight is answered here: Fetch, 3.3.2") {
        counted_handler inner;
        const auto handler = with_cors({.origins = {"https://app.example.org"},
                                        .methods = {"GET", "PUT", "DELETE"},
                                        .headers = {"Authorization", "Content-Type"},
                                        .exposed_headers = {"ETag"},
                                        .credentials = true,
                                        .max_age = std::chrono::seconds(60)},
                                       inner.make());
        const auto made = answer_of(handler, "OPTIONS /a",
                                    {ours, "Access-Control-Request-Method: PUT",
                                     "Access-Control-Request-Headers: authorization"});
        CHECK(made.status == 204);
        CHECK(text_of(made).empty());
        CHECK(header_lines(made) ==
              "Vary: Origin\r\n"
              "Access-Control-Allow-Origin: https://app.example.org\r\n"
              "Access-Control-Allow-Credentials: true\r\n"
              "Access-Control-Allow-Methods: GET, PUT, DELETE\r\n"
              "Access-Control-Allow-Headers: Authorization, Content-Type\r\n"
              "Access-Control-Max-Age: 60\r\n");
        const auto refused =
            answer_of(handler, "OPTIONS /a",
                      {"Origin: https://x.test", "Access-Control-Request-Method: PUT"});
        CHECK(refused.status == 204);
        CHECK(header_lines(refused) == "Vary: Origin\r\n");
        CHECK(inner.at_once_calls == 0);
    }

    TEST_CASE("an OPTIONS that is no preflight goes to the handler") {
        counted_handler inner;
        const auto handler = with_cors({.origins = {"https://app.example.org"}}, inner.make());
        CHECK(answer_of(handler, "OPTIONS /", {ours}).status == 200);
        CHECK(answer_of(handler, "OPTIONS /", {"Access-Control-Request-Method: PUT"}).status ==
              200);
        CHECK(answer_of(handler, "GET /", {ours, "Access-Control-Request-Method: PUT"}).status ==
              200);
        CHECK(inner.later_calls == 3);
    }

    TEST_CASE("what a handler says of origins stays, without credentials of ours") {
        const auto inner = http::make_handler([](http::request& /*asked*/) {
            http::response made = http::response::literal("x");
            made.headers.push_back({.name = "Vary", .value = "Accept, origin"});
            made.headers.push_back({.name = "Access-Control-Allow-Origin", .value = "*"});
            return made;
        });
        const auto made = answer_of(
            with_cors({.origins = {"https://app.example.org"}, .credentials = true}, inner),
            "GET /", {ours});
        CHECK(header_lines(made) == "Vary: Accept, origin\r\nAccess-Control-Allow-Origin: *\r\n");
    }

    TEST_CASE("a second name joins the Vary that is there, and a star says all") {
        const auto answer_with = [](std::string vary) {
            const auto inner = http::make_handler([vary](http::request& /*asked*/) {
                http::response made = http::response::literal("x");
                made.headers.push_back({.name = "vary", .value = vary});
                return made;
            });
            return header_lines(
                answer_of(with_cors({.origins = {"https://a.test"}}, inner), "GET /"));
        };
        CHECK(answer_with("Accept") == "vary: Accept, Origin\r\n");
        CHECK(answer_with("*") == "vary: *\r\n");
    }

    TEST_CASE("options that would not do what they say are refused by name") {
        const auto error_of = [](http::cors_options wrong) {
            return http::make_cors(std::move(wrong)).error();
        };
        CHECK(error_of({.origins = {"*"}, .credentials = true}) ==
              "cors: origins: \"*\" does not go with credentials; name them");
        CHECK(error_of({.origins = {"*", "https://a.test"}}) ==
              "cors: origins: \"*\" stands alone");
        CHECK(error_of({.origins = {"null"}}).starts_with("cors: origin \"null\": every"));
        for (const char* wrong :
             {"a.test", "https://", "https://a.test/", "https://a.test/x", "https://*.a.test",
              "https://A.test", "https://a.test:443", "http://a.test:80",
              "https://a.test:", "https://user@a.test", "://a.test", "https://a.test:99999"}) {
            CAPTURE(wrong);
            CHECK(error_of({.origins = {wrong}}).starts_with("cors: origin \""));
        }
        CHECK(error_of({.origins = {""}}) == "cors: origins: \"\" is no name");
        CHECK(error_of({.methods = {"GET, PUT"}}) == "cors: methods: \"GET, PUT\" is no name");
        CHECK(
            error_of({.headers = {"*"}, .credentials = true}).starts_with("cors: headers: \"*\""));
        CHECK(error_of({.exposed_headers = {"a:b"}}).starts_with("cors: exposed headers: \"a:b\""));
        CHECK(error_of({.max_age = std::chrono::seconds(-1)}) ==
              "cors: max age: 0 to 86400 seconds");
        CHECK(error_of({.max_age = std::chrono::seconds(86'401)}).starts_with("cors: max age"));
        CHECK(error_of({.headers = std::vector<std::string>(257, "a")}) ==
              "cors: headers: more than 256");
        CHECK(http::make_cors({.origins = {"http://localhost:3000", "https://[::1]:8443"}}));
    }
}

}  // namespace rouse::test
