#include "protocols/http/request_parser.hpp"

#include <cstddef>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/parse_every_way.hpp"
#include "tests/support/parsed_request.hpp"

using namespace rouse::http;
using rouse::test::parse_every_way;
using rouse::test::parse_whole;
using rouse::test::parsed_request;

namespace {

parsed_request parse_fields(std::string_view fields) {
    return parse_every_way("GET / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n\r\n");
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/request_parser");

TEST_CASE("a plain request has all its parts") {
    const std::string_view head =
        "POST /a/b%20c?x=1&y HTTP/1.1\r\nHost: example.com:80\r\nContent-Type: text/plain\r\n"
        "Content-Length: 5\r\nX-Empty:\r\nX-Spaced: \t two words \t \r\n\r\n";
    const parsed_request request = parse_every_way(std::string(head) + "hello");
    CHECK(request.status == parse_status::done);
    CHECK(request.head_bytes == head.size());
    CHECK(request.verb == method::post);
    CHECK(request.method_name == "POST");
    CHECK(request.target == "/a/b%20c?x=1&y");
    CHECK(request.path == "/a/b%20c");
    CHECK(request.query == "x=1&y");
    CHECK(request.minor_version == 1);
    CHECK(request.host == "example.com:80");
    CHECK(request.content_type == "text/plain");
    CHECK(request.framing == body_framing::length);
    CHECK(request.content_length == 5);
    CHECK(request.keep_alive);
    CHECK_FALSE(request.expect_continue);
    REQUIRE(request.headers.size() == 5);
    CHECK(request.headers[3] == std::pair<std::string, std::string>("X-Empty", ""));
    CHECK(request.headers[4] == std::pair<std::string, std::string>("X-Spaced", "two words"));
}

TEST_CASE("every prefix of a request needs more") {
    const std::string_view bytes =
        "\r\nGET /a?b HTTP/1.0\r\nHost: h\r\nA:  b\r\nConnection: keep-alive\r\n\r\n";
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CAPTURE(size);
        CHECK(parse_whole(bytes.substr(0, size)).status == parse_status::need_more);
    }
    CHECK(parse_every_way(bytes).status == parse_status::done);
}

TEST_CASE("pipelined requests are parsed one after the other by one parser") {
    std::string bytes;
    for (int number = 0; number < 16; ++number) {
        bytes += "GET /" + std::to_string(number) + " HTTP/1.1\r\nHost: a\r\nX-N: 1\r\n\r\n";
    }
    request_parser parser;
    std::string_view rest = bytes;
    for (int number = 0; number < 16; ++number) {
        REQUIRE(parser.parse(rest) == parse_status::done);
        CHECK(parser.head().path == "/" + std::to_string(number));
        CHECK(parser.head().headers.size() == 2);
        rest.remove_prefix(parser.head_bytes());
        parser.reset();
    }
    CHECK(rest.empty());
}

TEST_CASE("the views are into the buffer of the last call") {
    const std::string bytes = "GET /p?q HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n";
    request_parser parser;
    {
        const std::string part = bytes.substr(0, bytes.size() - 3);
        REQUIRE(parser.parse(part) == parse_status::need_more);
    }
    REQUIRE(parser.parse(bytes) == parse_status::done);
    const auto is_within = [&bytes](std::string_view view) {
        return view.data() >= bytes.data() &&
               view.data() + view.size() <= bytes.data() + bytes.size();
    };
    const request_head& head = parser.head();
    for (const std::string_view view : {head.method_name, head.target, head.path, head.query,
                                        head.host, head.headers[1].name, head.headers[1].value}) {
        CHECK(is_within(view));
    }
    CHECK(head.find("b") == "c");
}

TEST_CASE("after reset nothing is left of the request before") {
    request_parser parser;
    REQUIRE(parser.parse("POST http://x/?q HTTP/1.0\r\nHost: a\r\nContent-Type: t\r\n"
                         "Connection: close\r\nContent-Length: 4\r\n\r\n") == parse_status::done);
    parser.reset();
    REQUIRE(parser.parse("GET / HTTP/1.1\r\nHost: b\r\n\r\n") == parse_status::done);
    const parsed_request again = rouse::test::snapshot(parser, parse_status::done);
    CHECK(again == parse_whole("GET / HTTP/1.1\r\nHost: b\r\n\r\n"));
    parser.reset();
    REQUIRE(parser.parse("\x01") == parse_status::bad);
    CHECK(parser.parse("\x01 and more") == parse_status::bad);
    parser.reset();
    CHECK(parser.parse("GET / HTTP/1.1\r\nHost: b\r\n\r\n") == parse_status::done);
}

TEST_CASE("empty lines before a request are passed over, up to the bound") {
    const std::string request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    std::string lines;
    for (std::size_t count = 0; count < empty_lines_max; ++count) {
        lines += "\r\n";
        const parsed_request parsed = parse_every_way(lines + request);
        CHECK(parsed.status == parse_status::done);
        CHECK(parsed.head_bytes == lines.size() + request.size());
        CHECK(parsed.method_name == "GET");
    }
    CHECK(parse_every_way(lines + "\r\n" + request).reason == parse_error::too_many_empty_lines);
    CHECK(parse_every_way("\n" + request).reason == parse_error::bare_lf);
    CHECK(parse_every_way("\r" + request).reason == parse_error::bare_cr);
}

TEST_CASE("a parser is not in a head before the request line") {
    request_parser parser;
    CHECK_FALSE(parser.in_head());
    CHECK(parser.parse("\r\n\r\n") == parse_status::need_more);
    CHECK_FALSE(parser.in_head());
    CHECK(parser.parse("\r\n\r\nG") == parse_status::need_more);
    CHECK(parser.in_head());
    parser.reset();
    CHECK_FALSE(parser.in_head());
}

TEST_CASE("a target may have any of its forms") {
    const auto with_target = [](std::string_view method, std::string_view target) {
        return parse_every_way(std::string(method) + " " + std::string(target) +
                               " HTTP/1.1\r\nHost: h\r\n\r\n");
    };
    const parsed_request absolute = with_target("GET", "http://other:81/p/q?r");
    CHECK(absolute.status == parse_status::done);
    CHECK(absolute.host == "other:81");
    CHECK(absolute.path == "/p/q");
    CHECK(absolute.query == "r");
    CHECK(with_target("GET", "http://other").path == "/");
    // RFC 9112, 3.2.4.
    for (const char* target : {"http://other:81", "HTTPS://other:81"}) {
        CHECK(with_target("OPTIONS", target).path == "*");
        CHECK(with_target("OPTIONS", target).host == "other:81");
        CHECK(with_target("OPTIONS", target).query.empty());
        CHECK(with_target("GET", target).path == "/");
    }
    for (const char* target : {"http://other/", "http://other?", "http://other?q"}) {
        CHECK(with_target("OPTIONS", target).path == "/");
    }
    CHECK(with_target("OPTIONS", "*").path == "*");
    CHECK(with_target("OPTIONS", "*").host == "h");
    CHECK(with_target("GET", "/?").query.empty());
    CHECK(with_target("GET", "//x/../y").path == "//x/../y");
    CHECK(with_target("GET", "/[]\\^`{|}~!$&'()*+,;=:@%").status == parse_status::done);
    CHECK(with_target("GET", "/?a?b/c").query == "a?b/c");
    CHECK(with_target("BREW", "/pot").verb == method::other);
    CHECK(with_target("BREW", "/pot").method_name == "BREW");

    for (const char* target : {"*", "a", "?q", "h:80", "ftp://h/", "http://", "**", "%2f"}) {
        CAPTURE(target);
        CHECK(with_target("GET", target).reason == parse_error::target_invalid);
    }
    CHECK(with_target("OPTIONS", "*?q").reason == parse_error::target_invalid);
    CHECK(with_target("CONNECT", "h:80").failure_status == 501);
    CHECK(with_target("CONNECT", "/").reason == parse_error::method_not_implemented);
}

TEST_CASE("the version decides what is implied") {
    const parsed_request old = parse_every_way("GET / HTTP/1.0\r\n\r\n");
    CHECK(old.status == parse_status::done);
    CHECK(old.minor_version == 0);
    CHECK(old.host.empty());
    CHECK_FALSE(old.keep_alive);
    const parsed_request later = parse_every_way("GET / HTTP/1.2\r\nHost: a\r\n\r\n");
    CHECK(later.minor_version == 1);
    CHECK(later.keep_alive);
    CHECK(parse_every_way("GET / HTTP/1.9\r\n\r\n").reason == parse_error::host_missing);
}

TEST_CASE("Connection is a list of options in which close wins") {
    const auto keeps = [](std::string_view version, std::string_view fields) {
        const parsed_request request =
            parse_every_way("GET / HTTP/" + std::string(version) + "\r\nHost: a\r\n" +
                            std::string(fields) + "\r\n");
        CHECK(request.status == parse_status::done);
        return request.keep_alive;
    };
    CHECK(keeps("1.1", ""));
    CHECK(keeps("1.1", "Connection: keep-alive\r\n"));
    CHECK(keeps("1.1", "Connection: upgrade, x-closed\r\n"));
    CHECK_FALSE(keeps("1.1", "Connection: close\r\n"));
    CHECK_FALSE(keeps("1.1", "connection: x , CLOSE\r\n"));
    CHECK_FALSE(keeps("1.1", "Connection: close\r\nConnection: keep-alive\r\n"));
    CHECK_FALSE(keeps("1.0", ""));
    CHECK(keeps("1.0", "Connection: Keep-Alive\r\n"));
    CHECK(keeps("1.0", "Connection: ,x,,keep-alive,\r\n"));
    CHECK_FALSE(keeps("1.0", "Connection: keep-alive, close\r\n"));
}

TEST_CASE("Expect is heeded when a body is to come") {
    CHECK(parse_fields("Expect: 100-continue\r\nContent-Length: 1").expect_continue);
    CHECK(parse_fields("Expect: 100-Continue\r\nTransfer-Encoding: chunked").expect_continue);
    CHECK_FALSE(parse_fields("Expect: 100-continue\r\nContent-Length: 0").expect_continue);
    CHECK_FALSE(parse_fields("Expect: 100-continue").expect_continue);
    CHECK_FALSE(parse_fields("Content-Length: 1").expect_continue);
    CHECK_FALSE(
        parse_every_way("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
            .expect_continue);
    CHECK(parse_fields("Expect: tea").failure_status == 417);
    CHECK(parse_fields("Expect: 100-continue, tea").reason == parse_error::expectation_unknown);
}

TEST_CASE("the framing follows the headers") {
    CHECK(parse_fields("A: b").framing == body_framing::none);
    CHECK(parse_fields("Content-Length: 0").framing == body_framing::length);
    CHECK(parse_fields("content-length: 007").content_length == 7);
    CHECK(parse_fields("CONTENT-LENGTH: 18446744073709551615").content_length == UINT64_MAX);
    CHECK(parse_fields("Transfer-Encoding: chunked").framing == body_framing::chunked);
    CHECK(parse_fields("transfer-encoding:CHUNKED").framing == body_framing::chunked);
}

TEST_CASE("names that only resemble a known one are not it") {
    const parsed_request request = parse_fields(
        "Hos|: x\r\nContent-Lengt_: x\r\nContent_Length: 5\r\nTransfer_Encoding: chunked\r\n"
        "Transfer-Encodin0: gzip\r\nExpec|: x\r\nConnectio.: close\r\nContent-Typ0: t");
    CHECK(request.status == parse_status::done);
    CHECK(request.framing == body_framing::none);
    CHECK(request.keep_alive);
    CHECK(request.content_type.empty());
}

TEST_CASE("the first Content-Type counts") {
    CHECK(parse_fields("Content-Type: a/b\r\nContent-Type: c/d").content_type == "a/b");
}

TEST_SUITE_END();
