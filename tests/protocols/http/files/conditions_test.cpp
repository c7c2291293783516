#include "protocols/http/files/conditions.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/protocols/http/files/parsed_fields.hpp"

using namespace rouse::http;
using rouse::test::parsed_fields;

namespace {

using outcome = condition_outcome;
using lines = std::vector<std::string>;

constexpr std::int64_t modified = 784'111'777;
constexpr std::int64_t now = 1'795'415'627;
constexpr std::string_view before = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr std::string_view same = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view after = "Sun, 06 Nov 1994 08:49:38 GMT";

outcome evaluate_for(const representation& selected, const lines& fields,
                     std::string_view method = "GET", std::int64_t at = now) {
    const parsed_fields parsed(fields, method);
    return evaluate_conditions(parsed.head(), selected, at);
}

outcome evaluate(const lines& fields, std::string_view method = "GET", std::int64_t at = now) {
    return evaluate_for({.tag = entity_tag{.opaque = "b"}, .modified_seconds = modified}, fields,
                        method, at);
}

std::string field(std::string_view name, std::string_view value) {
    return std::string(name).append(": ").append(value);
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/files/conditions");

TEST_CASE("without conditions a request is performed") {
    for (const char* method : {"GET", "HEAD", "PUT", "DELETE", "POST"}) {
        CHECK(evaluate({}, method) == outcome::serve_whole);
    }
}

TEST_CASE("If-Match compares strongly and fails with 412 (RFC 9110, 13.1.1)") {
    for (const char* method : {"GET", "HEAD", "PUT", "DELETE"}) {
        CHECK(evaluate({"If-Match: \"b\""}, method) == outcome::serve_whole);
        CHECK(evaluate({"if-match:\t \"a\" , \"b\" \t"}, method) == outcome::serve_whole);
        CHECK(evaluate({"If-Match: \"a\"", "IF-MATCH: \"b\""}, method) == outcome::serve_whole);
        CHECK(evaluate({"If-Match: *"}, method) == outcome::serve_whole);
        CHECK(evaluate({"If-Match: \"a\""}, method) == outcome::precondition_failed);
        CHECK(evaluate({"If-Match: W/\"b\""}, method) == outcome::precondition_failed);
        CHECK(evaluate({"If-Match:"}, method) == outcome::precondition_failed);
        CHECK(evaluate({"If-Match: b"}, method) == outcome::precondition_failed);
        CHECK(evaluate({"If-Match: \"b\", x"}, method) == outcome::precondition_failed);
    }
}

TEST_CASE("If-Unmodified-Since fails with 412 when the file is newer (RFC 9110, 13.1.4)") {
    for (const char* method : {"GET", "HEAD", "PUT"}) {
        const std::string name = "If-Unmodified-Since";
        CHECK(evaluate({field(name, before)}, method) == outcome::precondition_failed);
        CHECK(evaluate({name + ":  " + std::string(before) + "\t "}, method) ==
              outcome::precondition_failed);
        CHECK(evaluate({field(name, "Sunday, 06-Nov-94 08:49:36 GMT")}, method) ==
              outcome::precondition_failed);
        CHECK(evaluate({field(name, "Sun Nov  6 08:49:36 1994")}, method) ==
              outcome::precondition_failed);
        CHECK(evaluate({field(name, same)}, method) == outcome::serve_whole);
        CHECK(evaluate({field(name, after)}, method) == outcome::serve_whole);
        // Ignored: no date, more than one, none to compare with.
        CHECK(evaluate({field(name, "yesterday")}, method) == outcome::serve_whole);
        CHECK(evaluate({field(name, before), field(name, before)}, method) == outcome::serve_whole);
        CHECK(evaluate_for({.tag = entity_tag{.opaque = "b"}, .modified_seconds = {}},
                           {field(name, before)}, method) == outcome::serve_whole);
        // If-Match wins.
        CHECK(evaluate({field(name, before), "If-Match: \"b\""}, method) == outcome::serve_whole);
        CHECK(evaluate({field(name, after), "If-Match: \"a\""}, method) ==
              outcome::precondition_failed);
    }
}

TEST_CASE("If-None-Match compares weakly (RFC 9110, 13.1.2)") {
    struct row {
        lines fields;
        outcome reading;
        outcome writing;
    };
    const std::vector<row> rows = {
        {{"If-None-Match: \"b\""}, outcome::not_modified, outcome::precondition_failed},
        {{"If-None-Match:  W/\"b\"  "}, outcome::not_modified, outcome::precondition_failed},
        {{"If-None-Match: \"a\"", "If-None-Match: \"b\""},
         outcome::not_modified,
         outcome::precondition_failed},
        {{"If-None-Match: *"}, outcome::not_modified, outcome::precondition_failed},
        {{"If-None-Match: \"a\", \"c\""}, outcome::serve_whole, outcome::serve_whole},
        {{"If-None-Match:"}, outcome::serve_whole, outcome::serve_whole},
        {{"If-None-Match: \"b\" x"}, outcome::serve_whole, outcome::precondition_failed},
        {{"If-None-Match: *", "If-None-Match: \"b\""},
         outcome::serve_whole,
         outcome::precondition_failed},
    };
    for (const row& each : rows) {
        CAPTURE(each.fields.front());
        CHECK(evaluate(each.fields, "GET") == each.reading);
        CHECK(evaluate(each.fields, "HEAD") == each.reading);
        CHECK(evaluate(each.fields, "PUT") == each.writing);
        CHECK(evaluate(each.fields, "DELETE") == each.writing);
    }
}

TEST_CASE("If-Modified-Since is for GET and HEAD (RFC 9110, 13.1.3)") {
    const std::string name = "If-Modified-Since";
    for (const char* method : {"GET", "HEAD"}) {
        CHECK(evaluate({field(name, before)}, method) == outcome::serve_whole);
        CHECK(evaluate({field(name, same)}, method) == outcome::not_modified);
        CHECK(evaluate({field(name, after)}, method) == outcome::not_modified);
        CHECK(evaluate({field(name, "Sunday, 06-Nov-94 08:49:37 GMT")}, method) ==
              outcome::not_modified);
        CHECK(evaluate({field(name, "0")}, method) == outcome::serve_whole);
        CHECK(evaluate({field(name, same), field(name, same)}, method) == outcome::serve_whole);
        CHECK(evaluate_for({.tag = {}, .modified_seconds = {}}, {field(name, same)}, method) ==
              outcome::serve_whole);
        // If-None-Match wins, also when it is malformed.
        CHECK(evaluate({field(name, same), "If-None-Match: \"a\""}, method) ==
              outcome::serve_whole);
        CHECK(evaluate({field(name, before), "If-None-Match: \"b\""}, method) ==
              outcome::not_modified);
        CHECK(evaluate({field(name, same), "If-None-Match: b"}, method) == outcome::serve_whole);
    }
    CHECK(evaluate({field(name, same)}, "PUT") == outcome::serve_whole);
}

TEST_CASE("what the client means is asked for first, then what it has") {
    CHECK(evaluate({"If-None-Match: \"b\"", "If-Match: \"a\""}) == outcome::precondition_failed);
    CHECK(evaluate({"If-None-Match: \"b\"", "If-Match: \"b\""}) == outcome::not_modified);
    CHECK(evaluate({"If-None-Match: \"b\"", field("If-Unmodified-Since", before)}) ==
          outcome::precondition_failed);
    CHECK(evaluate({field("If-Modified-Since", same), "If-Match: \"b\"", "Range: bytes=0-1"}) ==
          outcome::not_modified);
}

TEST_CASE("without a representation a star is not true, and If-None-Match lets one be made") {
    const representation none{.exists = false, .tag = {}, .modified_seconds = {}};
    CHECK(evaluate_for(none, {"If-Match: *"}, "PUT") == outcome::precondition_failed);
    CHECK(evaluate_for(none, {"If-Match: \"b\""}, "PUT") == outcome::precondition_failed);
    CHECK(evaluate_for(none, {"If-None-Match: *"}, "PUT") == outcome::serve_whole);
    CHECK(evaluate_for(none, {field("If-Unmodified-Since", before)}, "PUT") ==
          outcome::serve_whole);
}

TEST_CASE("methods without a representation have no conditions (RFC 9110, 13.2.1)") {
    for (const char* method : {"OPTIONS", "TRACE"}) {
        CHECK(evaluate({"If-Match: \"a\"", "If-None-Match: *"}, method) == outcome::serve_whole);
    }
}

TEST_CASE("Range is for GET, and is one line (RFC 9110, 14.2)") {
    CHECK(evaluate({"Range: bytes=0-1"}) == outcome::serve_ranges);
    CHECK(evaluate({"Range: bytes=0-1"}, "HEAD") == outcome::serve_whole);
    CHECK(evaluate({"Range: bytes=0-1"}, "POST") == outcome::serve_whole);
    CHECK(evaluate({"Range: bytes=0-1", "Range: bytes=3-4"}) == outcome::serve_whole);
}

TEST_CASE("If-Range compares strongly, by tag or date (RFC 9110, 13.1.5)") {
    const std::string range = "Range: bytes=0-1";
    const auto with = [&range](std::string_view value) {
        return evaluate({range, field("If-Range", value)});
    };
    CHECK(with("\"b\"") == outcome::serve_ranges);
    CHECK(with("  \"b\"\t") == outcome::serve_ranges);
    CHECK(with(same) == outcome::serve_ranges);
    CHECK(with("Sunday, 06-Nov-94 08:49:37 GMT") == outcome::serve_ranges);
    for (const std::string_view value :
         {std::string_view("\"a\""), std::string_view("W/\"b\""), std::string_view("b"),
          std::string_view("*"), std::string_view("\"b\", \"b\""), std::string_view(""), before,
          after}) {
        CAPTURE(value);
        CHECK(with(value) == outcome::serve_whole);
    }
    CHECK(evaluate({range, "If-Range: \"b\"", "If-Range: \"b\""}) == outcome::serve_whole);
    CHECK(evaluate({"If-Range: \"b\""}) == outcome::serve_whole);
    CHECK(evaluate_for({.tag = entity_tag{.opaque = "b", .weak = true}, .modified_seconds = {}},
                       {range, "If-Range: W/\"b\""}) == outcome::serve_whole);
    CHECK(evaluate_for({.tag = {}, .modified_seconds = {}}, {range, "If-Range: \"b\""}) ==
          outcome::serve_whole);
    CHECK(evaluate_for({.tag = {}, .modified_seconds = {}}, {range, field("If-Range", same)}) ==
          outcome::serve_whole);
}

TEST_CASE("a date of just now is a weak validator (RFC 9110, 8.8.2.2)") {
    const lines fields = {"Range: bytes=0-1", field("If-Range", same)};
    CHECK(evaluate(fields, "GET", modified) == outcome::serve_whole);
    CHECK(evaluate(fields, "GET", modified + 1) == outcome::serve_whole);
    CHECK(evaluate(fields, "GET", modified + 2) == outcome::serve_ranges);
}

TEST_CASE("Last-Modified is not later than Date (RFC 9110, 8.8.2.1)") {
    CHECK(last_modified(5, 9) == 5);
    CHECK(last_modified(9, 9) == 9);
    CHECK(last_modified(10, 9) == 9);
}

TEST_SUITE_END();
