#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/guard_page.hpp"
#include "tests/support/parsed_request.hpp"

namespace rouse::test {

/// Checks that every scan path which runs here gives `expected` for `bytes`: whole between guard
/// pages, byte by byte, and cut at every offset.
inline void check_every_way(std::string_view bytes, const parsed_request& expected,
                            const http::parser_limits& limits = {}) {
    guard_page page(bytes.size());
    for (const http::scan_path path : http::scan_paths) {
        if (!is_supported(path)) {
            continue;
        }
        CAPTURE(to_string(path));
        CHECK(parse_whole(page.place(bytes), limits, path) == expected);
        CHECK(parse_whole(page.place_first(bytes), limits, path) == expected);
        CHECK(parse_in_pieces(bytes, 1, 1, limits, path) == expected);
        for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
            CHECK(parse_in_pieces(bytes, cut, bytes.size(), limits, path) == expected);
        }
    }
}

/// What the parser says about `bytes`, which is the same every way. When that is final, also with
/// more behind it than a scan looks at in one go, so that the last line is scanned as others are.
inline parsed_request parse_every_way(std::string_view bytes,
                                      const http::parser_limits& limits = {}) {
    const parsed_request whole = parse_whole(bytes, limits, http::scan_path::portable);
    check_every_way(bytes, whole, limits);
    if (whole.status != http::parse_status::need_more) {
        check_every_way(std::string(bytes) + std::string(2 * http::scan::block_bytes, 'z'), whole,
                        limits);
    }
    return whole;
}

}  // namespace rouse::test
