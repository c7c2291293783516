#include "protocols/http/scan.hpp"

#include <cstddef>
#include <random>
#include <string>

#include <doctest/doctest.h>

#include "tests/support/guard_page.hpp"

namespace scan = rouse::http::scan;
using rouse::test::guard_page;

namespace {

using finder = const char* (*)(const char*, const char*) noexcept;

struct pair_of_finders {
    const char* name;
    finder portable;
    finder active;
    char permitted;
};

constexpr pair_of_finders finders[] = {
    {"token", scan::portable::find_token_end, scan::find_token_end, 'a'},
    {"target", scan::portable::find_target_end, scan::find_target_end, '/'},
    {"path", scan::portable::find_path_end, scan::find_path_end, '/'},
    {"value", scan::portable::find_value_end, scan::find_value_end, ' '},
};

// Mostly bytes that are permitted somewhere, so that runs get long.
std::string random_text(std::mt19937& random, std::size_t length) {
    std::string text(length, ' ');
    for (char& byte : text) {
        byte = static_cast<char>(random() % 16 == 0 ? random() % 256 : '!' + random() % 94);
    }
    return text;
}

std::ptrdiff_t found_by(finder find, std::string_view text) {
    return find(text.data(), text.data() + text.size()) - text.data();
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/scan");

TEST_CASE("every byte at every place of a block ends a run in both paths or in neither") {
    guard_page page(40);
    for (const auto& [name, portable, active, permitted] : finders) {
        CAPTURE(name);
        for (int byte = 0; byte < 256; ++byte) {
            for (std::size_t at = 0; at < 40; ++at) {
                std::string text(40, permitted);
                text[at] = static_cast<char>(byte);
                const std::string_view placed = page.place(text);
                REQUIRE(found_by(active, placed) == found_by(portable, placed));
            }
        }
    }
}

TEST_CASE("both paths agree on random text of every length up to 130") {
    guard_page page(130);
    std::mt19937 random(7);
    for (int round = 0; round < 100; ++round) {
        for (std::size_t length = 0; length <= 130; ++length) {
            const std::string text = random_text(random, length);
            for (const std::string_view placed : {page.place_first(text), page.place(text)}) {
                for (const auto& [name, portable, active, permitted] : finders) {
                    CAPTURE(name);
                    REQUIRE(found_by(active, placed) == found_by(portable, placed));
                }
            }
        }
    }
}

TEST_CASE("the portable path follows the grammar byte by byte") {
    const auto permits = [](finder find, char byte) { return found_by(find, {&byte, 1}) == 1; };
    for (int value = 0; value < 256; ++value) {
        CAPTURE(value);
        const char byte = static_cast<char>(value);
        const bool is_control = value < 0x20 || value == 0x7f;
        CHECK(permits(scan::portable::find_value_end, byte) == (!is_control || byte == '\t'));
        const bool is_graphic = value > 0x20 && value < 0x7f;
        const bool is_delimiter =
            std::string_view("\"(),/:;<=>?@[\\]{}").find(byte) != std::string_view::npos;
        CHECK(permits(scan::portable::find_token_end, byte) == (is_graphic && !is_delimiter));
        const bool is_refused = std::string_view("\"#<>").find(byte) != std::string_view::npos;
        CHECK(permits(scan::portable::find_target_end, byte) == (is_graphic && !is_refused));
        CHECK(permits(scan::portable::find_path_end, byte) ==
              (is_graphic && !is_refused && byte != '?'));
    }
}

TEST_CASE("an empty run has its end at its beginning") {
    for (const auto& [name, portable, active, permitted] : finders) {
        CAPTURE(name);
        CHECK(found_by(active, "") == 0);
        CHECK(found_by(portable, "") == 0);
    }
}

TEST_SUITE_END();
