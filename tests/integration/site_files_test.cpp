#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/client.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/http_answer.hpp"
#include "tests/support/site_folder.hpp"

using rouse::test::answer_to;
using rouse::test::ask;
using rouse::test::client;
using rouse::test::get;
using rouse::test::http_answer;
using rouse::test::request_of;
using rouse::test::running_daemon;
using rouse::test::site_folder;

namespace {

constexpr auto old_date = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr auto secret = "nobody may read this";

bool names(const http_answer& answer, std::string_view text) {
    return answer.body.contains(text);
}

// Fields but the Date, which may be that of the next second.
auto lasting_fields(http_answer answer) {
    std::erase_if(answer.fields, [](const auto& each) { return each.first == "date"; });
    return answer.fields;
}

/// Ten bytes in public/a.txt, served to every host.
struct one_file {
    site_folder folder;
    running_daemon running{serving(folder)};
    client visitor{running.http()};

    [[nodiscard]] http_answer with(const std::string& fields) {
        return ask(visitor, get("/a.txt", fields));
    }

   private:
    static std::vector<std::string> serving(const site_folder& from) {
        from.write("public/a.txt", "0123456789");
        return from.configured("[[site]]\nroot = \"public\"\n");
    }
};

}  // namespace

TEST_SUITE_BEGIN("integration/site_files");

TEST_CASE("--root serves a directory, with an index, types and validators, and nothing else") {
    const site_folder folder;
    folder.write("index.html", "<p>home</p>");
    folder.write("docs/a.txt", "text");
    const running_daemon running({"--root", folder.path("")});
    client visitor(running.http());
    const http_answer home = ask(visitor, get("/"));
    CHECK(home.status == 200);
    CHECK(home.body == "<p>home</p>");
    CHECK(home.field("content-type") == "text/html; charset=utf-8");
    const http_answer text = ask(visitor, get("/docs/a.txt?any=query"));
    CHECK(text.body == "text");
    CHECK(text.field("content-type") == "text/plain; charset=utf-8");
    CHECK(text.field("etag").starts_with('"'));
    CHECK(text.field("last-modified").ends_with(" GMT"));
    CHECK(text.field("accept-ranges") == "bytes");
    CHECK(text.field("x-content-type-options") == "nosniff");
    // RFC 9110, 15.4.2.
    const http_answer moved = ask(visitor, get("/docs?a=b"));
    CHECK(moved.status == 301);
    CHECK(moved.field("location") == "/docs/?a=b");
    for (const char* const target : {"/docs/", "/none.txt", "/docs/a.txt/", "/plaintext"}) {
        CHECK(ask(visitor, get(target)).status == 404);
    }
    CHECK(ask(visitor, get("/healthz")).body == "ok\n");
    const http_answer refused = ask(visitor, request_of("DELETE", "test", "/docs/a.txt"));
    CHECK(refused.status == 405);
    CHECK(refused.field("allow") == "GET, HEAD, OPTIONS");
}

TEST_CASE("a folder without an index is listed as HTML or JSON, where that is asked for") {
    const site_folder folder;
    folder.write("docs/<b>.txt", "text");
    folder.write("docs/.hidden", secret);
    std::filesystem::create_directory(folder.path("docs/inner"));
    const running_daemon running({"--root", folder.path(""), "--listing"});
    client visitor(running.http());
    const http_answer page = ask(visitor, get("/docs/", "Accept: text/html\r\n"));
    CHECK(page.status == 200);
    CHECK(page.field("content-type") == "text/html; charset=utf-8");
    CHECK(page.field("vary").contains("Accept"));
    CHECK(names(page, "&lt;b&gt;.txt"));
    CHECK(names(page, "href=\"inner/\""));
    CHECK_FALSE(names(page, "<b>"));
    CHECK_FALSE(names(page, "hidden"));
    const http_answer object = ask(visitor, get("/docs/", "Accept: application/json\r\n"));
    CHECK(object.field("content-type") == "application/json");
    const auto listed = nlohmann::json::parse(object.body);
    CHECK(listed["path"] == "/docs/");
    REQUIRE(listed["entries"].size() == 2);
    CHECK(listed["entries"][0]["name"] == "inner");
    CHECK(listed["entries"][1]["name"] == "<b>.txt");
    CHECK(listed["entries"][1]["size"] == 4);
}

TEST_CASE("the fallback answers for what is not there, and for nothing that is") {
    const site_folder folder;
    folder.write("app.html", "the application");
    folder.write("a.txt", "text");
    const running_daemon running({"--root", folder.path(""), "--fallback", "/app.html"});
    client visitor(running.http());
    const http_answer routed = ask(visitor, get("/users/7?tab=2"));
    CHECK(routed.status == 200);
    CHECK(routed.body == "the application");
    CHECK(routed.field("content-type") == "text/html; charset=utf-8");
    CHECK(ask(visitor, get("/a.txt")).body == "text");
}

