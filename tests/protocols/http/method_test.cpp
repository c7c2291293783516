#include "protocols/http/method.hpp"

#include <cstddef>
#include <string>

#include <doctest/doctest.h>

using namespace rouse::http;

TEST_SUITE_BEGIN("protocols/http/method");

TEST_CASE("every named method is parsed to what is written back") {
    for (std::size_t index = 0; index < method_count - 1; ++index) {
        const auto verb = static_cast<method>(index);
        CAPTURE(index);
        CHECK_FALSE(to_string(verb).empty());
        CHECK(parse_method(to_string(verb)) == verb);
    }
    CHECK(to_string(method::delete_) == "DELETE");
    CHECK(to_string(method::other).empty());
}

TEST_CASE("what is not exactly the name of a method is other") {
    for (const char* token : {"", "get", "Get", "GE", "GETS", "P", "PU", "POSTS", "PUTT", "PATCHY",
                              "QUERY", "PROPFIND", "HEAD ", "OPTION", "TRACEX", "CONNEC", "D"}) {
        CAPTURE(token);
        CHECK(parse_method(token) == method::other);
    }
}

TEST_CASE("a mask has one bit for each method") {
    method_mask seen = 0;
    for (std::size_t index = 0; index < method_count; ++index) {
        const method_mask bit = to_mask(static_cast<method>(index));
        CHECK((seen & bit) == 0);
        seen |= bit;
    }
    CHECK(seen == (method_mask_all | to_mask(method::other)));
    CHECK((method_mask_all & to_mask(method::other)) == 0);
}

TEST_SUITE_END();
