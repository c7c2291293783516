#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/client.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/http_answer.hpp"
#include "tests/support/sockets.hpp"

using rouse::test::answer_to;
using rouse::test::ask;
using rouse::test::client;
using rouse::test::get;
using rouse::test::http_answer;
using rouse::test::post;
using rouse::test::running_daemon;

namespace {

http_answer ask_once(const running_daemon& running, const std::string& request,
                     answer_to kind = answer_to::any) {
    client visitor(running.http());
    return ask(visitor, request, kind);
}

}  // namespace

TEST_SUITE_BEGIN("integration/http_routes");

TEST_CASE("the start page is HTML that links every route") {
    const running_daemon running;
    const http_answer page = ask_once(running, get("/"));
    CHECK(page.status == 200);
    CHECK(page.field("content-type") == "text/html; charset=utf-8");
    for (const char* const route : {"/plaintext", "/json", "/anything", "/status/", "/delay/",
                                    "/bytes/", "/echo", "/upload", "/healthz"}) {
        CAPTURE(route);
        CHECK(page.body.find(route) != std::string::npos);
    }
}

TEST_CASE("the fixed routes answer their text with its type and a date") {
    const running_daemon running;
    const http_answer plain = ask_once(running, get("/plaintext"));
    CHECK(plain.status == 200);
    CHECK(plain.body == "Hello, World!");
    CHECK(plain.field("content-type") == "text/plain; charset=utf-8");
    CHECK(plain.field("server") == "rouse");
    CHECK(plain.field("date").ends_with(" GMT"));
    const http_answer json = ask_once(running, get("/json"));
    CHECK(nlohmann::json::parse(json.body) == nlohmann::json{{"message", "Hello, World!"}});
    CHECK(json.field("content-type") == "application/json");
    CHECK(ask_once(running, get("/healthz")).body == "ok\n");
    CHECK(ask_once(running, get("/plaintext?with=query")).body == "Hello, World!");
}

TEST_CASE("HEAD answers what GET would, without the body, and the connection goes on") {
    const running_daemon running;
    client visitor(running.http());
    for (const char* const target : {"/", "/plaintext", "/bytes/100000", "/anything", "/nothing"}) {
        CAPTURE(target);
        const http_answer with_body = ask(visitor, get(target));
        std::string request = get(target);
        request.replace(0, 3, "HEAD");
        const http_answer head = ask(visitor, request, answer_to::head);
        CHECK(head.status == with_body.status);
        CHECK(head.field("content-type") == with_body.field("content-type"));
        CHECK_FALSE(head.field("content-length").empty());
        if (std::string(target) != "/anything") {  // Its body tells the method.
            CHECK(head.field("content-length") == with_body.field("content-length"));
        }
    }
    CHECK(ask(visitor, get("/plaintext")).status == 200);
}

TEST_CASE("an unknown path is 404, and a wrong method 405 with what is allowed") {
    const running_daemon running;
    client visitor(running.http());
    CHECK(ask(visitor, get("/nothing")).status == 404);
    CHECK(ask(visitor, get("/plaintext/")).status == 404);
    for (const char* const method : {"DELETE", "PATCH", "POST", "PUT", "TRACE"}) {
        CHECK(ask(visitor, std::string(method) + " /anything HTTP/1.1\r\nHost: test\r\n\r\n")
                  .status == 200);
    }
    const http_answer options = ask(visitor, "OPTIONS * HTTP/1.1\r\nHost: test\r\n\r\n");
    CHECK(options.status == 204);
    CHECK(options.field("allow").starts_with("GET, HEAD, POST"));
    const http_answer refused = ask(visitor, post("/plaintext", "not wanted"));
    CHECK(refused.status == 405);
    CHECK(refused.field("allow") == "GET, HEAD, OPTIONS");
    const http_answer echo = ask(visitor, get("/echo"));
    CHECK(echo.status == 405);
    CHECK(echo.field("allow") == "POST, PUT, OPTIONS");
    CHECK(ask(visitor, get("/plaintext")).status == 200);
}

TEST_CASE("/status answers any code from 200 to 599, for any method") {
    const running_daemon running;
    client visitor(running.http());
    for (int code = 200; code <= 599; ++code) {
        CAPTURE(code);
        const http_answer answer = ask(visitor, get("/status/" + std::to_string(code)));
        CHECK(answer.status == code);
        CHECK(answer.body.empty() == (code == 204 || code == 205 || code == 304));
        if (code == 204 || code == 304) {
            CHECK(answer.field("content-length").empty());
        }
    }
    CHECK(ask(visitor, post("/status/418", "a body")).status == 418);
    CHECK(ask(visitor, get("/status/418")).body == "418\n");  // Unregistered: no phrase.
    CHECK(ask(visitor, get("/status/404")).body == "404 Not Found\n");
    for (const char* const wrong :
         {"199", "600", "20", "-200", "+200", "200a", "99999999999999999999"}) {
        CAPTURE(wrong);
        CHECK(ask(visitor, get("/status/" + std::string(wrong))).status == 400);
    }
}

