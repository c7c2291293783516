#include "protocols/http/files/site_path.hpp"

#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/guard_page.hpp"

using namespace rouse::http;

namespace {

using outcome = site_path_outcome;

site_path resolve(std::string_view path, bool allow_dotfiles = false) {
    static rouse::test::guard_page page(1U << 20U);
    return resolve_site_path(page.place(path), allow_dotfiles);
}

// With a slash behind a folder.
std::string file_of(std::string_view path, bool allow_dotfiles = false) {
    const site_path made = resolve(path, allow_dotfiles);
    if (made.outcome != outcome::found) {
        CHECK(made.file.empty());
        return "refused";
    }
    return made.file + (made.is_folder ? "/" : "");
}

std::string repeated(std::string_view text, std::size_t count) {
    std::string made;
    while (count-- > 0) {
        made += text;
    }
    return made;
}

}  // namespace

TEST_SUITE_BEGIN("protocols/http/files/site_path");

TEST_CASE("plain paths lose their first slash, and folders say that they are") {
    CHECK(file_of("/") == "./");
    CHECK(file_of("/a") == "a");
    CHECK(file_of("/a/") == "a/");
    CHECK(file_of("/a/b.html") == "a/b.html");
}

TEST_CASE("dot segments and empty ones are resolved (RFC 3986, 5.2.4)") {
    CHECK(file_of("/a/b/c/./../../g") == "a/g");
    CHECK(file_of("/mid/content=5/../6") == "mid/6");
    CHECK(file_of("/a/./b") == "a/b");
    CHECK(file_of("//a///b//") == "a/b/");
    CHECK(file_of("/a/x/../b") == "a/b");
    CHECK(file_of("/a/..") == "./");
    CHECK(file_of("/a/b/..") == "a/");
    CHECK(file_of("/a/.") == "a/");
    CHECK(file_of("/.") == "./");
    CHECK(file_of("/a//..//b") == "b");
}

TEST_CASE("an escaped dot is a dot (RFC 3986, 6.2.2.2)") {
    CHECK(file_of("/a/%2e%2E/b") == "b");
    CHECK(file_of("/a/.%2e/b") == "b");
    CHECK(file_of("/a/%2e/b") == "a/b");
    CHECK(resolve("/%2e%2e/b").outcome == outcome::above_root);
}

TEST_CASE("nothing leads above the root") {
    for (const char* path : {"/..", "/../", "/../etc/passwd", "/a/../..", "/a/../../a", "/./../a",
                             "//..", "/%2e%2e/%2e%2e/etc/passwd", "/a/%2e%2e/.%2e/b"}) {
        CAPTURE(path);
        CHECK(resolve(path).outcome == outcome::above_root);
        CHECK(resolve(path, true).outcome == outcome::above_root);
    }
}

TEST_CASE("escapes are decoded once") {
    CHECK(file_of("/a%20b%41") == "a bA");
    CHECK(file_of("/%2541") == "%41");
    CHECK(file_of("/%252e%252e/a") == "%2e%2e/a");
    CHECK(file_of("/a+b") == "a+b");
    CHECK(file_of("/%c3%a9%ff%0a%5C..%5cx") == "\xc3\xa9\xff\n\\..\\x");
}

TEST_CASE("broken escapes, NUL and paths without a slash in front are malformed") {
    for (const char* path : {"", "*", "a", "%2fa", "/%", "/%4", "/a%", "/%4/b", "/%zz", "/%4g",
                             "/%00", "/a%00.html", "/a/%", "/%-1", "/%%41"}) {
        CAPTURE(path);
        CHECK(resolve(path).outcome == outcome::malformed);
    }
    CHECK(resolve(std::string_view("/a\0b", 4)).outcome == outcome::malformed);
}

TEST_CASE("an escaped slash is in no name") {
    for (const char* path : {"/%2f", "/a%2Fb", "/..%2f..%2fetc/passwd", "/a/%2F/b"}) {
        CAPTURE(path);
        CHECK(resolve(path).outcome == outcome::slash_in_name);
    }
}

