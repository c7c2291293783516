#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "protocols/http/request_parser.hpp"

namespace rouse::test {

/// A request with these header lines, "Range: bytes=0-1", through the real parser. Keeps the bytes
/// that its head points into.
class parsed_fields {
   public:
    explicit parsed_fields(const std::vector<std::string>& lines, std::string_view method = "GET")
        : text_(std::string(method) + " / HTTP/1.1\r\nHost: a\r\n") {
        for (const std::string& line : lines) {
            text_ += line + "\r\n";
        }
        text_ += "\r\n";
        REQUIRE(parser_.parse(text_) == http::parse_status::done);
    }
    parsed_fields(const parsed_fields&) = delete;
    parsed_fields& operator=(const parsed_fields&) = delete;

    [[nodiscard]] const http::request_head& head() const { return parser_.head(); }

   private:
    std::string text_;
    http::request_parser parser_{http::parser_limits()};
};

}  // namespace rouse::test
