#include "protocols/http/status.hpp"

#include <array>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace rouse::http;

namespace {

std::string written(int status) {
    std::array<char, status_line_bytes_max> out{};
    return {out.data(), write_status_line(out.data(), status)};
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/status");

TEST_CASE("a registered status has its phrase and its line") {
    CHECK(reason_phrase(200) == "OK");
    CHECK(reason_phrase(431) == "Request Header Fields Too Large");
    CHECK(status_line(404) == "HTTP/1.1 404 Not Found\r\n");
    CHECK(status_line(100) == "HTTP/1.1 100 Continue\r\n");
    CHECK(status_line(511) == "HTTP/1.1 511 Network Authentication Required\r\n");
}

TEST_CASE("no phrase has a byte that is markup in HTML or escaped in JSON") {
    for (int status = 100; status < 600; ++status) {
        CAPTURE(status);
        CHECK(reason_phrase(status).find_first_of("&<>\"'\\") == std::string_view::npos);
    }
}

TEST_CASE("an unregistered status has neither") {
    for (const int status : {-1, 0, 99, 199, 299, 306, 418, 599, 600, 1'000}) {
        CAPTURE(status);
        CHECK(reason_phrase(status).empty());
        CHECK(status_line(status).empty());
    }
}

TEST_CASE("every status can be written, an unregistered one with an empty phrase") {
    for (int status = status_min; status <= status_max; ++status) {
        CAPTURE(status);
        const std::string expected = "HTTP/1.1 " + std::to_string(status) + " " +
                                     std::string(reason_phrase(status)) + "\r\n";
        CHECK(written(status) == expected);
        CHECK((status_line(status).empty() || status_line(status) == expected));
    }
    CHECK(written(299) == "HTTP/1.1 299 \r\n");
}

TEST_CASE("only 1xx, 204 and 304 forbid content") {
    for (int status = status_min; status <= status_max; ++status) {
        CAPTURE(status);
        CHECK(status_forbids_content(status) ==
              (status / 100 == 1 || status == 204 || status == 304));
    }
}

TEST_SUITE_END();
