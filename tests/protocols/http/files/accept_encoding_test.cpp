#include "protocols/http/files/accept_encoding.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "tests/protocols/http/files/parsed_fields.hpp"
#include "tests/support/guard_page.hpp"

using namespace rouse::http;
using enum content_coding;

namespace {

const std::vector<content_coding> all = {br, zstd, gzip, identity};

content_coding choose(const std::vector<std::string>& lines,
                      const std::vector<content_coding>& available = all) {
    static rouse::test::guard_page page(4'096);
    accepted_codings accepted;
    std::vector<std::string> fields;
    for (const std::string& line : lines) {
        accepted.add_line(page.place(line));
        fields.push_back("Accept-Encoding:\t " + line + " ");
    }
    const rouse::test::parsed_fields parsed(fields);
    CHECK(accepted_codings(parsed.head()).choose(available) == accepted.choose(available));
    return accepted.choose(available);
}

unsigned gzip_weight(std::string_view line) {
    accepted_codings accepted;
    accepted.add_line("gzip;q=0.777");
    accepted.add_line(line);
    return accepted.weight(gzip);
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/files/accept_encoding");

TEST_CASE("the names are those of the registry") {
    CHECK(to_string(identity) == "identity");
    CHECK(to_string(gzip) == "gzip");
    CHECK(to_string(br) == "br");
    CHECK(to_string(zstd) == "zstd");
}

TEST_CASE("without the field, and with an empty one, it is identity") {
    CHECK(choose({}) == identity);
    CHECK(choose({""}) == identity);
    CHECK(choose({" , ,, "}) == identity);
}

TEST_CASE("the highest weight wins, then the order of the server") {
    CHECK(choose({"gzip"}) == gzip);
    CHECK(choose({"gzip, deflate, br, zstd"}) == br);
    CHECK(choose({"gzip, deflate, br, zstd"}, {zstd, br, gzip}) == zstd);
    CHECK(choose({"gzip, deflate, br, zstd"}, {gzip}) == gzip);
    CHECK(choose({"gzip;q=1.0, br;q=0.9"}) == gzip);
    CHECK(choose({"br;q=0.001, gzip;q=0.002"}) == gzip);
    CHECK(choose({"deflate"}) == identity);
    CHECK(choose({"gzip, br"}, {}) == identity);
}

TEST_CASE("several lines are one list (RFC 9110, 5.3)") {
    CHECK(choose({"gzip;q=0.5", "zstd"}) == zstd);
    CHECK(choose({"deflate", "", "gzip"}) == gzip);
    CHECK(choose({"gzip", "*;q=0"}) == gzip);
}

TEST_CASE("names and the q have no case, and white space may stand around") {
    CHECK(choose({"GZIP"}) == gzip);
    CHECK(choose({"\tBr \t;\t Q=1.000 "}) == br);
    CHECK(choose({"x-gzip"}) == gzip);
    CHECK(choose({"X-GZip;q=0.5, br;q=0.4"}) == gzip);
}

TEST_CASE("zero means no") {
    CHECK(choose({"gzip;q=0"}) == identity);
    CHECK(choose({"gzip;q=0.000, br;q=0."}) == identity);
    CHECK(choose({"gzip;q=0, br"}) == br);
    CHECK(choose({"gzip, gzip;q=0"}) == identity);
    CHECK(choose({"gzip;q=0, gzip"}) == gzip);
}

TEST_CASE("a star stands for what is not named") {
    CHECK(choose({"*"}) == br);
    CHECK(choose({"br;q=0, *"}) == zstd);
    CHECK(choose({"br;q=0.1, *;q=0.5"}) == zstd);
    CHECK(choose({"*;q=0.5, gzip;q=1.0"}) == gzip);
    CHECK(choose({"*;q=0, gzip"}) == gzip);
    CHECK(choose({"gzip;q=0.5, *;q=0.8"}, {gzip}) == identity);
}

TEST_CASE("identity is taken when it weighs more, and when there is nothing else") {
    CHECK(choose({"gzip;q=0.5, identity"}) == identity);
    CHECK(choose({"gzip;q=0.5, identity"}, {gzip}) == identity);
    CHECK(choose({"gzip, identity;q=0.5"}) == gzip);
    CHECK(choose({"gzip;q=0.001"}) == gzip);
    CHECK(choose({"identity, gzip"}) == gzip);
    CHECK(choose({"identity, gzip"}, {identity, gzip}) == identity);
    // Refused, but there is nothing else: better than 406.
    CHECK(choose({"identity;q=0"}) == identity);
    CHECK(choose({"*;q=0"}) == identity);
    CHECK(choose({"identity;q=0, gzip;q=0.1"}) == gzip);
}

TEST_CASE("weights have at most three decimals (RFC 9110, 12.4.2)") {
    CHECK(gzip_weight("gzip") == 1'000);
    CHECK(gzip_weight("gzip;q=1") == 1'000);
    CHECK(gzip_weight("gzip;q=1.") == 1'000);
    CHECK(gzip_weight("gzip;q=1.000") == 1'000);
    CHECK(gzip_weight("gzip;q=0") == 0);
    CHECK(gzip_weight("gzip;q=0.1") == 100);
    CHECK(gzip_weight("gzip;q=0.12") == 120);
    CHECK(gzip_weight("gzip;q=0.123") == 123);
    CHECK(gzip_weight("gzip;q=0.001") == 1);
}

TEST_CASE("a malformed member is passed over, and the others count") {
    for (const std::string member :
         {"gzip;",         "gzip;q",        "gzip;q=",   "gzip;q=2",     "gzip;q=1.001",
          "gzip;q=1.0000", "gzip;q=0.1234", "gzip;q=.5", "gzip;q=-0",    "gzip;q=+1",
          "gzip;q=0.x",    "gzip;q= 1",     "gzip;q =1", "gzip;level=9", "gzip;q=1;x=2",
          "gzip;q=1 x",    "gzip q=1",      ";q=1",      "gzip;q=\"1\"", "gzi",
          "gzipp",         "gzip/1",        "00",        "gzip;q=00",    "gzip;q=10"}) {
        CAPTURE(member);
        CHECK(gzip_weight(member) == 777);
        CHECK(choose({member + ", zstd;q=0.9"}) == zstd);
    }
}

TEST_SUITE_END();
