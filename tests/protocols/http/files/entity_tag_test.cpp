#include "protocols/http/files/entity_tag.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/guard_page.hpp"

using namespace rouse::http;

namespace {

using search = entity_tag_search;
using outcome = entity_tag_search::outcome;

outcome look(const std::vector<std::string>& lines, std::string_view tag = "\"b\"",
             search::comparison how = search::comparison::weak) {
    static rouse::test::guard_page page(65'536);
    search made(parse_entity_tag(tag), how);
    for (const std::string& line : lines) {
        made.add_line(page.place(line));
    }
    return made.result();
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/files/entity_tag");

TEST_CASE("tags are read with their quotes, strong and weak") {
    const auto strong = parse_entity_tag("\"xyzzy\"");
    REQUIRE(strong.has_value());
    CHECK(strong->opaque == "xyzzy");
    CHECK_FALSE(strong->weak);
    const auto weak = parse_entity_tag("W/\"xyzzy\"");
    REQUIRE(weak.has_value());
    CHECK(weak->opaque == "xyzzy");
    CHECK(weak->weak);
    CHECK(parse_entity_tag("\"\"")->opaque.empty());
    CHECK(parse_entity_tag("\"a,b\xc3\xa9\\!#~\"")->opaque == "a,b\xc3\xa9\\!#~");
}

TEST_CASE("what is no tag is refused") {
    for (const char* text :
         {"",       "\"",         "x",           "xyzzy",     "'a'",       "\"a",
          "a\"",    "\"a b\"",    "\"a\tb\"",    "\"a\x7f\"", "\"a\x01\"", "w/\"a\"",
          "W\"a\"", "W/ \"a\"",   "W/",          "W/a",       " \"a\"",    "\"a\" ",
          "\"a\"b", "\"a\"\"b\"", "\"a\",\"b\"", "*"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_entity_tag(text).has_value());
    }
}

TEST_CASE("comparison is that of the table in RFC 9110, 8.8.3.2") {
    const entity_tag weak_1 = parse_entity_tag("W/\"1\"").value();
    const entity_tag weak_2 = parse_entity_tag("W/\"2\"").value();
    const entity_tag strong_1 = parse_entity_tag("\"1\"").value();
    CHECK_FALSE(strongly_equal(weak_1, weak_1));
    CHECK(weakly_equal(weak_1, weak_1));
    CHECK_FALSE(strongly_equal(weak_1, weak_2));
    CHECK_FALSE(weakly_equal(weak_1, weak_2));
    CHECK_FALSE(strongly_equal(weak_1, strong_1));
    CHECK_FALSE(strongly_equal(strong_1, weak_1));
    CHECK(weakly_equal(weak_1, strong_1));
    CHECK(strongly_equal(strong_1, strong_1));
    CHECK(weakly_equal(strong_1, strong_1));
}

TEST_CASE("a list is searched over all of its lines") {
    CHECK(look({}) == outcome::absent);
    CHECK(look({""}) == outcome::unmatched);
    CHECK(look({"\"a\""}) == outcome::unmatched);
    CHECK(look({"\"b\""}) == outcome::matched);
    CHECK(look({"  \"b\"\t"}) == outcome::matched);
    CHECK(look({"W/\"b\""}) == outcome::matched);
    CHECK(look({"\"a\",\"b\""}) == outcome::matched);
    CHECK(look({"\"b\" , \"c\""}) == outcome::matched);
    CHECK(look({",, \"a\",\t,\"b\",,"}) == outcome::matched);
    CHECK(look({"\"a\"", "\"b\"", "\"c\""}) == outcome::matched);
    CHECK(look({"\"a\"", "\"c\""}) == outcome::unmatched);
    CHECK(look({"\"a,\", \"x,\"b\"\""}) == outcome::malformed);
    CHECK(look({"\"a,\\\", \"b\""}) == outcome::matched);  // No escapes in a tag.
    CHECK(look({"\"x,\", \",b\""}, "\",b\"") == outcome::matched);
}

TEST_CASE("strong comparison leaves weak tags out") {
    constexpr auto strong = search::comparison::strong;
    CHECK(look({"\"b\""}, "\"b\"", strong) == outcome::matched);
    CHECK(look({"W/\"b\""}, "\"b\"", strong) == outcome::unmatched);
    CHECK(look({"\"b\""}, "W/\"b\"", strong) == outcome::unmatched);
    CHECK(look({"W/\"b\", \"b\""}, "\"b\"", strong) == outcome::matched);
}

TEST_CASE("without a tag no member is it") {
    CHECK(look({"\"b\""}, "") == outcome::unmatched);
    CHECK(look({"*"}, "") == outcome::any);
}

TEST_CASE("a star stands alone") {
    CHECK(look({"*"}) == outcome::any);
    CHECK(look({" * "}) == outcome::any);
    for (const std::vector<std::string>& lines :
         std::vector<std::vector<std::string>>{{"*,"},
                                               {"**"},
                                               {"\"*"},
                                               {"*, \"b\""},
                                               {"\"b\", *"},
                                               {"*", "*"},
                                               {"*", "\"b\""},
                                               {"\"b\"", "*"},
                                               {"*", ",\"b\""},
                                               {"*", ""},
                                               {"", "*"}}) {
        CHECK(look(lines) == outcome::malformed);
    }
}

TEST_CASE("one malformed member spoils the list, before and after a match") {
    for (const char* line : {"b", "\"b\" x", "x \"b\"", "\"b\" \"c\"", "\"b\", w/\"b\"", "\"b",
                             "\"b\";", "\"b\", \"", "W/"}) {
        CAPTURE(line);
        CHECK(look({line}) == outcome::malformed);
        CHECK(look({line, "\"b\""}) == outcome::malformed);
        CHECK(look({"\"b\"", line}) == outcome::malformed);
    }
}

TEST_CASE("a list has a bound, in all of its lines together") {
    const std::string most = [] {
        std::string text("\"a\"");
        for (std::size_t count = 2; count < entity_tags_max; ++count) {
            text += ",\"a\"";
        }
        return text;
    }();
    CHECK(look({most, "\"b\""}) == outcome::matched);
    CHECK(look({most + ",\"a\"", "\"b\""}) == outcome::malformed);
}

TEST_CASE("the tag of a file is strong, is one by the grammar, and differs with each part") {
    const file_version version{.size_bytes = 0x1234,
                               .modified_seconds = 0x5678,
                               .modified_nanoseconds = 0x9ab,
                               .inode = 42,
                               .changed_seconds = 0x5678,
                               .changed_nanoseconds = 0xdef};
    const entity_tag_text made(version);
    const auto read = parse_entity_tag(made.text());
    REQUIRE(read.has_value());
    CHECK(strongly_equal(*read, made.tag()));
    CHECK(made.text().starts_with("\"1234-5678.9ab-"));
    std::vector<std::string> seen{std::string(made.text())};
    file_version other = version;
    other.size_bytes += 1;
    seen.emplace_back(entity_tag_text(other).text());
    other = version;
    other.modified_seconds += 1;
    seen.emplace_back(entity_tag_text(other).text());
    other = version;
    other.modified_nanoseconds += 1;
    seen.emplace_back(entity_tag_text(other).text());
    other = version;
    other.inode += 1;
    seen.emplace_back(entity_tag_text(other).text());
    other = version;
    other.changed_seconds += 1;
    seen.emplace_back(entity_tag_text(other).text());
    other = version;
    other.changed_nanoseconds += 1;
    seen.emplace_back(entity_tag_text(other).text());
    seen.emplace_back(entity_tag_text(version, "-gzip").text());
    seen.emplace_back(entity_tag_text(version, "-br").text());
    for (std::size_t left = 0; left < seen.size(); ++left) {
        for (std::size_t right = left + 1; right < seen.size(); ++right) {
            CHECK(seen[left] != seen[right]);
        }
    }
    CHECK(entity_tag_text(version).text() == made.text());
}

TEST_CASE("without an inode the tag is the same on every machine") {
    CHECK(entity_tag_text({.size_bytes = 10, .modified_seconds = 255}).text() == "\"a-ff.0\"");
    CHECK(entity_tag_text({.size_bytes = 10, .modified_seconds = -1}, "-zstd").text() ==
          "\"a--1.0-zstd\"");
}

TEST_CASE("the longest tag fits its buffer") {
    const entity_tag_text made({.size_bytes = std::numeric_limits<std::uint64_t>::max(),
                                .modified_seconds = std::numeric_limits<std::int64_t>::min(),
                                .modified_nanoseconds = std::numeric_limits<std::uint32_t>::max(),
                                .inode = std::numeric_limits<std::uint64_t>::max(),
                                .changed_seconds = std::numeric_limits<std::int64_t>::min(),
                                .changed_nanoseconds = 999'999'999},
                               "-123456789012345");
    CHECK(made.text().starts_with("\"ffffffffffffffff--8000000000000000.ffffffff-"));
    CHECK(made.text().ends_with("-123456789012345\""));
    CHECK(parse_entity_tag(made.text()).has_value());
}

TEST_SUITE_END();
