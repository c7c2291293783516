#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/client.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/http_answer.hpp"
#include "tests/support/site_folder.hpp"

using rouse::test::ask;
using rouse::test::client;
using rouse::test::get;
using rouse::test::http_answer;
using rouse::test::next_answer;
using rouse::test::post;
using rouse::test::request_of;
using rouse::test::running_daemon;
using rouse::test::site_folder;

namespace {

// "Aladdin:open sesame", as in RFC 7617, 2, and the hash of that password by htpasswd -B.
constexpr auto right_password = "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n";
constexpr auto wrong_password = "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZSE=\r\n";
constexpr auto users_file =
    "Aladdin:$2y$05$iACVkgp/fIPT6rJEOfMXceOwW1Y724Y7ixpepcRn9vg84M/wZ2iES\n";

constexpr auto guarded_site = R"([[site]]
root = "public"
basic_auth = { realm = "staff", users_file = "htpasswd", paths = ["/private"] }
)";

struct guarded_folder : site_folder {
    guarded_folder() {
        write("htpasswd", users_file);
        write("public/private/a.txt", "private");
        write("public/b.txt", "open");
    }
};

std::vector<std::string> lines_of(const std::string& path) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        lines.push_back(line);
    }
    return lines;
}

void end(running_daemon& running) {
    running.signal(SIGTERM);
    CHECK(running.await_end().exit_code == 0);
}

// What the access log tells of.
void visit(client& visitor) {
    CHECK(ask(visitor, get("/private/a.txt", right_password)).body == "private");
    CHECK(ask(visitor, get("/private/a.txt", wrong_password)).status == 401);
    CHECK(ask(visitor, get("/b.txt")).body == "open");
}

}  // namespace

TEST_SUITE_BEGIN("integration/site_rules");

