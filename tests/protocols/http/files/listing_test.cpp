#include "protocols/http/files/listing.hpp"

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/protocols/http/files/sha256.hpp"

using namespace rouse::http;

namespace {

constexpr std::int64_t moment = 784'111'777;

std::vector<listing_entry> names(std::initializer_list<const char*> given) {
    std::vector<listing_entry> entries;
    for (const char* name : given) {
        entries.push_back({.name = name, .size_bytes = 1, .modified_seconds = moment});
    }
    return entries;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
    REQUIRE(contains(text, begin));
    text.remove_prefix(text.find(begin) + begin.size());
    return text.substr(0, text.find(end));
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/files/listing");

TEST_CASE("folders come first, then names by their bytes") {
    std::vector<listing_entry> entries = names({"b", "\xc3\xa9", "a", "Z"});
    entries.push_back({.name = "z", .is_folder = true});
    entries.push_back({.name = "c", .is_folder = true});
    sort_listing(entries);
    std::string order;
    for (const listing_entry& entry : entries) {
        order += entry.name + " ";
    }
    CHECK(order == "c z Z a b \xc3\xa9 ");
}

TEST_CASE("the JSON has everything, with folders told from files") {
    const std::vector<listing_entry> entries = {
        {.name = "d", .is_folder = true, .modified_seconds = 0},
        {.name = "b.txt", .size_bytes = 12'345, .modified_seconds = moment}};
    CHECK(to_json({.folder = "a/x", .entries = entries}) ==
          "{\"path\":\"/a/x/\",\"cut\":false,\"entries\":[\n"
          "{\"name\":\"d\",\"href\":\"d/\",\"type\":\"directory\","
          "\"modified\":\"1970-01-01T00:00:00Z\"},\n"
          "{\"name\":\"b.txt\",\"href\":\"b.txt\",\"type\":\"file\",\"size\":12345,"
          "\"modified\":\"1994-11-06T08:49:37Z\"}\n]}\n");
    CHECK(to_json({.folder = ".", .entries = {}}) ==
          "{\"path\":\"/\",\"cut\":false,\"entries\":[\n]}\n");
}

TEST_CASE("the page has a row for each entry, and a way up") {
    const std::vector<listing_entry> entries = {
        {.name = "d", .is_folder = true, .size_bytes = 4'096, .modified_seconds = 0},
        {.name = "b.txt", .size_bytes = 12'345, .modified_seconds = moment}};
    const std::string page = to_html({.folder = "a/x", .entries = entries});
    CHECK(
        page.starts_with("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"));
    CHECK(contains(page, "<title>Index of /a/x/</title>"));
    CHECK(contains(page, "<h1>Index of /a/x/</h1>"));
    CHECK(between(page, "<tbody>\n", "</tbody>") ==
          "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n"
          "<tr><td><a href=\"d/\"><bdi>d/</bdi></a></td><td></td>"
          "<td>1970-01-01T00:00:00Z</td></tr>\n"
          "<tr><td><a href=\"b.txt\"><bdi>b.txt</bdi></a></td><td>12345</td>"
          "<td>1994-11-06T08:49:37Z</td></tr>\n");
    CHECK(page.ends_with("</tbody>\n</table>\n</body>\n</html>\n"));
    CHECK_FALSE(contains(to_html({.folder = ".", .entries = entries}), "../"));
}

TEST_CASE("no name becomes markup, a scheme, or another string") {
    const std::vector<listing_entry> entries = names({"<script>alert(1)</script>", "\"onclick=\"x",
                                                      "javascript:alert(1)", "a&amp;b", "\xff'\n"});
    const std::string page = to_html({.folder = "<b>\"&", .entries = entries});
    CHECK_FALSE(contains(page, "<script"));
    CHECK_FALSE(contains(page, "<b>"));
    CHECK(contains(page, "Index of /&lt;b&gt;&quot;&amp;/"));
    CHECK(contains(page, "href=\"%3Cscript%3Ealert%281%29%3C%2Fscript%3E\"><bdi>&lt;script&gt;"));
    CHECK(contains(page, "href=\"%22onclick%3D%22x\"><bdi>&quot;onclick=&quot;x</bdi>"));
    CHECK(contains(page, "href=\"javascript%3Aalert%281%29\""));
    CHECK(contains(page, "href=\"a%26amp%3Bb\"><bdi>a&amp;amp;b</bdi>"));
    CHECK(contains(page, "href=\"%FF%27%0A\"><bdi>\xef\xbf\xbd&#39;\xef\xbf\xbd</bdi>"));
    const std::string text = to_json({.folder = "\"", .entries = entries});
    CHECK(contains(text, "\"path\":\"/\\\"/\""));
    CHECK(contains(text, "\"name\":\"\\\"onclick=\\\"x\""));
    CHECK(contains(text, "\"name\":\"\xef\xbf\xbd'\\u000A\",\"href\":\"%FF%27%0A\""));
}

TEST_CASE("the number of entries has a bound, and a page that is cut says so") {
    std::vector<listing_entry> entries(listing_entries_max, {.name = "x"});
    CHECK_FALSE(contains(to_html({.folder = ".", .entries = entries}), "there are more"));
    CHECK(contains(to_json({.folder = ".", .entries = entries}), "\"cut\":false"));
    entries.push_back({.name = "last"});
    const std::string page = to_html({.folder = ".", .entries = entries});
    CHECK(contains(page, "Only 10000 entries are shown"));
    CHECK_FALSE(contains(page, "last<"));
    const std::string text = to_json({.folder = ".", .entries = entries});
    CHECK(contains(text, "\"cut\":true"));
    CHECK_FALSE(contains(text, "\"last\""));
    const std::vector<listing_entry> few = names({"a"});
    CHECK(contains(to_html({.folder = ".", .entries = few, .is_cut = true}),
                   "Only 1 entries are shown"));
    CHECK(contains(to_json({.folder = ".", .entries = few, .is_cut = true}), "\"cut\":true"));
}

TEST_CASE("any size and time can be shown") {
    std::vector<listing_entry> entries = names({"a", "b"});
    entries[0].size_bytes = std::numeric_limits<std::uint64_t>::max();
    entries[0].modified_seconds = std::numeric_limits<std::int64_t>::max();
    entries[1].modified_seconds = std::numeric_limits<std::int64_t>::min();
    const std::string text = to_json({.folder = ".", .entries = entries});
    CHECK(contains(text, "\"size\":18446744073709551615,\"modified\":\"9999-12-31T23:59:59Z\""));
    CHECK(contains(text, "\"modified\":\"0000-01-01T00:00:00Z\""));
}

TEST_CASE("the policy allows the style of the page by its hash, and nothing else is loaded") {
    CHECK(rouse::test::sha256_base64("abc") == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    const std::string page = to_html({.folder = ".", .entries = {}});
    const std::string style(between(page, "<style>", "</style>"));
    CHECK(contains(listing_security_policy,
                   "style-src 'sha256-" + rouse::test::sha256_base64(style) + "'"));
    for (const char* part : {"<script", "style=", "<link", "<img", "url(", "@import", " on"}) {
        CAPTURE(part);
        CHECK_FALSE(contains(between(page, "<head>", "</html>"), part));
    }
    CHECK(contains(style, "color-scheme:light dark"));
}

TEST_SUITE_END();
