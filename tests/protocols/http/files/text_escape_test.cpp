#include "protocols/http/files/text_escape.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

using namespace rouse::http;

namespace {

using append_function = void (&)(std::string&, std::string_view);

std::string escaped(append_function append, std::string_view text) {
    std::string out("<");
    append(out, text);
    REQUIRE(out.starts_with('<'));
    return out.substr(1);
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/files/text_escape");

TEST_CASE("all but unreserved characters are percent-encoded (RFC 3986, 2.3)") {
    CHECK(escaped(append_percent_encoded, "azAZ09-._~") == "azAZ09-._~");
    CHECK(escaped(append_percent_encoded, "a b/c?d#e%f:\"<\\") ==
          "a%20b%2Fc%3Fd%23e%25f%3A%22%3C%5C");
    CHECK(escaped(append_percent_encoded, "\xc3\xa9\xff\x01\x7f") == "%C3%A9%FF%01%7F");
}

TEST_CASE("what means something in HTML is escaped, controls are replaced") {
    CHECK(escaped(append_html_escaped, "<a href=\"x\" b='y'>&amp;") ==
          "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;");
    CHECK(escaped(append_html_escaped, "a\nb\x7f") ==
          "a\xef\xbf\xbd"
          "b\xef\xbf\xbd");
    CHECK(escaped(append_html_escaped, "\xc3\xa9 ok ~") == "\xc3\xa9 ok ~");
}

TEST_CASE("what means something in JSON is escaped (RFC 8259, 7)") {
    CHECK(escaped(append_json_escaped, "a\"b\\c/") == "a\\\"b\\\\c/");
    CHECK(escaped(append_json_escaped, std::string_view("\0\n\x1f\x7f", 4)) ==
          "\\u0000\\u000A\\u001F\\u007F");
    CHECK(escaped(append_json_escaped, "\xe2\x82\xac\xf0\x9f\x98\x80") ==
          "\xe2\x82\xac\xf0\x9f\x98\x80");
}

TEST_CASE("the first and last character of each length of UTF-8 stay (RFC 3629, 3)") {
    for (const char* text : {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                             "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
        CHECK(escaped(append_html_escaped, text) == text);
        CHECK(escaped(append_json_escaped, text) == text);
    }
}

TEST_CASE("each byte that is part of no character becomes U+FFFD") {
    const std::string one = "\xef\xbf\xbd";
    const auto both = [](std::string_view text) {
        const std::string made = escaped(append_json_escaped, text);
        CHECK(escaped(append_html_escaped, text) == made);
        return made;
    };
    CHECK(both("\x80") == one);
    CHECK(both("\xff") == one);
    CHECK(both("\xc3") == one);
    CHECK(both("\xc3(") == one + "(");
    CHECK(both("\xc0\xaf") == one + one);                      // Overlong.
    CHECK(both("\xe0\x9f\xbf") == one + one + one);            // Overlong.
    CHECK(both("\xf0\x8f\xbf\xbf") == one + one + one + one);  // Overlong.
    CHECK(both("\xed\xa0\x80") == one + one + one);            // A surrogate.
    CHECK(both("\xf4\x90\x80\x80") == one + one + one + one);  // Past U+10FFFF.
    CHECK(both("\xe2\x82") == one + one);
    CHECK(both("a\xe2\x82z") == "a" + one + one + "z");
    CHECK(both("\xf0\x9f\x98\xe9") == one + one + one + one);
}

TEST_SUITE_END();