TEST_CASE("each host has its site, by the longest name that fits; a host of none has 404") {
    const site_folder folder;
    folder.write("one/a.txt", "one");
    folder.write("two/a.txt", "two");
    folder.write("deep/a.txt", "deep");
    const running_daemon running(folder.configured(R"(
[[site]]
hosts = ["one.test", "www.one.test"]
root = "one"
[[site]]
hosts = ["*.two.test"]
root = "two"
[[site]]
hosts = ["deep.two.test"]
root = "deep"
)"));
    client visitor(running.http());
    const auto at = [&](std::string_view host, std::string_view target = "/a.txt") {
        const http_answer answer = ask(visitor, request_of("GET", host, target));
        return answer.status == 200 ? answer.body : std::to_string(answer.status);
    };
    CHECK(at("one.test") == "one");
    CHECK(at("WWW.ONE.TEST:8080") == "one");
    CHECK(at("a.b.two.test") == "two");
    CHECK(at("deep.two.test") == "deep");
    CHECK(at("two.test") == "404");
    CHECK(at("other.test") == "404");
    // RFC 9112, 3.2.2: the host of an absolute target goes before Host.
    CHECK(at("other.test", "http://one.test/a.txt") == "one");
}

TEST_CASE("redirects and rewrites go by the first rule that fits, and keep the query") {
    const site_folder folder;
    folder.write("public/new/a.txt", "moved");
    const running_daemon running(folder.configured(R"([[site]]
root = "public"
redirects = [
    { from = "/old/*", to = "/new/{rest}", status = 301 },
    { from = "/users/{id}", to = "https://example.org/people/{id}" },
]
rewrites = [{ from = "/v1/*", to = "/new/{rest}" }]
)"));
    client visitor(running.http());
    const http_answer moved = ask(visitor, get("/old/a.txt?q=1"));
    CHECK(moved.status == 301);
    CHECK(moved.field("location") == "/new/a.txt?q=1");
    const http_answer found = ask(visitor, get("/users/7"));
    CHECK(found.status == 302);
    CHECK(found.field("location") == "https://example.org/people/7");
    CHECK(ask(visitor, get("/v1/a.txt")).body == "moved");
    CHECK(ask(visitor, get("/v2/a.txt")).status == 404);
}

TEST_CASE("errors have the site's own pages, and every answer its security headers") {
    const site_folder folder;
    folder.write("public/a.txt", "text");
    folder.write("public/errors/404.html", "<p>{status}: {reason}, sorry</p>");
    folder.write("public/errors/4xx.html", "<p>no: {status}</p>");
    const running_daemon running(folder.configured(R"([[site]]
root = "public"
error_pages = { 404 = "errors/404.html", "4xx" = "errors/4xx.html" }
security_headers = { frame_options = "DENY", referrer_policy = "" }
)"));
    client visitor(running.http());
    const http_answer missing = ask(visitor, get("/none"));
    CHECK(missing.status == 404);
    CHECK(missing.body == "<p>404: Not Found, sorry</p>");
    CHECK(missing.field("content-type") == "text/html; charset=utf-8");
    const http_answer refused = ask(visitor, post("/a.txt", "x"));
    CHECK(refused.status == 405);
    CHECK(refused.body == "<p>no: 405</p>");
    CHECK(refused.field("allow") == "GET, HEAD, OPTIONS");
    for (const http_answer& each : {missing, refused, ask(visitor, get("/a.txt"))}) {
        CHECK(each.field("x-frame-options") == "DENY");
        CHECK(each.field("x-content-type-options") == "nosniff");
        CHECK(each.field("referrer-policy").empty());
        CHECK_FALSE(each.field("content-security-policy").empty());
    }
}

// Fetch Standard, 3.3.
TEST_CASE("a preflight is answered for the site, and pages of its origins may read") {
    const guarded_folder folder;
    const running_daemon running(folder.configured(
        std::string(guarded_site) +
        "cors = { origins = [\"https://app.test\"], methods = [\"GET\", \"PUT\"], "
        "headers = [\"X-Token\"], max_age = \"1m\" }\n"));
    client visitor(running.http());
    const std::string wish =
        "Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: x-token\r\n";
    // Of a path with a password too: browsers send none along.
    const http_answer allowed = ask(visitor, request_of("OPTIONS", "test", "/private/a.txt",
                                                        "Origin: https://app.test\r\n" + wish));
    CHECK(allowed.status == 204);
    CHECK(allowed.field("access-control-allow-origin") == "https://app.test");
    CHECK(allowed.field("access-control-allow-methods") == "GET, PUT");
    CHECK(allowed.field("access-control-allow-headers") == "X-Token");
    CHECK(allowed.field("access-control-max-age") == "60");
    const http_answer other = ask(
        visitor, request_of("OPTIONS", "test", "/b.txt", "Origin: https://other.test\r\n" + wish));
    CHECK(other.status == 204);
    CHECK(other.field("access-control-allow-origin").empty());
    const http_answer read = ask(visitor, get("/b.txt", "Origin: https://app.test\r\n"));
    CHECK(read.body == "open");
    CHECK(read.field("access-control-allow-origin") == "https://app.test");
}

// RFC 7617, 2.
TEST_CASE("a password is asked for below its paths, and nowhere else") {
    const guarded_folder folder;
    const running_daemon running(folder.configured(guarded_site));
    client visitor(running.http());
    const http_answer asked = ask(visitor, get("/private/a.txt"));
    CHECK(asked.status == 401);
    CHECK(asked.field("www-authenticate") == R"(Basic realm="staff", charset="UTF-8")");
    CHECK(ask(visitor, get("/private/a.txt", wrong_password)).status == 401);
    CHECK(ask(visitor, get("/%70rivate/../private/a.txt")).status == 401);
    // Hashed the first time, remembered the second.
    CHECK(ask(visitor, get("/private/a.txt", right_password)).body == "private");
    CHECK(ask(visitor, get("/private/a.txt", right_password)).body == "private");
    CHECK(ask(visitor, get("/b.txt")).body == "open");
    CHECK(ask(visitor, get("/healthz")).status == 200);
}

// RFC 6585, 4.
TEST_CASE(
    "requests beyond the rate are answered 429 with the time to wait, health checks are not") {
    const site_folder folder;
    const running_daemon running(folder.configured(R"([[site]]
redirects = [{ from = "/a", to = "/b" }]
rate_limit = { requests_per_second = 1, burst = 3 }
)"));
    client visitor(running.http());
    // In one go, and from more than one connection: an address has one rate.
    client second(running.http());
    visitor.send(get("/a") + get("/a"));
    second.send(get("/a") + get("/a") + get("/a") + get("/a"));
    int limited = 0;
    const auto count = [&limited](const http_answer& answer) {
        if (answer.status == 429) {
            CHECK(answer.field("retry-after") == "1");
            ++limited;
        } else {
            CHECK(answer.status == 302);
        }
    };
    for (int request = 0; request < 2; ++request) {
        count(next_answer(visitor));
    }
    for (int request = 0; request < 4; ++request) {
        count(next_answer(second));
    }
    // Six at once, of which three are the burst. One more may have come of a second that passed.
    CHECK(limited > 0);
    CHECK(limited <= 3);
    for (int request = 0; request < 10; ++request) {
        CHECK(ask(visitor, get("/healthz")).status == 200);
    }
}

TEST_CASE("the combined log tells of a site's answers with the user, and is opened anew") {
    const guarded_folder folder;
    const std::string path = folder.path("access.log");
    running_daemon running(
        folder.configured("[access_log]\ntarget = \"" + path + "\"\n" + std::string(guarded_site)));
    client visitor(running.http());
    visit(visitor);
    std::filesystem::rename(path, path + ".1");
    running.signal(SIGUSR1);
    running.await_log("access_log_reopened");
    CHECK(ask(visitor, get("/b.txt", "Range: bytes=0-1\r\n")).status == 206);
    end(running);
    // A line may have waited for its turn while the file was opened anew: none is lost.
    auto lines = lines_of(path + ".1");
    const auto later = lines_of(path);
    lines.insert(lines.end(), later.begin(), later.end());
    REQUIRE(lines.size() == 4);
    REQUIRE_FALSE(later.empty());
    CHECK(lines[0].starts_with("127.0.0.1 - Aladdin ["));
    CHECK(lines[0].ends_with(R"("GET /private/a.txt HTTP/1.1" 200 7 "-" "-")"));
    CHECK(lines[1].starts_with("127.0.0.1 - - ["));
    CHECK(lines[1].contains(R"("GET /private/a.txt HTTP/1.1" 401 )"));
    CHECK(lines[2].starts_with("127.0.0.1 - - ["));
    CHECK(lines[2].ends_with(R"("GET /b.txt HTTP/1.1" 200 4 "-" "-")"));
    CHECK(lines[3].ends_with(R"("GET /b.txt HTTP/1.1" 206 2 "-" "-")"));
}

TEST_CASE("the JSON log tells the same, with the host") {
    const guarded_folder folder;
    const std::string path = folder.path("access.log");
    running_daemon running(folder.configured("[access_log]\nformat = \"json\"\ntarget = \"" + path +
                                             "\"\n" + std::string(guarded_site)));
    client visitor(running.http());
    visit(visitor);
    end(running);
    const auto lines = lines_of(path);
    REQUIRE(lines.size() == 3);
    const auto first = nlohmann::json::parse(lines[0]);
    CHECK(first["user"] == "Aladdin");
    CHECK(first["target"] == "/private/a.txt");
    CHECK(first["status"] == 200);
    CHECK(first["bytes"] == 7);
    CHECK(first["host"] == "test");
    CHECK(first["duration_us"] > 0);  // The password was hashed.
    CHECK(first["cut"] == false);
    const auto refused = nlohmann::json::parse(lines[1]);
    CHECK(refused["user"] == "-");
    CHECK(refused["status"] == 401);
    CHECK(nlohmann::json::parse(lines[2])["user"] == "-");
}

TEST_SUITE_END();