TEST_CASE_FIXTURE(one_file, "HEAD says what GET says, without the content") {
    const http_answer got = with("");
    const http_answer head = ask(visitor, request_of("HEAD", "test", "/a.txt"), answer_to::head);
    CHECK(head.status == 200);
    CHECK(lasting_fields(head) == lasting_fields(got));
    CHECK(head.field("content-length") == "10");
    CHECK(with("").body == "0123456789");  // Nothing of a body was in between.
}

// RFC 9110, 13.2.2.
TEST_CASE_FIXTURE(one_file, "conditions are asked in their order: 304 and 412") {
    const http_answer got = with("");
    const std::string tag = got.field("etag");
    const std::string date = got.field("last-modified");
    const http_answer known = with("If-None-Match: \"x\", " + tag + "\r\n");
    CHECK(known.status == 304);
    CHECK(known.field("etag") == tag);
    CHECK(known.field("content-type").empty());
    CHECK(with("If-None-Match: \"x\"\r\n").status == 200);
    CHECK(with("If-Modified-Since: " + date + "\r\n").status == 304);
    CHECK(with(std::string("If-Modified-Since: ") + old_date + "\r\n").status == 200);
    CHECK(with("If-None-Match: \"x\"\r\nIf-Modified-Since: " + date + "\r\n").status == 200);
    CHECK(with("If-Match: \"x\"\r\n").status == 412);
    CHECK(with("If-Match: " + tag + "\r\n").status == 200);
    CHECK(with(std::string("If-Unmodified-Since: ") + old_date + "\r\n").status == 412);
    CHECK(with("If-Match: \"x\"\r\nIf-None-Match: " + tag + "\r\n").status == 412);
}

// RFC 9110, 14 and 15.3.7.
TEST_CASE_FIXTURE(one_file, "one range, several, one beyond the end, and If-Range") {
    const std::vector<std::pair<std::string, std::string>> parts{
        {"0-0", "0"}, {"2-4", "234"}, {"7-", "789"}, {"-3", "789"}, {"8-99", "89"}};
    for (const auto& [range, bytes] : parts) {
        CAPTURE(range);
        const http_answer part = with("Range: bytes=" + range + "\r\n");
        CHECK(part.status == 206);
        CHECK(part.body == bytes);
        CHECK(part.field("content-range").ends_with("/10"));
        CHECK(part.field("content-type") == "text/plain; charset=utf-8");
    }
    const http_answer several = with("Range: bytes=7-8, 0-1\r\n");
    CHECK(several.status == 206);
    const std::string type = several.field("content-type");
    const std::string begin = "multipart/byteranges; boundary=";
    REQUIRE(type.starts_with(begin));
    const std::string line = "--" + type.substr(begin.size());
    const std::string fields = "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: ";
    CHECK(several.body == line + fields + "bytes 7-8/10\r\n\r\n78\r\n" + line + fields +
                              "bytes 0-1/10\r\n\r\n01\r\n" + line + "--\r\n");
    const http_answer beyond = with("Range: bytes=10-\r\n");
    CHECK(beyond.status == 416);
    CHECK(beyond.field("content-range") == "bytes */10");
    const std::string tag = with("").field("etag");
    const http_answer resumed = with("Range: bytes=8-\r\nIf-Range: " + tag + "\r\n");
    CHECK(resumed.status == 206);
    CHECK(resumed.body == "89");
    CHECK(resumed.field("etag") == tag);
    CHECK(resumed.field("last-modified").empty());
    CHECK(with("Range: bytes=8-\r\nIf-Range: \"x\"\r\n").body == "0123456789");
}

TEST_CASE("a file beside it in a coding that the client takes is sent, and Vary says so") {
    const site_folder folder;
    folder.write("public/a.css", "body { color: black }");
    folder.write("public/a.css.br", "as br");
    folder.write("public/a.css.gz", "as gzip");
    const running_daemon running(folder.configured("[[site]]\nroot = \"public\"\n"));
    client visitor(running.http());
    const auto accepting = [&](const std::string& codings) {
        return ask(visitor, get("/a.css", "Accept-Encoding: " + codings + "\r\n"));
    };
    const http_answer plain = ask(visitor, get("/a.css"));
    CHECK(plain.body == "body { color: black }");
    CHECK(plain.field("content-encoding").empty());
    CHECK(plain.field("vary") == "Accept-Encoding");
    const http_answer best = accepting("gzip, br");
    CHECK(best.body == "as br");
    CHECK(best.field("content-encoding") == "br");
    CHECK(best.field("content-type") == "text/css; charset=utf-8");
    CHECK(best.field("vary") == "Accept-Encoding");
    CHECK(best.field("etag") != plain.field("etag"));
    CHECK(accepting("gzip, br;q=0.5").body == "as gzip");
    CHECK(accepting("br;q=0, gzip;q=0").body == plain.body);
}

