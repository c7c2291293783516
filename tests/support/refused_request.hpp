#pragma once

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/parse_every_way.hpp"

namespace rouse::test {

/// The beginning of a request, or all of it, and how it is answered.
struct refused_request {
    std::string_view bytes;
    int status;
    http::parse_error reason;
};

/// The reasons that a request head of request_smuggling_test.cpp is refused for, and that no other
/// table needs to show.
inline constexpr http::parse_error smuggling_reasons[] = {
    http::parse_error::bare_cr,
    http::parse_error::bare_lf,
    http::parse_error::field_colon_spaced,
    http::parse_error::field_name_invalid,
    http::parse_error::field_value_invalid,
    http::parse_error::host_duplicate,
    http::parse_error::host_missing,
    http::parse_error::line_folding,
    http::parse_error::target_invalid,
    http::parse_error::content_length_invalid,
    http::parse_error::content_length_duplicate,
    http::parse_error::transfer_encoding_invalid,
    http::parse_error::transfer_encoding_unknown,
    http::parse_error::transfer_encoding_duplicate,
    http::parse_error::transfer_encoding_in_http_1_0,
    http::parse_error::transfer_encoding_and_content_length,
};

/// Checks the answer every way; and again behind a header line that is longer than a scan looks at
/// in one go, when the first line is in order.
inline void check_refused(const refused_request& example) {
    CAPTURE(example.bytes);
    const auto check = [&example](std::string_view bytes) {
        const parsed_request parsed = parse_every_way(bytes);
        CHECK(parsed.status == http::parse_status::bad);
        CHECK(parsed.failure_status == example.status);
        CHECK(parsed.reason == example.reason);
    };
    check(example.bytes);
    const std::size_t line_end = example.bytes.find("\r\n");
    if (line_end != std::string_view::npos &&
        example.bytes.substr(0, line_end).ends_with(" HTTP/1.1") &&
        !example.bytes.starts_with('\r')) {
        const std::string padding =
            "X-Padding: " + std::string(http::scan::block_bytes, 'p') + "\r\n";
        check(std::string(example.bytes).insert(line_end + 2, padding));
    }
}

}  // namespace rouse::test
