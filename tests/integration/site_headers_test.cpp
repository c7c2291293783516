#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "protocols/http/files/listing.hpp"
#include "tests/support/client.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/http_answer.hpp"
#include "tests/support/site_folder.hpp"

using rouse::test::answer_to;
using rouse::test::ask;
using rouse::test::client;
using rouse::test::get;
using rouse::test::http_answer;
using rouse::test::post;
using rouse::test::request_of;
using rouse::test::running_daemon;
using rouse::test::site_folder;

namespace {

// Of configs/sites.toml.
constexpr std::string_view security_of_all =
    "x-content-type-options: nosniff\n"
    "referrer-policy: strict-origin-when-cross-origin\n"
    "x-frame-options: SAMEORIGIN\n"
    "content-security-policy: base-uri 'self'; frame-ancestors 'self'; object-src 'none'\n"
    "permissions-policy: camera=(), geolocation=(), microphone=()\n"
    "cross-origin-opener-policy: same-origin-allow-popups\n";

/// The status and all header lines in their order, without the values that are of the file or of
/// the moment.
std::string head_of(const http_answer& answer) {
    std::string text = std::to_string(answer.status) + "\n";
    for (const auto& [name, value] : answer.fields) {
        const bool varies =
            name == "date" || name == "etag" || name == "last-modified" || name == "content-length";
        text.append(name).append(": ").append(varies ? "*" : value).append("\n");
    }
    return text;
}

std::string expected(int status, std::string_view own, std::string_view security) {
    std::string text = std::to_string(status);
    text.append("\nserver: rouse\ndate: *\n").append(own).append(security);
    return text;
}

void check(const http_answer& answer, int status, std::string_view own) {
    CHECK(head_of(answer) == expected(status, own, security_of_all));
}

struct one_site {
    site_folder folder;
    running_daemon running{serving(folder)};
    client visitor{running.http()};

    [[nodiscard]] http_answer of(std::string_view path, std::string_view fields = {}) {
        return ask(visitor, get(path, fields));
    }

   private:
    static std::vector<std::string> serving(const site_folder& from) {
        from.write("public/a.txt", "0123456789");
        from.write("public/b.txt", std::string(3'000, 'b'));
        from.write("public/large.bin", std::string(600'000, 'c'));
        from.write("public/folder/c.txt", "c");
        return from.configured(
            "[[site]]\nroot = \"public\"\nlisting = true\n"
            "redirects = [{ from = \"/old\", to = \"/new\" }]\n");
    }
};

// A text of the server, and one of the file, which may be compressed.
constexpr std::string_view text = "content-type: text/plain; charset=utf-8\ncontent-length: *\n";
constexpr std::string_view file =
    "content-type: text/plain; charset=utf-8\ncontent-length: *\n"
    "etag: *\nlast-modified: *\naccept-ranges: bytes\nvary: Accept-Encoding\n";

std::string with(std::string_view lines, std::string_view more) {
    return std::string(lines).append(more);
}

}  // namespace

TEST_SUITE_BEGIN("integration/site_headers");

TEST_CASE_FIXTURE(one_site, "each answer of a file has its header lines and the security headers") {
    const std::string tag = of("/a.txt").field("etag");
    for (int round = 0; round < 2; ++round) {  // It may have settled only now.
        check(of("/a.txt"), 200, file);
        check(ask(visitor, request_of("HEAD", "test", "/a.txt"), answer_to::head), 200, file);
        check(of("/a.txt", "If-None-Match: " + tag + "\r\n"), 304,
              "etag: *\nvary: Accept-Encoding\n");
        check(of("/a.txt", "Range: bytes=2-3\r\n"), 206,
              with(file, "content-range: bytes 2-3/10\n"));
        check(of("/a.txt", "Range: bytes=10-\r\n"), 416,
              with(text, "content-range: bytes */10\nvary: Accept-Encoding\n"));
        check(of("/a.txt", "If-Match: \"other\"\r\n"), 412, text);
        const http_answer packed = of("/b.txt", "Accept-Encoding: gzip\r\n");
        CHECK(packed.body.size() < 3'000);
        check(packed, 200,
              with(text,
                   "etag: *\nlast-modified: *\naccept-ranges: bytes\n"
                   "content-encoding: gzip\nvary: Accept-Encoding\n"));
        check(of("/large.bin"), 200,
              "content-type: application/octet-stream\ncontent-length: *\netag: *\n"
              "last-modified: *\naccept-ranges: bytes\n");
    }
}

TEST_CASE_FIXTURE(one_site, "refusals and redirects have them too") {
    check(of("/none.txt"), 404, text);
    check(ask(visitor, post("/a.txt", "x")), 405, with(text, "allow: GET, HEAD, OPTIONS\n"));
    check(of("/folder"), 301, with(text, "location: /folder/\n"));
    check(of("/old"), 302, with(text, "location: /new\n"));
}

TEST_CASE_FIXTURE(one_site, "a listing keeps the policy that is its own") {
    constexpr std::string_view name = "content-security-policy: ";
    std::string others(security_of_all);
    const std::size_t begin = others.find(name);
    others.erase(begin, others.find('\n', begin) + 1 - begin);
    std::string own =
        "content-type: text/html; charset=utf-8\ncontent-length: *\nvary: Accept\n"
        "cache-control: no-cache\n";
    own.append(name).append(rouse::http::listing_security_policy).append("\n");
    CHECK(head_of(of("/folder/")) == expected(200, own, others));
    check(of("/folder/", "Accept: application/json\r\n"), 200,
          "content-type: application/json\ncontent-length: *\nvary: Accept\n"
          "cache-control: no-cache\n");
}

TEST_SUITE_END();
