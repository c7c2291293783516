#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/http/request_parser.hpp"

namespace rouse::test {

/// Everything that a request_parser says about some input, owned, so that two runs can be compared.
struct parsed_request {
    http::parse_status status = http::parse_status::need_more;
    http::parse_error reason = http::parse_error::none;
    int failure_status = 0;
    std::size_t head_bytes = 0;
    http::method verb = http::method::other;
    http::body_framing framing = http::body_framing::none;
    int minor_version = 0;
    bool keep_alive = false;
    bool expect_continue = false;
    std::uint64_t content_length = 0;
    std::string method_name, target, path, query, host, content_type;
    std::vector<std::pair<std::string, std::string>> headers;

    bool operator==(const parsed_request&) const = default;
};

inline parsed_request snapshot(const http::request_parser& parser, http::parse_status status) {
    parsed_request taken;
    taken.status = status;
    if (status == http::parse_status::bad) {
        taken.reason = parser.failure().reason;
        taken.failure_status = parser.failure().status;
    }
    if (status != http::parse_status::done) {
        return taken;
    }
    const http::request_head& head = parser.head();
    taken.head_bytes = parser.head_bytes();
    taken.verb = head.verb;
    taken.framing = head.framing;
    taken.minor_version = head.minor_version;
    taken.keep_alive = head.keep_alive;
    taken.expect_continue = head.expect_continue;
    taken.content_length = head.content_length;
    taken.method_name = head.method_name;
    taken.target = head.target;
    taken.path = head.path;
    taken.query = head.query;
    taken.host = head.host;
    taken.content_type = head.content_type;
    for (const http::header_field& field : head.headers) {
        taken.headers.emplace_back(field.name, field.value);
    }
    return taken;
}

/// Parses what is there in one call.
inline parsed_request parse_whole(std::string_view bytes, const http::parser_limits& limits = {},
                                  http::scan_path path = http::best_scan_path()) {
    http::request_parser parser(limits, path);
    const http::parse_status status = parser.parse(bytes);
    return snapshot(parser, status);
}

/// Parses with a call after every `step` bytes, the first after `first`. Each call has a buffer of
/// its own, of just that size, and the one before is gone: a view that was kept too long, or a byte
/// read too far, is an error under ASan.
inline parsed_request parse_in_pieces(std::string_view bytes, std::size_t first, std::size_t step,
                                      const http::parser_limits& limits = {},
                                      http::scan_path path = http::best_scan_path()) {
    http::request_parser parser(limits, path);
    http::parse_status status = http::parse_status::need_more;
    std::unique_ptr<char[]> buffer;
    for (std::size_t size = first;; size += step) {
        size = std::min(size, bytes.size());
        auto grown = std::make_unique_for_overwrite<char[]>(size);
        bytes.copy(grown.get(), size);
        buffer = std::move(grown);
        status = parser.parse({buffer.get(), size});
        if (status != http::parse_status::need_more || size == bytes.size()) {
            return snapshot(parser, status);
        }
    }
}

}  // namespace rouse::test