TEST_CASE("text above the floor is compressed while it is served, and other content is not") {
    const site_folder folder;
    folder.write("public/large.css", std::string(4'000, 'a'));
    folder.write("public/medium.css", std::string(400, 'a'));
    folder.write("public/small.css", std::string(200, 'a'));
    folder.write("public/large.png", std::string(4'000, 'a'));
    const running_daemon running(
        folder.configured("[[site]]\nroot = \"public\"\ncompress_bytes_min = \"300\"\n"));
    client visitor(running.http());
    const auto accepting = [&](const std::string& target, const std::string& codings) {
        return ask(visitor, get(target, "Accept-Encoding: " + codings + "\r\n"));
    };
    const http_answer coded = accepting("/large.css", "gzip");
    CHECK(coded.field("content-encoding") == "gzip");
    CHECK(coded.field("vary").contains("Accept-Encoding"));
    CHECK(coded.body.starts_with("\x1f\x8b"));
    CHECK(coded.body.size() < 400);
    CHECK(accepting("/large.css", "br, zstd;q=0.1").field("content-encoding") == "br");
    CHECK(accepting("/medium.css", "gzip").field("content-encoding") == "gzip");
    CHECK(accepting("/large.css", "zstd").body.starts_with("\x28\xb5\x2f\xfd"));
    const http_answer plain = accepting("/large.css", "identity");
    CHECK(plain.body == std::string(4'000, 'a'));
    CHECK(plain.field("vary").contains("Accept-Encoding"));
    for (const char* const target : {"/small.css", "/large.png"}) {
        CHECK(accepting(target, "gzip").field("content-encoding").empty());
    }
}

TEST_CASE("no target leads out of the root, to a hidden name or through a link") {
    const site_folder folder;
    folder.write("secret.txt", secret);
    folder.write("public/docs/a.txt", "text");
    folder.write("public/.hidden", secret);
    folder.write("public/.git/config", secret);
    folder.link("public/link.txt", "../secret.txt");
    folder.link("public/up", "..");
    folder.link("public/inner.txt", "docs/a.txt");
    const running_daemon running(
        folder.configured("[[site]]\nhosts = [\"strict.test\"]\nroot = \"public\"\n"
                          "[[site]]\nroot = \"public\"\ndotfiles = true\nsymlinks = true\n"));
    client visitor(running.http());
    for (const char* const target :
         {"/../secret.txt", "/docs/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt",
          "/docs/%2e%2e/%2E./secret.txt", "//../secret.txt", "/./../secret.txt", "/link.txt",
          "/up/secret.txt", "/docs/..%5c..%5csecret.txt", "/%00/../secret.txt"}) {
        for (const char* const host : {"strict.test", "loose.test"}) {
            CAPTURE(target);
            CAPTURE(host);
            const http_answer refused = ask(visitor, request_of("GET", host, target));
            CHECK(refused.status >= 400);
            CHECK(refused.status < 500);
            CHECK_FALSE(names(refused, secret));
        }
    }
    for (const char* const target : {"/.hidden", "/%2ehidden", "/.git/config", "/inner.txt"}) {
        CHECK(ask(visitor, request_of("GET", "strict.test", target)).status == 404);
        CHECK(ask(visitor, request_of("GET", "loose.test", target)).status == 200);
    }
    CHECK(ask(visitor, request_of("GET", "strict.test", "/docs/../docs/a.txt")).body == "text");
}

TEST_CASE("a file that shrinks while it is sent ends the connection, and nothing is padded") {
    constexpr std::size_t file_bytes = 32U << 20U;
    const site_folder folder;
    folder.write("public/large.bin", std::string(file_bytes, 'x'));
    const running_daemon running(folder.configured("[[site]]\nroot = \"public\"\n"));
    client slow(running.http(), 4'096);
    slow.send(get("/large.bin") + get("/healthz"));
    const std::string head = slow.receive_until("\r\n\r\n");
    CHECK(head.contains("Content-Length: " + std::to_string(file_bytes) + "\r\n"));
    std::filesystem::resize_file(folder.path("public/large.bin"), 1'000);
    const std::string sent = slow.receive_to_end();
    CHECK(sent.size() < file_bytes);
    CHECK(std::ranges::count(sent, 'x') == static_cast<std::ptrdiff_t>(sent.size()));
    client other(running.http());
    CHECK(ask(other, get("/healthz")).status == 200);
}

TEST_SUITE_END();
