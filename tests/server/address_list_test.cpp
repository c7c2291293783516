#include "server/address_list.hpp"

#include <ostream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using rouse::server::parse_address_list;

namespace {

std::string problem_of(const std::vector<std::string>& texts) {
    const auto parsed = parse_address_list(texts);
    return parsed ? "no problem" : parsed.error();
}

}  // namespace

TEST_SUITE_BEGIN("server/address_list");

TEST_CASE("addresses keep their order") {
    const std::vector<std::string> texts{"[::1]:8080", "127.0.0.1:8080", "unix:/run/rouse.sock"};
    const auto parsed = parse_address_list(texts);
    REQUIRE(parsed);
    REQUIRE(parsed->size() == 3);
    for (std::size_t at = 0; at < texts.size(); ++at) {
        CHECK((*parsed)[at].to_string() == texts[at]);
    }
}

TEST_CASE("off and an empty list are no address") {
    const std::vector<std::string> off{"off"};
    CHECK(parse_address_list(off).value().empty());
    CHECK(parse_address_list({}).value().empty());
}

TEST_CASE("off stands alone") {
    CHECK(problem_of({"127.0.0.1:80", "off"}) ==
          "\"off\" stands alone, without addresses beside it");
}

TEST_CASE("an address stands once, but port 0 as often as ports are wanted") {
    CHECK(problem_of({"127.0.0.1:80", "[::1]:80", "127.0.0.1:80"}) ==
          "\"127.0.0.1:80\" is listed twice");
    CHECK(problem_of({"[::1]:80", "[0:0:0:0:0:0:0:1]:80"}) ==
          "\"[0:0:0:0:0:0:0:1]:80\" is listed twice");
    CHECK(problem_of({"unix:/run/a", "unix:/run/a"}) == "\"unix:/run/a\" is listed twice");
    CHECK(problem_of({"127.0.0.1:0", "127.0.0.1:0"}) == "no problem");
}

TEST_CASE("a list is bounded") {
    std::vector<std::string> texts(rouse::server::listen_addresses_max, "127.0.0.1:0");
    CHECK(problem_of(texts) == "no problem");
    texts.emplace_back("127.0.0.1:0");
    CHECK(problem_of(texts) == "65 addresses, but at most 64 are allowed");
}

TEST_CASE("a cure repeats a port and nothing else") {
    CHECK(problem_of({":80\n\x1b[31m"}) == R"(":80\n\u001b[31m" is not an address: )"
                                           "for every interface write 0.0.0.0:PORT or [::]:PORT");
    CHECK(problem_of({"*:123456"}).ends_with("write 0.0.0.0:PORT or [::]:PORT"));
}

TEST_CASE("a name that is not UTF-8 is refused") {
    CHECK(problem_of({"unix:/run/\xff"}) == "\"unix:/run/\uFFFD\" is not UTF-8");
    CHECK(problem_of({"unix:/run/\u00e9"}) == "no problem");
}

TEST_CASE("a common mistake is answered with its cure") {
    CHECK(problem_of({"*:80"}) ==
          "\"*:80\" is not an address: for every interface write 0.0.0.0:80 or [::]:80");
    CHECK(problem_of({":80"}) ==
          "\":80\" is not an address: for every interface write 0.0.0.0:80 or [::]:80");
    CHECK(problem_of({"localhost:80"}) ==
          "\"localhost:80\" is not an address: names are not resolved: write 127.0.0.1 or [::1]");
    CHECK(problem_of({"::1:80"}) ==
          "\"::1:80\" is not an address: an IPv6 address stands in brackets, as in [::1]:8080");
    CHECK(problem_of({"unix:"}).ends_with("an abstract name is unix:@NAME"));
    CHECK(problem_of({"127.0.0.1"}) ==
          "\"127.0.0.1\" is not an address: want IPV4:PORT, [IPV6]:PORT, unix:PATH or off, "
          "with a port from 0 to 65535");
    CHECK(problem_of({"127.0.0.1:65536"}).ends_with("with a port from 0 to 65535"));
}

TEST_SUITE_END();
