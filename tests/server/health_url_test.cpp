#include "server/health_url.hpp"

#include <string>

#include <doctest/doctest.h>

using rouse::address;
using rouse::server::health_question;
using rouse::server::health_question_of;
using rouse::server::parse_health_url;

namespace {

// "PLACE PLACE HOST TARGET", or why not.
std::string text_of(const health_question& question) {
    std::string text;
    for (const address& each : question.places) {
        text += each.to_string() + ' ';
    }
    return text + question.host + ' ' + question.target;
}

std::string read(std::string_view url) {
    const auto question = parse_health_url(url);
    return question ? text_of(*question) : question.error();
}

const std::string no_form =
    "is neither http://HOST:PORT/PATH, with an address or localhost for HOST, nor "
    "unix:SOCKET:/PATH";

}  // namespace

TEST_SUITE_BEGIN("server/health_url");

TEST_CASE("a URL is where to ask, the Host and the target") {
    CHECK(read("http://127.0.0.1:8080/healthz") == "127.0.0.1:8080 127.0.0.1:8080 /healthz");
    CHECK(read("http://[::1]:8080/a/b?c=d") == "[::1]:8080 [::1]:8080 /a/b?c=d");
    CHECK(read("http://0.0.0.0:1/") == "0.0.0.0:1 0.0.0.0:1 /");
}

TEST_CASE("what a URL leaves out is port 80 and the target /") {
    CHECK(read("http://127.0.0.1") == "127.0.0.1:80 127.0.0.1 /");
    CHECK(read("http://[::1]") == "[::1]:80 [::1] /");
    CHECK(read("http://127.0.0.1:81?a") == "127.0.0.1:81 127.0.0.1:81 /?a");
}

TEST_CASE("localhost is both loopback addresses, and no other name is anything") {
    CHECK(read("http://localhost:8080/x") == "127.0.0.1:8080 [::1]:8080 localhost:8080 /x");
    CHECK(read("http://localhost") == "127.0.0.1:80 [::1]:80 localhost /");
    for (const char* const url : {"http://example.org/", "http://Localhost/", "http:///x"}) {
        CAPTURE(url);
        CHECK(read(url) == no_form);
    }
}

TEST_CASE("a unix socket is asked for the path behind it") {
    CHECK(read("unix:/run/roused.sock:/healthz") == "unix:/run/roused.sock localhost /healthz");
    CHECK(read("unix:/run/roused.sock:/a?b=:/c") == "unix:/run/roused.sock localhost /a?b=:/c");
    CHECK(read("unix:/run/roused.sock") == "unix:/run/roused.sock localhost /");
    CHECK(read("unix:@name:/healthz") == "unix:@name localhost /healthz");
    CHECK(read("unix:") == "names no unix socket");
    CHECK(read("unix::/healthz") == "names no unix socket");
    CHECK(read("unix:/" + std::string(200, 'a')) == "names no unix socket");
}

TEST_CASE("what is no URL of these forms is refused with them") {
    for (const char* const url :
         {"", "/healthz", "127.0.0.1:8080", "https://127.0.0.1:8080/", "HTTP://127.0.0.1/",
          "http://127.0.0.1:0/", "http://127.0.0.1:65536/", "http://127.0.0.1:/",
          "http://127.0.0.1:http/", "http://user@127.0.0.1/", "http://::1/", "http://[::1/",
          "http://[::1]8080/", "http://127.1/", "http://unix:/run/roused.sock"}) {
        CAPTURE(url);
        CHECK(read(url) == no_form);
    }
}

TEST_CASE("a character that a request line cannot have is refused") {
    for (const char* const url :
         {"http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/\t",
          "http://127.0.0.1/#top", "http://127.0.0.1/\x7f", "http://127.0.0.1/\xc3\xa9"}) {
        CAPTURE(url);
        CHECK(read(url) == "has a fragment, a space or another character that no URL has");
    }
}

TEST_CASE("a listening address is asked for /healthz, a wildcard on loopback") {
    const auto asked = [](std::string_view listening) {
        return text_of(health_question_of(address::parse(listening).value()));
    };
    CHECK(asked("0.0.0.0:8080") == "127.0.0.1:8080 127.0.0.1:8080 /healthz");
    CHECK(asked("[::]:8080") == "[::1]:8080 [::1]:8080 /healthz");
    CHECK(asked("127.0.0.2:81") == "127.0.0.2:81 127.0.0.2:81 /healthz");
    CHECK(asked("unix:/run/roused.sock") == "unix:/run/roused.sock localhost /healthz");
}

TEST_SUITE_END();
