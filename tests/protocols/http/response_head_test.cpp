#include "protocols/http/response_head.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include <doctest/doctest.h>

using namespace rouse::http;

namespace {

// In memory of just the promised size, so that ASan sees a byte written beyond it.
std::string written(const response_head& head) {
    const std::size_t bound = response_head_bytes_bound(head);
    const auto out = std::make_unique_for_overwrite<char[]>(bound);
    char* const end = write_response_head(out.get(), head);
    REQUIRE(end <= out.get() + bound);
    return {out.get(), end};
}

constexpr std::string_view date = "Sun, 06 Nov 1994 08:49:37 GMT";

}  // namespace

TEST_SUITE_BEGIN("protocols/http/response_head");

TEST_CASE("the common head is written byte by byte as expected") {
    CHECK(written({.content_length = 13, .content_type = "text/plain", .date = date}) ==
          "HTTP/1.1 200 OK\r\n"
          "Server: rouse\r\n"
          "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
          "Content-Type: text/plain\r\n"
          "Content-Length: 13\r\n"
          "\r\n");
}

TEST_CASE("what is empty is left out") {
    CHECK(written({.status = 204, .framing = response_framing::none}) ==
          "HTTP/1.1 204 No Content\r\nServer: rouse\r\n\r\n");
    CHECK(written({.status = 299}) ==
          "HTTP/1.1 299 \r\nServer: rouse\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("chunked framing and both connection options have their lines") {
    CHECK(written({.framing = response_framing::chunked, .connection = connection_option::close}) ==
          "HTTP/1.1 200 OK\r\nServer: rouse\r\nTransfer-Encoding: chunked\r\n"
          "Connection: close\r\n\r\n");
    CHECK(written({.connection = connection_option::keep_alive}) ==
          "HTTP/1.1 200 OK\r\nServer: rouse\r\nContent-Length: 0\r\n"
          "Connection: keep-alive\r\n\r\n");
}

TEST_CASE("extra headers follow in their order") {
    const std::array extra = {header_field{"Allow", "GET, HEAD"}, header_field{"X-Empty", ""}};
    CHECK(written({.status = 405, .content_length = 2, .extra_headers = extra}) ==
          "HTTP/1.1 405 Method Not Allowed\r\nServer: rouse\r\nContent-Length: 2\r\n"
          "Allow: GET, HEAD\r\nX-Empty: \r\n\r\n");
}

TEST_CASE("lines in their form are before and behind the extra headers") {
    const std::array extra = {header_field{"X-Y", "z"}};
    CHECK(written({.status = 204,
                   .framing = response_framing::none,
                   .lines_before = "X-A: a\r\nX-B: b\r\n",
                   .extra_headers = extra,
                   .lines_behind = "X-C: c\r\n"}) ==
          "HTTP/1.1 204 No Content\r\nServer: rouse\r\n"
          "X-A: a\r\nX-B: b\r\nX-Y: z\r\nX-C: c\r\n\r\n");
}

TEST_CASE("the longest of everything stays within the bound") {
    const std::string text(500, 'x');
    const std::string line = text + "\r\n";
    const std::array extra = {header_field{text, text}, header_field{text, text}};
    const std::string whole = written({.status = 511,
                                       .connection = connection_option::keep_alive,
                                       .content_length = UINT64_MAX,
                                       .content_type = text,
                                       .date = date,
                                       .lines_before = line,
                                       .extra_headers = extra,
                                       .lines_behind = line});
    CHECK(whole.starts_with("HTTP/1.1 511 Network Authentication Required\r\n"));
    CHECK(whole.find("Content-Length: 18446744073709551615\r\n") != std::string::npos);
    CHECK(whole.ends_with("\r\n\r\n"));
}

TEST_SUITE_END();
