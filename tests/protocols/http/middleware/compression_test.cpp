#include "protocols/http/middleware/compression.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/http/text_body.hpp"
#include "tests/protocols/http/middleware/asked_request.hpp"
#include "tests/protocols/http/middleware/decoding.hpp"
#include "tests/support/poll_once.hpp"

namespace rouse::test {
namespace {

const std::string page = [] {
    std::string text;
    for (int line = 0; line < 200; ++line) {
        text.append("<li>").append(std::to_string(line)).append("</li>\n");
    }
    return text;
}();

using headers = std::vector<http::response_header>;

http::handler compressing(http::compression_options options, std::string_view type,
                          int status = 200, headers added = {}, std::string text = page) {
    const auto wrap = http::make_compression(std::move(options));
    REQUIRE_MESSAGE(wrap.has_value(), wrap.error());
    return (*wrap)(http::make_handler([type, status, added, text](http::request& /*asked*/) {
        http::response made = http::response::text(text, type);
        made.status = status;
        made.headers = added;
        return made;
    }));
}

http::handler compressing(headers added = {}, int status = 200) {
    return compressing({}, http::text_html, status, std::move(added));
}

// "br" when that is what the body is in.
std::string coding_of(const http::handler& handler, std::vector<std::string> lines,
                      std::string_view line = "GET /") {
    const auto made = answer_of(handler, line, std::move(lines));
    return header_of(made, "Content-Encoding");
}

const std::string all = "Accept-Encoding: gzip, deflate, br, zstd";

std::string read_all(http::body_source& body) {
    std::string text;
    while (true) {
        auto asked = http::next(body);
        auto answer = poll_once(asked);
        if (answer.is_pending()) {
            continue;
        }
        if (answer.value()->empty()) {
            return text;
        }
        text.append(reinterpret_cast<const char*>(answer.value()->data()), answer.value()->size());
    }
}

}  // namespace

TEST_SUITE("protocols/http/middleware/compression") {
    TEST_CASE("the coding is the one that the client likes best: RFC 9110, 12.5.3") {
        const std::pair<std::string, http::content_coding> cases[] = {
            {all, http::content_coding::br},
            {"Accept-Encoding: gzip", http::content_coding::gzip},
            {"Accept-Encoding: zstd, gzip", http::content_coding::zstd},
            {"Accept-Encoding: gzip;q=1, br;q=0.5", http::content_coding::gzip},
            {"Accept-Encoding: *", http::content_coding::br},
            {"Accept-Encoding: br;q=0, *", http::content_coding::zstd}};
        for (const auto& [line, coding] : cases) {
            CAPTURE(line);
            const auto made = answer_of(compressing(), "GET /", {line});
            CHECK(header_lines(made) == "Vary: Accept-Encoding\r\nContent-Encoding: " +
                                            std::string(to_string(coding)) + "\r\n");
            const auto decoded = decode(coding, text_of(made));
            CHECK(decoded.text == page);
            CHECK(decoded.is_ended);
        }
    }

    TEST_CASE("a client that accepts none gets the body as it is, and caches are told") {
        for (const auto& lines :
             std::vector<std::vector<std::string>>{{},
                                                   {"Accept-Encoding:"},
                                                   {"Accept-Encoding: identity"},
                                                   {"Accept-Encoding: deflate"},
                                                   {"Accept-Encoding: br;q=0"}}) {
            const auto made = answer_of(compressing(), "GET /", lines);
            CHECK(header_lines(made) == "Vary: Accept-Encoding\r\n");
            CHECK(text_of(made) == page);
        }
    }

    TEST_CASE("what must stay as it is stays") {
        CHECK(coding_of(compressing({{.name = "Content-Encoding", .value = "br"}}), {all}) == "br");
        CHECK(coding_of(compressing({{.name = "Cache-Control", .value = "public, No-Transform"}}),
                        {all}) == "none");  // RFC 9111, 5.2.2.6
        CHECK(coding_of(compressing({{.name = "Repr-Digest", .value = "sha-256=:AA==:"}}), {all}) ==
              "none");
        CHECK(coding_of(compressing({{.name = "Content-Range", .value = "bytes 0-1/2"}}), {all}) ==
              "none");
        for (const int status : {204, 205, 206, 304}) {
            CHECK(coding_of(compressing({}, status), {all}) == "none");
        }
        CHECK(coding_of(compressing({}, 404), {all}) == "br");
    }

    TEST_CASE("Vary stands on what might have been compressed, also on 206, 304 and HEAD") {
        for (const int status : {200, 206, 304, 404}) {
            CHECK(header_of(answer_of(compressing({}, status), "HEAD /"), "Vary") ==
                  "Accept-Encoding");
        }
        CHECK(header_of(answer_of(compressing({}, "image/png"), "GET /", {all}), "Vary") == "none");
        CHECK(
            header_of(answer_of(compressing({{.name = "Vary", .value = "Origin"}}), "GET /", {all}),
                      "Vary") == "Origin, Accept-Encoding");
    }

    TEST_CASE("HEAD says what GET would, and no other length: RFC 9110, 8.6 and 9.3.2") {
        const headers tagged = {{.name = "ETag", .value = "\"abc\""},
                                {.name = "Accept-Ranges", .value = "bytes"}};
        for (const std::string& text : {page, std::string(300'000, 'a'), std::string("short")}) {
            const auto handler =
                compressing({.body_bytes_min = 0}, http::text_html, 200, tagged, text);
            const auto get = answer_of(handler, "GET /", {all});
            const auto head = answer_of(handler, "HEAD /", {all});
            CHECK(header_lines(head) == header_lines(get));
            CHECK(head.body.index() == get.body.index());
            CHECK(text_of(head) == text_of(get));
            if (const auto* source = std::get_if<std::unique_ptr<http::body_source>>(&head.body)) {
                CHECK_FALSE((*source)->length().has_value());
            }
        }
    }

    TEST_CASE("HEAD takes no place among those that are compressed piece by piece") {
        const auto handler =
            compressing({.streams_max = 1}, http::text_html, 200, {}, std::string(300'000, 'a'));
        const auto head = answer_of(handler, "HEAD /", {all});
        CHECK(header_of(head, "Content-Encoding") == "br");
        CHECK(header_of(answer_of(handler, "GET /", {all}), "Content-Encoding") == "br");
    }

    TEST_CASE("only types that gain by it are compressed") {
        for (const auto* type : {"text/css", "TEXT/Plain;charset=utf-8", "application/json ; a=b",
                                 "image/svg+xml", "application/ld+json", "application/wasm"}) {
            CHECK(coding_of(compressing({}, type), {all}) == "br");
        }
        for (const auto* type : {"", "image/png", "video/mp4", "application/gzip", "text",
                                 "application/octet-stream", "font/woff2", "application/+json2"}) {
            CHECK(coding_of(compressing({}, type), {all}) == "none");
        }
        const auto own = compressing({.types = {"application/octet-stream"}}, "text/html");
        CHECK(coding_of(own, {all}) == "none");
    }

    TEST_CASE("a body below the floor, or one that gains nothing, stays") {
        const auto handler = [](std::size_t floor, std::string text) {
            return compressing({.body_bytes_min = floor}, "text/plain", 200, {}, std::move(text));
        };
        CHECK(coding_of(handler(1'024, std::string(1'023, 'a')), {all}) == "none");
        CHECK(coding_of(handler(1'024, std::string(1'024, 'a')), {all}) == "br");
        CHECK(coding_of(handler(0, "abc"), {all}) == "none");
        CHECK(header_of(answer_of(handler(0, "abc"), "GET /", {all}), "Vary") == "Accept-Encoding");
    }

    TEST_CASE("a strong tag is another for each coding, a weak one is not: RFC 9110, 8.8.3.3") {
        const headers tagged = {{.name = "ETag", .value = "\"abc\""},
                                {.name = "Accept-Ranges", .value = "bytes"}};
        CHECK(header_lines(answer_of(compressing(tagged), "GET /", {"Accept-Encoding: gzip"})) ==
              "ETag: \"abc-gzip\"\r\nVary: Accept-Encoding\r\nContent-Encoding: gzip\r\n");
        CHECK(header_lines(answer_of(compressing(tagged), "GET /")) ==
              "ETag: \"abc\"\r\nAccept-Ranges: bytes\r\nVary: Accept-Encoding\r\n");
        const headers weak = {{.name = "ETag", .value = "W/\"abc\""}};
        CHECK(header_of(answer_of(compressing(weak), "GET /", {all}), "ETag") == "W/\"abc\"");
    }

    TEST_CASE("a client that has the coded body is told so: RFC 9110, 13.1.2") {
        const headers tagged = {{.name = "ETag", .value = "\"abc\""},
                                {.name = "Cache-Control", .value = "no-cache"}};
        for (const auto* known : {"\"abc-br\"", "\"x\", W/\"abc-br\""}) {
            const auto made = answer_of(compressing(tagged), "GET /",
                                        {all, "If-None-Match: " + std::string(known)});
            CHECK(made.status == 304);
            CHECK(text_of(made).empty());
            CHECK(header_lines(made) ==
                  "ETag: \"abc-br\"\r\nCache-Control: no-cache\r\nVary: Accept-Encoding\r\n");
        }
        for (const auto* other : {"\"abc-gzip\"", "\"abc\"", "*", "abc-br"}) {
            CHECK(answer_of(compressing(tagged), "GET /",
                            {all, "If-None-Match: " + std::string(other)})
                      .status == 200);
        }
        CHECK(answer_of(compressing(tagged), "HEAD /", {all, "If-None-Match: \"abc-br\""}).status ==
              304);
        CHECK(answer_of(compressing(tagged), "POST /", {all, "If-None-Match: \"abc-br\""}).status ==
              200);
    }

    TEST_CASE("bodies of every kind are compressed, long ones in pieces") {
        std::string text;
        while (text.size() < 300'000) {
            text += page;
        }
        static const std::string literal = text;
        const auto wrap = http::make_compression();
        const auto check = [&](auto make_body) {
            const auto handler = (*wrap)(http::make_handler([&make_body](http::request& /*asked*/) {
                return http::response{.content_type = http::text_plain, .body = make_body()};
            }));
            auto made = answer_of(handler, "GET /", {all});
            CHECK(header_of(made, "Content-Encoding") == "br");
            auto& source = std::get<std::unique_ptr<http::body_source>>(made.body);
            CHECK_FALSE(source->length().has_value());
            CHECK(decode(http::content_coding::br, read_all(*source)).text == text);
        };
        using body = http::response::body_type;
        check([&] { return body(std::string_view(literal)); });
        check([&] { return body(text); });
        check([&] { return body(shared_bytes(text)); });
        check([&] { return body(std::make_unique<http::text_body>(text)); });
    }

    TEST_CASE("beyond their bound long bodies stay as they are, until one has ended") {
        const auto wrap = http::make_compression({.streams_max = 1});
        const auto handler = (*wrap)(http::make_handler([](http::request& /*asked*/) {
            return http::response::text(std::string(100'000, 'a'));
        }));
        auto first = answer_of(handler, "GET /", {all});
        CHECK(header_of(first, "Content-Encoding") == "br");
        const auto second = answer_of(handler, "GET /", {all});
        CHECK(header_lines(second) == "Vary: Accept-Encoding\r\n");
        CHECK(text_of(second).size() == 100'000);
        (void)read_all(*std::get<std::unique_ptr<http::body_source>>(first.body));
        const auto third = answer_of(handler, "GET /", {all});
        CHECK(header_of(third, "Content-Encoding") == "br");
    }

    TEST_CASE("options that are none are refused by name") {
        const auto error_of = [](http::compression_options wrong) {
            return http::make_compression(std::move(wrong)).error();
        };
        CHECK(error_of({.levels = {.gzip = 0}}) == "compression: the gzip level is 1 to 9");
        CHECK(error_of({.levels = {.br = 12}}) == "compression: the br level is 0 to 11");
        CHECK(error_of({.levels = {.zstd = 20}}) == "compression: the zstd level is 1 to 19");
        CHECK(error_of({.codings = {}}).contains("one or more of"));
        CHECK(error_of({.codings = {http::content_coding::identity}}).contains("one or more of"));
        for (const auto* type : {"text", "text/", "/html", "*/*", "te xt/a", "text/a;b", "a/*+*"}) {
            CHECK(error_of({.types = {type}}).contains("is no media type"));
        }
        CHECK(error_of({.types = std::vector<std::string>(257, "a/b")}).contains("more than 256"));
        CHECK(error_of({.streams_max = 100'000}).contains("streams: at most 65536"));
        CHECK(error_of({.body_bytes_at_once_max = 2'000'000}).contains("at once: at most 1048576"));
    }
}

}  // namespace rouse::test
