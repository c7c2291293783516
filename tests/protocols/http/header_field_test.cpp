#include "protocols/http/header_field.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace rouse::http;

namespace {

std::vector<std::string> members(std::string_view list) {
    std::vector<std::string> found;
    for (std::string_view member = next_list_member(list); !member.empty();
         member = next_list_member(list)) {
        found.emplace_back(member);
    }
    return found;
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/header_field");

TEST_CASE("letters are compared without case and nothing else is") {
    CHECK(equals_ignoring_case("Content-Type", "cONTENT-tYPE"));
    CHECK(equals_ignoring_case("", ""));
    CHECK_FALSE(equals_ignoring_case("Host", "Hos"));
    CHECK_FALSE(equals_ignoring_case("@", "`"));
    CHECK_FALSE(equals_ignoring_case("[", "{"));
    CHECK_FALSE(equals_ignoring_case("\r", "-"));
}

TEST_CASE("a field that would break a head apart is not valid") {
    CHECK(is_valid({"X-Name", "any text\twith \xc3\xa9"}));
    CHECK(is_valid({"X-Name", ""}));
    const std::string_view nul("a\0b", 3);
    for (const header_field& field :
         {header_field{"", "x"}, header_field{"A B", "x"}, header_field{"A:", "x"},
          header_field{"A\r\nB", "x"}, header_field{"A", "x\r\nB: y"}, header_field{"A", "x\ny"},
          header_field{"A", "x\ry"}, header_field{"A", nul}, header_field{"A", "\x7f"},
          header_field{"\xc3\xa9", "x"}}) {
        CAPTURE(field.name);
        CAPTURE(field.value);
        CHECK_FALSE(is_valid(field));
    }
}

TEST_CASE("a list gives its members without white space and without empty ones") {
    CHECK(members("a") == std::vector<std::string>{"a"});
    CHECK(members(" a ,\tb\t,c d") == std::vector<std::string>{"a", "b", "c d"});
    CHECK(members(",, a,,b ,") == std::vector<std::string>{"a", "b"});
    CHECK(members("").empty());
    CHECK(members(" , ,").empty());
}

TEST_SUITE_END();