TEST_CASE("names that begin with a dot are hidden, save .well-known at the root") {
    for (const char* path :
         {"/.git", "/.git/config", "/a/.htaccess", "/...", "/a/..b", "/%2egit", "/a/.well-known/x",
          "/.well-knownx", "/.well-known/.a", "/x/../.git"}) {
        CAPTURE(path);
        CHECK(resolve(path).outcome == outcome::hidden);
        CHECK(resolve(path, true).outcome == outcome::found);
    }
    CHECK(file_of("/.well-known/acme-challenge/x") == ".well-known/acme-challenge/x");
    CHECK(file_of("/.well-known") == ".well-known");
    CHECK(file_of("/%2ewell-known/") == ".well-known/");
    CHECK(file_of("/.git/../a") == "a");
    CHECK(file_of("/a.b/c.d") == "a.b/c.d");
    CHECK(file_of("/.git/config", true) == ".git/config");
}

TEST_CASE("names, paths and depth have bounds") {
    const std::string longest_name(site_name_bytes_max, 'a');
    CHECK(file_of("/" + longest_name) == longest_name);
    CHECK(resolve("/" + longest_name + "a").outcome == outcome::too_long);
    CHECK(file_of("/" + repeated("%61", site_name_bytes_max)) == longest_name);

    const std::string deepest = repeated("/a", site_path_segments_max);
    CHECK(file_of(deepest) == deepest.substr(1));
    CHECK(file_of(deepest + "/") == deepest.substr(1) + "/");
    CHECK(resolve(deepest + "/a").outcome == outcome::too_long);
    CHECK(file_of(repeated("/a/..", 1'000) + "/b") == "b");
    CHECK(file_of(repeated("/a//.", site_path_segments_max)) == deepest.substr(1) + "/");

    // 15 names of 255 and one of 254 with their slashes are 4,095 bytes.
    std::string longest_path = repeated("/" + longest_name, 15) + "/" + longest_name.substr(1);
    CHECK(file_of(longest_path) == longest_path.substr(1));
    longest_path += "a";
    CHECK(file_of(longest_path) == longest_path.substr(1));
    CHECK(longest_path.size() - 1 == site_path_bytes_max);
    CHECK(resolve(longest_path + "/b").outcome == outcome::too_long);
    const std::string half_name(128, 'a');
    const std::string a_byte_longer =
        repeated("/" + longest_name, 15) + "/" + half_name.substr(1) + "/" + half_name;
    CHECK(a_byte_longer.size() == longest_path.size() + 1);
    CHECK(resolve(a_byte_longer).outcome == outcome::too_long);
}

TEST_CASE("what is refused has a status, and what is hidden is not told from what is absent") {
    CHECK(status_of(outcome::found) == 200);
    CHECK(status_of(outcome::malformed) == 400);
    CHECK(status_of(outcome::above_root) == 400);
    CHECK(status_of(outcome::slash_in_name) == 404);
    CHECK(status_of(outcome::hidden) == 404);
    CHECK(status_of(outcome::too_long) == 404);
}

TEST_CASE("a place has one request path, which leads to no other host") {
    CHECK(request_path_of(".", true) == "/");
    CHECK(request_path_of("a", true) == "/a/");
    CHECK(request_path_of("a/b c.html", false) == "/a/b%20c.html");
    CHECK(request_path_of("a%/\xc3\xa9\n?#\\:", false) == "/a%25/%C3%A9%0A%3F%23%5C%3A");
    for (const char* path :
         {"//evil.example/", "/\\evil.example/", "/%5cevil.example/", "///evil.example//..//x/"}) {
        const site_path made = resolve(path);
        REQUIRE(made.outcome == outcome::found);
        const std::string location = request_path_of(made.file, made.is_folder);
        CAPTURE(location);
        CHECK(location.starts_with('/'));
        CHECK_FALSE(location.starts_with("//"));
        CHECK(location.find('\\') == std::string::npos);
        CHECK(resolve(location).file == made.file);
    }
}

TEST_SUITE_END();
