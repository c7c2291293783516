#include "protocols/http/scan_fields.hpp"

#include <cstddef>
#include <random>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "protocols/http/scan.hpp"
#include "tests/support/guard_page.hpp"
#include "tests/support/parsed_request.hpp"

using namespace rouse::http;
using rouse::test::guard_page;
using rouse::test::parse_in_pieces;
using rouse::test::parse_whole;
using rouse::test::parsed_request;
using scan::block_bytes;
using scan::field_scan;

namespace {

// Calls `check` with each path that runs here.
template <typename Check>
void for_each_path(Check check) {
    for (const scan_path path : scan_paths) {
        if (is_supported(path)) {
            CAPTURE(to_string(path));
            check(path);
        }
    }
}

// A field scan that is asked for names and values in turn says what the portable scan says.
void check_alternating(std::string_view text, scan_path path) {
    const char* const end = text.data() + text.size();
    field_scan fields(text.data(), end, scan::find_stops_of(path));
    bool is_name = true;
    for (const char* at = text.data();; is_name = !is_name) {
        const char* const found = is_name ? fields.find_name_end(at) : fields.find_value_end(at);
        REQUIRE(found == (is_name ? scan::portable::find_token_end(at, end)
                                  : scan::portable::find_value_end(at, end)));
        if (found == end) {
            return;
        }
        at = found + 1;
    }
}

std::string random_fields(std::mt19937& random, std::size_t length) {
    constexpr std::string_view usual = "abcXYZ019-_.~ \t:;,\"/";
    std::string text(length, ' ');
    for (char& byte : text) {
        const bool is_odd = random() % 32 == 0;
        byte = is_odd ? static_cast<char>(random() % 256) : usual[random() % usual.size()];
    }
    return text;
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/scan_fields");

TEST_CASE("every byte at every place of a block has the same stops in every path") {
    const auto portable = scan::find_stops_of(scan_path::portable);
    guard_page page(block_bytes);
    for_each_path([&](scan_path path) {
        const auto find_stops = scan::find_stops_of(path);
        for (int byte = 0; byte < 256; ++byte) {
            for (std::size_t at = 0; at < block_bytes; ++at) {
                for (const char filler : {'a', '\r'}) {
                    std::string text(block_bytes, filler);
                    text[at] = static_cast<char>(byte);
                    const auto expected = portable(text.data());
                    REQUIRE(find_stops(page.place(text).data()) == expected);
                    REQUIRE(find_stops(page.place_first(text).data()) == expected);
                }
            }
        }
    });
}

TEST_CASE("the stops follow the grammar") {
    for (int value = 0; value < 256; ++value) {
        CAPTURE(value);
        std::string text(block_bytes, 'a');
        text[5] = static_cast<char>(value);
        const auto stops = scan::find_stops_of(scan_path::portable)(text.data());
        const bool is_control = (value < 0x20 && value != '\t') || value == 0x7f;
        const bool is_plain = (value >= '0' && value <= '9') || (value >= 'a' && value <= 'z') ||
                              (value >= 'A' && value <= 'Z') || value == '-';
        CHECK(stops.value == (is_control ? 1U << 5U : 0U));
        CHECK(stops.name == (is_plain ? 0U : 1U << 5U));
    }
}

TEST_CASE("a scan of many fields finds the ends that the portable scan finds") {
    guard_page page(300);
    std::mt19937 random(11);
    for_each_path([&](scan_path path) {
        for (std::size_t length = block_bytes; length <= 300; ++length) {
            for (int round = 0; round < 20; ++round) {
                const std::string text = random_fields(random, length);
                check_alternating(page.place(text), path);
                check_alternating(page.place_first(text), path);
            }
        }
    });
}

TEST_CASE("a run that goes over whole blocks ends where it ends") {
    for_each_path([](scan_path path) {
        for (std::size_t length = 0; length < 4 * block_bytes; ++length) {
            const std::string text = std::string(length, 'v') + "\r" + std::string(100, 'w');
            field_scan fields(text.data(), text.data() + text.size(), scan::find_stops_of(path));
            REQUIRE(fields.find_value_end(text.data()) == text.data() + length);
            REQUIRE(fields.find_name_end(text.data() + length) == text.data() + length);
            const char* const end = text.data() + text.size();
            REQUIRE(fields.find_name_end(text.data() + length + 1) == end);
            REQUIRE(fields.find_value_end(end) == end);
        }
    });
}

TEST_CASE("every path says the same of broken heads, however they come") {
    const std::string_view good =
        "POST /a/path?and=query HTTP/1.1\r\nHost: www.example.com\r\nX_Odd.Name~: value\r\n"
        "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nX-Empty:\r\n"
        "X-Spaced:  \t two words \t\r\nContent-Length: 12\r\nConnection: keep-alive\r\n\r\n";
    constexpr std::string_view odd = "\r\n\t :?\0\x7f\x80-_{";
    std::mt19937 random(2026);
    for (int round = 0; round < 4'000; ++round) {
        std::string head(good);
        for (std::size_t changes = random() % 3; changes > 0; --changes) {
            const std::size_t at = random() % head.size();
            const char byte = odd[random() % odd.size()];
            switch (random() % 3) {
                case 0:
                    head[at] = byte;
                    break;
                case 1:
                    head.insert(at, 1 + random() % 70, byte);
                    break;
                default:
                    head.erase(at, 1 + random() % 3);
                    break;
            }
        }
        CAPTURE(head);
        const parsed_request expected = parse_whole(head, {}, scan_path::portable);
        for_each_path([&](scan_path path) {
            REQUIRE(parse_whole(head, {}, path) == expected);
            REQUIRE(parse_in_pieces(head, random() % head.size(), 1 + random() % 100, {}, path) ==
                    expected);
        });
    }
}

TEST_CASE("the best path is supported and portable is always") {
    CHECK(is_supported(scan_path::portable));
    CHECK(is_supported(best_scan_path()));
    CHECK(to_string(scan_path::avx2) == "avx2");
#if defined(__SSE2__)
    CHECK(is_supported(scan_path::sse2));
    CHECK(best_scan_path() != scan_path::portable);
#endif
}

TEST_SUITE_END();
