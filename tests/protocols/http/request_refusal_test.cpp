#include <cstddef>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "protocols/http/request_parser.hpp"
#include "tests/support/parsed_request.hpp"
#include "tests/support/refused_request.hpp"

using namespace rouse::http;
using rouse::test::check_refused;
using rouse::test::parse_in_pieces;
using rouse::test::parse_whole;
using rouse::test::parsed_request;
using rouse::test::refused_request;
using rouse::test::smuggling_reasons;

namespace {

using enum parse_error;

// Each rule of the request line and the header lines, broken.
constexpr refused_request malformed[] = {
    {"\x16\x03\x01", 400, method_invalid},
    {" GET / HTTP/1.1\r\n", 400, method_invalid},
    {"G@T / HTTP/1.1\r\n", 400, method_invalid},
    {"GET\t/ HTTP/1.1\r\n", 400, method_invalid},
    {"GET\r\n", 400, method_invalid},
    {"GET\n", 400, bare_lf},
    {"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1\r\n", 501, method_too_long},
    {"GET  / HTTP/1.1\r\n", 400, target_invalid},
    {"GET /\r\n", 400, target_invalid},
    {"GET /\n", 400, target_invalid},
    {"GET /\t HTTP/1.1\r\n", 400, target_invalid},
    {"GET /a\x7f HTTP/1.1\r\n", 400, target_invalid},
    {"GET /\xc3\xa9 HTTP/1.1\r\n", 400, target_invalid},
    {"GET /a#b HTTP/1.1\r\n", 400, target_invalid},
    {"GET /?a#b HTTP/1.1\r\n", 400, target_invalid},
    {"GET /<a> HTTP/1.1\r\n", 400, target_invalid},
    {{"GET /a\0b HTTP/1.1\r\n", 19}, 400, target_invalid},
    {"GET /  HTTP/1.1\r\n", 400, version_invalid},
    {"GET / \r\n", 400, version_invalid},
    {"GET / a HTTP/1.1\r\n", 400, version_invalid},
    {"GET / HTTP/1.1 \r\n", 400, version_invalid},
    {"GET / HTTP/1\r\n", 400, version_invalid},
    {"GET / HTTP/1.10\r\n", 400, version_invalid},
    {"GET / HTTP/11.1\r\n", 400, version_invalid},
    {"GET / HTTP/+1.1\r\n", 400, version_invalid},
    {"GET / http/1.1\r\n", 400, version_invalid},
    {"GET / HTTP 1.1\r\n", 400, version_invalid},
    {"GET / ICY/1.1\r\n", 400, version_invalid},
    {"GET / HTTP/1.1\n", 400, bare_lf},
    {"GET / HTTP/1.1\r\r\n", 400, version_invalid},
    {"GET / HTTP/0.9\r\n", 505, version_not_supported},
    {"GET / HTTP/2.0\r\n", 505, version_not_supported},
    {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, version_not_supported},
    {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, line_folding},
    {"GET / HTTP/1.1\r\n\tHost: a\r\n\r\n", 400, line_folding},
    {"GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n", 400, line_folding},
    {"GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400, field_name_invalid},
    {"GET / HTTP/1.1\r\nHost: a\r\nB\r\n\r\n", 400, field_name_invalid},
    {"GET / HTTP/1.1\r\nHost: a\r\nB(c): d\r\n\r\n", 400, field_name_invalid},
    {"GET / HTTP/1.1\r\nHost: a\r\n\xc3\xa9: d\r\n\r\n", 400, field_name_invalid},
    {{"GET / HTTP/1.1\r\nHost: a\r\nB\0: d\r\n\r\n", 33}, 400, field_name_invalid},
    {"GET / HTTP/1.1\r\nHost: a\r\nB\n", 400, bare_lf},
    {"GET / HTTP/1.1\r\nHost: a\r\nB c: d\r\n\r\n", 400, field_colon_spaced},
    {{"GET / HTTP/1.1\r\nHost: a\r\nB: c\0d\r\n\r\n", 35}, 400, field_value_invalid},
    {"GET / HTTP/1.1\r\nHost: a\r\nB: \x1b[0m\r\n\r\n", 400, field_value_invalid},
    {"GET / HTTP/1.1\r\nHost: a\r\nB: \x7f\r\n\r\n", 400, field_value_invalid},
    {"GET / HTTP/1.1\r\nHost: a\r\n\rx", 400, bare_cr},
    {"GET / HTTP/1.1\r\nHost: a\r\n\n", 400, bare_lf},
    {"GET / HTTP/1.1\r\n\r\n", 400, host_missing},
    {"GET http://a/ HTTP/1.1\r\n\r\n", 400, host_missing},
    {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, host_invalid},
    {"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400, host_invalid},
    {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400, host_invalid},
    {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, host_invalid},
    {"GET / HTTP/1.1\r\nHost: a:port\r\n\r\n", 400, host_invalid},
    {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, host_invalid},
    {"GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, target_invalid},
    {"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", 501, method_not_implemented},
    {"GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", 417, expectation_unknown},
    {"\r\n\r\n\r\n\r\n\r\n", 400, too_many_empty_lines},
};

}  // namespace

TEST_SUITE_BEGIN("protocols/http/request_refusal");

TEST_CASE("every malformed head is refused with the rule it breaks") {
    for (const refused_request& example : malformed) {
        check_refused(example);
    }
}

TEST_CASE("every reason of the request head is in one of the tables or a limit") {
    // A method that is not known is refused by the connection.
    std::set<parse_error> shown = {none, method_unknown, target_too_long, too_many_fields,
                                   head_too_long};
    shown.insert(std::begin(smuggling_reasons), std::end(smuggling_reasons));
    for (const refused_request& example : malformed) {
        shown.insert(example.reason);
    }
    for (int reason = 0; reason < static_cast<int>(chunk_size_invalid); ++reason) {
        CAPTURE(reason);
        CHECK(shown.contains(static_cast<parse_error>(reason)));
        CHECK_FALSE(make_parse_failure(static_cast<parse_error>(reason)).text().empty());
    }
}

TEST_CASE("any control byte in any place of a head is refused") {
    const std::string_view good = "GET /a?b HTTP/1.1\r\nHost: a\r\nName: value\r\n\r\n";
    REQUIRE(parse_whole(good).status == parse_status::done);
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (int value = 0; value < 0x20; ++value) {
            const char byte = static_cast<char>(value);
            const bool is_value_tab = byte == '\t' && at > good.find("Host:") + 4;
            if (is_value_tab || byte == good[at]) {
                continue;
            }
            CAPTURE(at);
            CAPTURE(value);
            std::string broken(good);
            broken[at] = byte;
            CHECK(parse_whole(broken).status != parse_status::done);
            CHECK(parse_whole(broken + good.data()).status == parse_status::bad);
        }
    }
}

TEST_CASE("a head is refused one byte above its limit and not at it") {
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: yyyy\r\n\r\n";
    const parser_limits exact{.header_bytes_max = head.size()};
    CHECK(parse_whole(head, exact).status == parse_status::done);
    CHECK(parse_whole(head + "body", exact).status == parse_status::done);
    CHECK(parse_in_pieces(head, 1, 1, exact).status == parse_status::done);
    const parser_limits less{.header_bytes_max = head.size() - 1};
    const parsed_request whole = parse_whole(head, less);
    CHECK(whole.failure_status == 431);
    CHECK(whole.reason == head_too_long);
    CHECK(parse_in_pieces(head, 1, 1, less) == whole);
    CHECK(parse_in_pieces(head, 5, head.size(), less) == whole);
}

TEST_CASE("a target is refused one byte above its limit and not at it") {
    const parser_limits limits{.target_bytes_max = 8};
    const auto both_ways = [&limits](std::string_view target) {
        const std::string head = "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n";
        const parsed_request whole = parse_whole(head, limits);
        CHECK(parse_in_pieces(head, 1, 1, limits) == whole);
        return whole;
    };
    CHECK(both_ways("/2345678").status == parse_status::done);
    CHECK(both_ways("/234?678").status == parse_status::done);
    CHECK(both_ways("/234567?").status == parse_status::done);
    for (const char* target : {"/23456789", "/234?6789", "/2345678?", "/2345678?a", "/23456789#"}) {
        CAPTURE(target);
        const parsed_request request = both_ways(target);
        CHECK(request.failure_status == 414);
        CHECK(request.reason == target_too_long);
    }
    CHECK(both_ways("/2345678#").reason == target_invalid);
    // The end is not in sight, and the answer is known all the same.
    CHECK(parse_whole("GET /23456789", limits).reason == target_too_long);
}

TEST_CASE("a head has as many header lines as the limit says and no more") {
    const auto with_fields = [](std::size_t count) {
        std::string head = "GET / HTTP/1.1\r\nHost: a\r\n";
        for (std::size_t number = 1; number < count; ++number) {
            head += "X: y\r\n";
        }
        return head + "\r\n";
    };
    CHECK(parse_whole(with_fields(header_count_limit)).headers.size() == header_count_limit);
    CHECK(parse_in_pieces(with_fields(header_count_limit), 1, 1).status == parse_status::done);
    const parsed_request more = parse_whole(with_fields(header_count_limit + 1));
    CHECK(more.failure_status == 431);
    CHECK(more.reason == too_many_fields);
    const parser_limits few{.header_count_max = 2};
    CHECK(parse_whole(with_fields(2), few).status == parse_status::done);
    CHECK(parse_whole(with_fields(3), few).reason == too_many_fields);
}

TEST_SUITE_END();
