#include "protocols/http/middleware/redirect.hpp"

#include <string>
#include <string_view>

#include "tests/protocols/http/middleware/asked_request.hpp"

namespace rouse::test {
namespace {

http::handler with_rules(std::vector<http::redirect_rule> rules,
                         http::trailing_slash slash = http::trailing_slash::as_it_is) {
    const auto wrap = http::make_redirect({.rules = std::move(rules), .slash = slash});
    REQUIRE_MESSAGE(wrap.has_value(), wrap.error());
    return (*wrap)(say_path());
}

// "302 /new", or "200" for what was let through.
std::string redirection(const http::handler& handler, std::string_view target,
                        std::vector<std::string> lines = {}) {
    const auto made = answer_of(handler, "GET " + std::string(target), std::move(lines));
    const std::string location = header_of(made, "Location");
    return std::to_string(made.status) + (location == "none" ? "" : " " + location);
}

std::string error_of(std::string from, std::string to, int status = 302) {
    return http::make_redirect(
               {.rules = {{.from = std::move(from), .to = std::move(to), .status = status}}})
        .error();
}

}  // namespace

TEST_SUITE("protocols/http/middleware/redirect") {
    TEST_CASE("the first rule for a path is the one") {
        const auto handler = with_rules({{.from = "/a", .to = "/first"},
                                         {.from = "/{name}", .to = "/second/{name}", .status = 301},
                                         {.from = "/old/*", .to = "/new/{rest}", .status = 308},
                                         {.from = "/u/{id}/p/{page...}",
                                          .to = "https://u.example.org/{id}?page={page}#{id}",
                                          .status = 307}});
        CHECK(redirection(handler, "/a") == "302 /first");
        CHECK(redirection(handler, "/b") == "301 /second/b");
        CHECK(redirection(handler, "/old/x/y") == "308 /new/x/y");
        CHECK(redirection(handler, "/old/") == "308 /new/");
        CHECK(redirection(handler, "/u/7/p/1/2") == "307 https://u.example.org/7?page=1/2#7");
        CHECK(redirection(handler, "/none/of/them") == "200");
        CHECK(answer_of(handler, "OPTIONS *").status == 200);
    }

    TEST_CASE("the query is kept unless the target has one, and stands before a fragment") {
        const auto handler = with_rules({{.from = "/keep", .to = "/to"},
                                         {.from = "/own", .to = "/to?a=b"},
                                         {.from = "/none", .to = "/to?"},
                                         {.from = "/part", .to = "/to#end"}});
        CHECK(redirection(handler, "/keep?x=1&y=%20") == "302 /to?x=1&y=%20");
        CHECK(redirection(handler, "/own?x=1") == "302 /to?a=b");
        CHECK(redirection(handler, "/none?x=1") == "302 /to");
        CHECK(redirection(handler, "/part?x=1") == "302 /to?x=1#end");
    }

    TEST_CASE("no path makes it a redirect to another host") {
        const auto handler = with_rules({{.from = "/old/*", .to = "/{rest}"},
                                         {.from = "/host/*", .to = "https://example.org/{rest}"}});
        CHECK(redirection(handler, "/old//evil.test") == "302 /evil.test");
        CHECK(redirection(handler, "/old///evil.test/a") == "302 /evil.test/a");
        CHECK(redirection(handler, "/old/\\evil.test") == "302 /evil.test");
        CHECK(redirection(handler, "/old//\\/evil.test\\a") == "302 /evil.test%5Ca");
        CHECK(redirection(handler, "/old/%0d%0aSet-Cookie:a") == "302 /%0d%0aSet-Cookie:a");
        CHECK(redirection(handler, "/host/@evil.test") == "302 https://example.org/@evil.test");
        CHECK(redirection(handler, "/host//evil.test") == "302 https://example.org/evil.test");
        const auto slash = with_rules({}, http::trailing_slash::remove);
        CHECK(redirection(slash, "//evil.test/") == "308 /evil.test");
        CHECK(redirection(slash, "/\\evil.test/") == "308 /evil.test");
        const auto add = with_rules({}, http::trailing_slash::add);
        CHECK(redirection(add, "//evil") == "308 /evil/");
    }

    TEST_CASE("a slash is added where there is no file name, or removed") {
        const auto add = with_rules({}, http::trailing_slash::add);
        CHECK(redirection(add, "/a?b=c") == "308 /a/?b=c");
        CHECK(redirection(add, "/a/") == "200");
        CHECK(redirection(add, "/") == "200");
        CHECK(redirection(add, "/v1.2/a") == "308 /v1.2/a/");
        CHECK(redirection(add, "/a/page.html") == "200");
        const auto remove = with_rules({}, http::trailing_slash::remove);
        CHECK(redirection(remove, "/a/?b") == "308 /a?b");
        CHECK(redirection(remove, "/a") == "200");
        CHECK(redirection(remove, "/") == "200");
        CHECK(redirection(remove, "/a///") == "308 /a");
        CHECK(redirection(remove, "///") == "308 /");
    }

    TEST_CASE("the response says what its status means") {
        const auto made =
            answer_of(with_rules({{.from = "/a", .to = "/b", .status = 303}}), "POST /a");
        CHECK(text_of(made) == "303 See Other\n");
        CHECK(header_lines(made) == "Location: /b\r\n");
    }

    TEST_CASE("a rule that could lead astray is refused, and named") {
        CHECK(error_of("old", "/new").starts_with("redirect: rule old -> /new: "));
        CHECK(error_of("/a", "/b", 304) ==
              "redirect: rule /a: status 304: 301, 302, 303, 307 or 308");
        for (const auto* to : {"",
                               "b",
                               "//evil.test",
                               "/b\\c",
                               "/b c",
                               "/b\r\nX: y",
                               "/b<",
                               "/{x}",
                               "/{",
                               "/}",
                               "/{rest",
                               "ftp://a/b",
                               "https://",
                               "https:///b",
                               "https://{rest}/b",
                               "https://a{rest}",
                               "https://a@b/c",
                               "javascript:alert(1)",
                               "/a#b#c",
                               "https://a//b"}) {
            CAPTURE(to);
            CHECK(error_of("/old/*", to).starts_with("redirect: rule /old/* -> "));
        }
        CHECK(error_of("/a", std::string(2'049, '/')).contains("longer than 2048 bytes"));
        CHECK(http::make_redirect(
                  {.rules = std::vector<http::redirect_rule>(257, {.from = "/a", .to = "/b"})})
                  .error() == "redirect: more than 256 rules");
        CHECK(http::make_redirect({.slash_status = 200}).error() ==
              "redirect: status 200: 301, 302, 303, 307 or 308");
    }

    TEST_CASE("another host is sent to the canonical one, with path and query") {
        const auto wrap = http::make_redirect_to_host({.scheme = "https",
                                                       .host = "example.org:443",
                                                       .except_paths = {"/ok", "/.well-known/"}});
        REQUIRE(wrap.has_value());
        const auto handler = (*wrap)(say_path());
        CHECK(redirection(handler, "/a/b?c=d", {"Host: www.example.org"}) ==
              "308 https://example.org/a/b?c=d");
        CHECK(redirection(handler, "//evil.test/", {"Host: www.example.org"}) ==
              "308 https://example.org/evil.test/");
        CHECK(redirection(handler, "/", {"Host: example.org:8443"}) == "308 https://example.org/");
        for (const auto* same : {"example.org", "EXAMPLE.org", "example.org.", "example.org:443"}) {
            CHECK(redirection(handler, "/", {"Host: " + std::string(same)}) == "200");
        }
        CHECK(redirection(handler, "/ok", {"Host: 192.0.2.1"}) == "200");
        CHECK(redirection(handler, "/ok/", {"Host: 192.0.2.1"}) == "308 https://example.org/ok/");
        CHECK(redirection(handler, "/.well-known/acme", {"Host: 192.0.2.1"}) == "200");
        CHECK(redirection(handler, "/a", {"Host:"}) == "200");
    }

    TEST_CASE("a canonical host that is none is refused") {
        const auto error = [](http::redirect_to_host_options wrong) {
            return http::make_redirect_to_host(std::move(wrong)).error();
        };
        CHECK(error({.scheme = "ftp", .host = "a"}).contains("http or https"));
        CHECK(error({}).contains("\"\" is no host"));
        CHECK(error({.host = "a/b"}).contains("\"a/b\" is no host"));
        CHECK(error({.host = "a", .status = 200}).contains("status 200"));
        CHECK(error({.host = "a", .except_paths = {"x"}}).contains("\"x\" is no path"));
    }
}

}  // namespace rouse::test