TEST_CASE("/delay answers later, while others are answered at once") {
    const running_daemon running({"--workers", "1"});
    client patient(running.http());
    client hasty(running.http());
    patient.send(get("/delay/300"));
    CHECK(ask(hasty, get("/plaintext")).status == 200);
    CHECK_FALSE(patient.has_more());
    const http_answer late = next_answer(patient);
    CHECK(late.status == 200);
    CHECK(late.body == "waited 300 ms\n");
    CHECK(ask(patient, get("/delay/0")).body == "waited 0 ms\n");
    CHECK(ask(patient, get("/delay/60001")).status == 400);
    CHECK(ask(patient, get("/delay/soon")).status == 400);
}

TEST_CASE("a client that leaves a delayed answer behind costs no one anything") {
    const running_daemon running({"--workers", "1"});
    {
        client gone(running.http());
        gone.send(get("/delay/300"));
        client other(running.http());
        CHECK(ask(other, get("/plaintext")).status == 200);
        gone.reset();
    }
    client visitor(running.http());
    CHECK(ask(visitor, get("/plaintext")).status == 200);
}

TEST_CASE("/anything tells method, target, headers, peer and text of the request") {
    const running_daemon running;
    client visitor(running.http());
    const http_answer answer =
        ask(visitor,
            "PATCH /anything/a/b%20c?x=1&y=%22 HTTP/1.1\r\nHost: name.test:81\r\n"
            "X-Twice: one\r\nx-twice:  two \r\nContent-Length: 8\r\n\r\nh\xc3\xa9llo \"");
    CHECK(answer.status == 200);
    CHECK(answer.field("content-type") == "application/json");
    const auto told = nlohmann::json::parse(answer.body);
    CHECK(told["method"] == "PATCH");
    CHECK(told["target"] == "/anything/a/b%20c?x=1&y=%22");
    CHECK(told["path"] == "/anything/a/b%20c");
    CHECK(told["query"] == "x=1&y=%22");
    CHECK(told["version"] == "HTTP/1.1");
    CHECK(told["host"] == "name.test:81");
    CHECK(told["peer"] == visitor.local_address().to_string());
    CHECK(told["body"] == "h\xc3\xa9llo \"");
    CHECK_FALSE(told.contains("body_base64"));
    const nlohmann::json headers = {{{"name", "Host"}, {"value", "name.test:81"}},
                                    {{"name", "X-Twice"}, {"value", "one"}},
                                    {{"name", "x-twice"}, {"value", "two"}},
                                    {{"name", "Content-Length"}, {"value", "8"}}};
    CHECK(told["headers"] == headers);
}

TEST_CASE("/anything gives a body that is not text as base64") {
    const running_daemon running;
    client visitor(running.http());
    const auto base64_of = [&](std::string_view body) {
        const auto told = nlohmann::json::parse(ask(visitor, post("/anything", body)).body);
        CHECK_FALSE(told.contains("body"));
        return told["body_base64"].get<std::string>();
    };
    CHECK(base64_of("\xff") == "/w==");
    CHECK(base64_of("\xff\xfe") == "//4=");
    CHECK(base64_of(std::string_view("\xff\x00\x10", 3)) == "/wAQ");
    CHECK(base64_of("\xfb\xef\xbe\xff") == "++++/w==");
}

TEST_CASE("/anything takes a body of 1 MiB and refuses a larger one") {
    const running_daemon running;
    client visitor(running.http());
    constexpr std::size_t largest = 1U << 20U;
    const auto told =
        nlohmann::json::parse(ask(visitor, post("/anything", std::string(largest, 'x'))).body);
    CHECK(told["body"].get<std::string>().size() == largest);
    CHECK(ask(visitor, post("/anything", std::string(largest + 1, 'x'))).status == 413);
}

TEST_CASE("the text of an odd target comes back as valid JSON") {
    const running_daemon running;
    client visitor(running.http());
    const http_answer answer = ask(visitor, get("/anything/\xff\xfe\"'<>\\"));
    CHECK((answer.status == 200 || answer.status == 400));
    if (answer.status == 200) {
        CHECK(nlohmann::json::accept(answer.body));
    }
}

TEST_CASE("HTTP is served over IPv6 and a unix socket as well") {
    const std::string path = "unix:/tmp/roused-http-" + std::to_string(::getpid()) + ".sock";
    {
        running_daemon running(
            {.arguments = {"--http", "[::1]:0", "--http", path, "--echo", "off"}});
        client ipv6(running.http());
        CHECK(ask(ipv6, get("/plaintext")).body == "Hello, World!");
        const auto peer = nlohmann::json::parse(ask(ipv6, get("/anything")).body)["peer"];
        CHECK(peer == ipv6.local_address().to_string());
        CHECK(peer.get<std::string>().starts_with("[::1]:"));
        client local(running.addresses("http", "unix").at(0));
        CHECK(ask(local, get("/plaintext")).body == "Hello, World!");
        CHECK(nlohmann::json::parse(ask(local, get("/anything")).body)["peer"] == "unix:");
    }
    CHECK(::access(path.c_str() + 5, F_OK) != 0);
}

TEST_SUITE_END();
