#include <chrono>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "server/duration_text.hpp"
#include "server/nearest_name.hpp"
#include "server/quoted_text.hpp"
#include "server/size_text.hpp"

using namespace rouse::server;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

TEST_SUITE_BEGIN("server/text");

TEST_CASE("a duration is a whole number and a unit") {
    CHECK(parse_duration("250ms") == 250ms);
    CHECK(parse_duration("10s") == 10s);
    CHECK(parse_duration("5m") == 5min);
    CHECK(parse_duration("2h") == 2h);
    CHECK(parse_duration("0s") == 0ms);
}

TEST_CASE("what is no duration is refused") {
    for (const char* text : {"", "10", "s", "-1s", "+1s", " 1s", "1 s", "1s ", "1.5s", "1m30s",
                             "1S", "1d", "1sec", "99999999999999999999s"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text));
    }
}

TEST_CASE("a duration that does not fit into milliseconds is refused") {
    CHECK(parse_duration("9223372036854775807ms") ==
          milliseconds(std::numeric_limits<std::int64_t>::max()));
    CHECK_FALSE(parse_duration("9223372036854775808ms"));
    CHECK(parse_duration("9223372036854775s"));
    CHECK_FALSE(parse_duration("9223372036854776s"));
}

TEST_CASE("a duration is written in its largest whole unit") {
    CHECK(duration_text(0ms) == "0s");
    CHECK(duration_text(1ms) == "1ms");
    CHECK(duration_text(1500ms) == "1500ms");
    CHECK(duration_text(90s) == "90s");
    CHECK(duration_text(300s) == "5m");
    CHECK(duration_text(7200s) == "2h");
}

TEST_CASE("a size is a whole number of bytes, with or without a unit") {
    CHECK(parse_size("0") == 0U);
    CHECK(parse_size("4096") == 4096U);
    CHECK(parse_size("16KiB") == 16'384U);
    CHECK(parse_size("64MiB") == 67'108'864U);
    CHECK(parse_size("1GiB") == 1'073'741'824U);
    CHECK(parse_size("1TiB") == 1'099'511'627'776U);
}

TEST_CASE("what is no size is refused") {
    for (const char* text : {"", "KiB", "-1", "+1", " 1", "1 KiB", "1KB", "1K", "1kib", "1.5KiB",
                             "0x10", "18446744073709551616", "16777216TiB"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_size(text));
    }
    CHECK(parse_size("18446744073709551615") == std::numeric_limits<std::size_t>::max());
    CHECK(parse_size("16777215TiB"));
}

TEST_CASE("a size is written in its largest whole unit") {
    CHECK(size_text(0) == "0");
    CHECK(size_text(1) == "1");
    CHECK(size_text(1025) == "1025");
    CHECK(size_text(1536) == "1536");
    CHECK(size_text(2048) == "2KiB");
    CHECK(size_text(std::size_t{1} << 40) == "1TiB");
    CHECK(size_text(std::size_t{3} << 20) == "3MiB");
}

TEST_CASE("text for a message is quoted and kept to one line") {
    CHECK(quoted_text("plain") == R"("plain")");
    CHECK(quoted_text("a\"b\\c\n\r\t\x01\x1b[31m\x7f") ==
          R"("a\"b\\c\n\r\t\u0001\u001b[31m\u007f")");
    CHECK(quoted_text(std::string(quoted_bytes_max, 'a')).ends_with("a\""));
    CHECK(quoted_text(std::string(quoted_bytes_max + 1, 'a')).ends_with("a\"..."));
}

TEST_CASE("a message keeps its quotes and its one line") {
    CHECK(one_line("saw \"a\\b\", 'c'") == "saw \"a\\b\", 'c'");
    CHECK(one_line("a\nb\r\t\x1b[31m\x7f\xC2\x9B\xff") ==
          "a\\nb\\r\\t\\u001b[31m\\u007f\\u009b\uFFFD");
    CHECK(one_line("").empty());
}

TEST_CASE("UTF-8 is told from what is not") {
    for (const char* text : {"", "plain", "\u00e9\u20ac\U0001F600", "\n"}) {
        CHECK(is_utf8(text));
    }
    for (const char* text : {"\xff", "a\xC3", "\xC0\x80", "\xED\xA0\x80", "\x80"}) {
        CHECK_FALSE(is_utf8(text));
    }
}

TEST_CASE("text that is UTF-8 stays and other bytes are replaced") {
    const auto escaped = [](std::string_view text) {
        std::string line;
        append_escaped(line, text);
        return line;
    };
    for (const char* text : {"\u00e9", "\u20ac", "\U0001F600", "\uD7FF", "\U0010FFFF"}) {
        CHECK(escaped(text) == text);
    }
    CHECK(escaped("\xC3") == "\uFFFD");                                // cut off
    CHECK(escaped("\x80") == "\uFFFD");                                // a continuation alone
    CHECK(escaped("\xC0\x80") == "\uFFFD\uFFFD");                      // overlong
    CHECK(escaped("\xE0\x80\x80") == "\uFFFD\uFFFD\uFFFD");            // overlong
    CHECK(escaped("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");            // a surrogate
    CHECK(escaped("\xF4\x90\x80\x80") == "\uFFFD\uFFFD\uFFFD\uFFFD");  // beyond U+10FFFF
    CHECK(escaped("\xE2\x82z") == "\uFFFD\uFFFDz");
    CHECK(escaped(std::string_view("a\0b", 3)) == "a\\u0000b");
    CHECK(escaped("\xC2\x9B") == "\\u009b");  // CSI, to a terminal
    CHECK(escaped("\xC2\xA0") == "\u00a0");
}

TEST_CASE("the nearest name is suggested, and none when nothing is near") {
    const std::vector<std::string> names{"idle_timeout", "body_timeout", "listen"};
    CHECK(suggestion("idle_timout", names) == " (did you mean idle_timeout?)");
    CHECK(suggestion("listne", names) == " (did you mean listen?)");
    CHECK(suggestion("body-timeout", names) == " (did you mean body_timeout?)");
    CHECK(suggestion("workers", names).empty());
    CHECK(suggestion("", names).empty());
    CHECK(suggestion(std::string(100'000, 'l'), names).empty());
}

TEST_SUITE_END();
