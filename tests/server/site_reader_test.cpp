#include "server/site_reader.hpp"

#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "server/config_file.hpp"
#include "tests/server/site_problem.hpp"

using namespace rouse::server;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;

namespace {

settings_builder read(std::string_view text) {
    return read_sites_text(text);
}

site_settings site_of(std::string_view keys) {
    const settings_builder builder = read("[[site]]\nroot = \"/\"\n" + std::string(keys));
    for (const std::string& each : builder.problems()) {
        FAIL_CHECK(each);
    }
    REQUIRE(builder.loaded().values.sites.size() == 1);
    return builder.loaded().values.sites.front();
}

// "{ 404 = "a", ... }" and the like, of one more than is allowed.
std::string many(std::size_t count, std::string_view begin, std::string_view end,
                 std::string_view open, std::string_view close) {
    std::string text(open);
    for (std::size_t index = 0; index < count; ++index) {
        text +=
            (index == 0 ? "" : ",") + std::string(begin) + std::to_string(index) + std::string(end);
    }
    return text + std::string(close);
}

}  // namespace

TEST_SUITE_BEGIN("server/site_reader");

TEST_CASE("a site with a root alone has the defaults") {
    const site_settings site = site_of("");
    CHECK(site.hosts.empty());
    CHECK(site.root == "/");
    CHECK(site.index == lines{"index.html"});
    CHECK(site.fallback.empty());
    CHECK_FALSE(site.listing);
    CHECK_FALSE(site.dotfiles);
    CHECK_FALSE(site.symlinks);
    CHECK(site.precompressed);
    CHECK(site.compress);
    CHECK(site.compress_bytes_min == 1'024);
    CHECK(site.cache_bytes_max == 67'108'864);
    CHECK(site.cache_file_bytes_max == 262'144);
    CHECK(site.cache_valid == 1s);
    CHECK_FALSE(site.builtin);
    CHECK(site.cache_control.empty());
    CHECK(site.types.empty());
    CHECK(site.security_headers.on);
    CHECK(site.security_headers.replaced.empty());
    CHECK(site.cors.origins.empty());
    CHECK(site.redirects.empty());
    CHECK(site.rewrites.empty());
    CHECK(site.basic_auth.users.empty());
    CHECK(site.basic_auth.users_file.empty());
    CHECK(site.rate_limit.requests_per_second == 0);
    CHECK(site.error_pages.empty());
}

TEST_CASE("no site is no site") {
    CHECK(read("").loaded().values.sites.empty());
    CHECK(read("site = []").loaded().values.sites.empty());
}

TEST_CASE("each key of the files is read") {
    site_settings expected;
    expected.hosts = {"example.org", "*.example.org", "[::1]", "127.0.0.1"};
    expected.root = "/";
    expected.index = {"a.html", "b.html"};
    expected.fallback = "/index.html";
    expected.listing = true;
    expected.dotfiles = true;
    expected.symlinks = true;
    expected.sendfile = true;
    expected.precompressed = false;
    expected.compress = false;
    expected.compress_bytes_min = 2'048;
    expected.cache_bytes_max = 0;
    expected.cache_file_bytes_max = 1'000;
    expected.cache_valid = 250ms;
    expected.builtin = true;
    expected.cache_control = {{"/assets/*", "public, max-age=31536000, immutable"},
                              {"*.html", "no-cache"}};
    expected.types = {{"foo", "text/x-foo; charset=utf-8"}, {"bar", "application/x-bar"}};
    expected.error_pages = {{"404", "errors/404.html"}, {"5xx", "5xx.html"}};
    CHECK((site_of(R"(
        hosts = ["example.org", "*.example.org", "[::1]", "127.0.0.1"]
        index = ["a.html", "b.html"]
        fallback = "/index.html"
        listing = true
        dotfiles = true
        symlinks = true
        sendfile = true
        precompressed = false
        compress = false
        compress_bytes_min = "2KiB"
        cache_bytes_max = 0
        cache_file_bytes_max = 1000
        cache_valid = "250ms"
        builtin = true
        cache_control = [
            { match = "/assets/*", value = "public, max-age=31536000, immutable" },
            { match = "*.html", value = "no-cache" },
        ]
        types = { ".Foo" = "text/x-foo; charset=utf-8", bar = "application/x-bar" }
        error_pages = { 404 = "/errors/404.html", "5xx" = "5xx.html" }
    )") == expected));
    CHECK(site_of("fallback = \"off\"").fallback.empty());
}

TEST_CASE("each key of the middleware is read") {
    site_settings expected;
    expected.root = "/";
    expected.security_headers.replaced = {{"content_security_policy", "default-src 'self'"},
                                          {"frame_options", ""}};
    expected.cors = {.origins = {"https://app.example"},
                     .methods = {"GET", "PUT"},
                     .headers = {"X-A"},
                     .expose = {"X-B"},
                     .credentials = true,
                     .max_age = 1h};
    expected.redirects = {{"/old/*", "/new/{rest}", 301}, {"/a", "https://b.example/c", 302}};
    expected.rewrites = {{"/v1/{path...}", "/{path}"}};
    expected.basic_auth = {.realm = "staff",
                           .users = {{"ann",
                                      "$2y$05$iACVkgp/fIPT6rJEOfMXceOwW1Y724Y7ixpepcRn9vg84M"
                                      "/wZ2iES"}},
                           .users_file = "/etc/htpasswd",
                           .paths = {"/private"}};
    expected.rate_limit = {.requests_per_second = 10, .burst = 20};
    CHECK((site_of(R"(
        security_headers = { content_security_policy = "default-src 'self'", frame_options = "" }
        redirects = [
            { from = "/old/*", to = "/new/{rest}", status = 301 },
            { from = "/a", to = "https://b.example/c" },
        ]
        rewrites = [ { from = "/v1/{path...}", to = "/{path}" } ]
        rate_limit = { requests_per_second = 10, burst = 20 }
        [site.cors]
        origins = ["https://app.example"]
        methods = ["GET", "PUT"]
        headers = ["X-A"]
        expose = ["X-B"]
        credentials = true
        max_age = "1h"
        [site.basic_auth]
        realm = "staff"
        users = { ann = "$2y$05$iACVkgp/fIPT6rJEOfMXceOwW1Y724Y7ixpepcRn9vg84M/wZ2iES" }
        users_file = "htpasswd"
        paths = ["/private"]
    )") == expected));
    CHECK_FALSE(site_of("security_headers = false").security_headers.on);
    CHECK(site_of("security_headers = true").security_headers.on);
    CHECK(site_of("rate_limit = { requests_per_second = 7 }").rate_limit.burst == 7);
    const cors_settings cors = site_of("cors = { origins = [\"*\"] }").cors;
    CHECK(cors.methods == lines{"GET", "HEAD", "POST"});
    CHECK(cors.max_age == 10min);
}

TEST_CASE("paths are relative to the folder of the file, and kept whole") {
    const auto root_of = [](std::string_view root, const std::string& path) {
        settings_builder builder;
        read_config_text("[[site]]\nroot = \"" + std::string(root) + "\"", path, builder);
        REQUIRE(builder.problems().empty());
        return builder.loaded().values.sites.front().root;
    };
    CHECK(root_of("www", "/etc/roused/f.toml") == "/etc/roused/www");
    CHECK(root_of("./www/./a/", "/etc/f.toml") == "/etc/www/a");
    CHECK(root_of("../www", "/etc/f.toml") == "/etc/../www");
    CHECK(root_of("/srv/www", "/etc/f.toml") == "/srv/www");
    CHECK(root_of("a\\nb", "/etc/f.toml") == "/etc/a\nb");
    CHECK(read("[[site]]\nroot = \"a\\u0000b\"").problems() ==
          lines{"/etc/f:2:8: site.root: \"a\\u0000b\" has a NUL: want a directory"});
    CHECK(read("[[site]]\nroot = \"\"").problems() ==
          lines{"/etc/f:2:8: site.root: \"\" is empty: want a directory"});
    const std::string here = std::filesystem::current_path().string();
    CHECK(root_of("www", "f.toml") == here + "/www");
    CHECK(root_of("www", "configs/f.toml") == here + "/configs/www");
}

TEST_CASE("a wrong value is named with its place and what is allowed") {
    for (const wrong_keys& each : {
             wrong_keys{
                 "listing = 1",
                 "3:11: site.listing: 1 is a value of the wrong type (integer): want true or "
                 "false"},
             wrong_keys{"root2 = 1", "3:1: unknown key \"root2\" in [[site]] (did you mean root?)"},
             wrong_keys{
                 "hosts = \"a\"",
                 "3:9: site.hosts: 'a' is a value of the wrong type (string): want a list of "
                 "up to 64 hosts"},
             wrong_keys{"hosts = []",
                        "3:9: site.hosts: is empty: leave it out for every host that no other site "
                        "has"},
             wrong_keys{"hosts = [\"a\", \"\"]",
                        "3:15: site.hosts: \"\" is empty: want a host name"},
             wrong_keys{
                 "hosts = [\"a b\"]",
                 "3:10: site.hosts: \"a b\" is no host name: want one such as \"example.org\" or "
                 "\"*.example.org\""},
             wrong_keys{"hosts = [\"a:80\"]",
                        "3:10: site.hosts: \"a:80\" has a port: a site has all ports"},
             wrong_keys{"hosts = [\"*\"]",
                        "3:10: site.hosts: \"*\" is every host: leave hosts out for that"},
             wrong_keys{"index = [\"a/b\"]", "3:9: site.index: \"a/b\" is no file name"},
             wrong_keys{
                 "fallback = \"index.html\"",
                 "3:12: site.fallback: \"index.html\" is no path of a file: want one such as "
                 "\"/index.html\""},
             wrong_keys{"fallback = \"/.a\"",
                        "1:1: site: fallback \"/.a\" is hidden: dotfiles is false"},
             wrong_keys{"fallback = \"/a/\"",
                        "3:12: site.fallback: \"/a/\" is no path of a file: want one such as "
                        "\"/index.html\""},
             wrong_keys{"index = [\"..\"]", "3:9: site.index: \"..\" is no file name"},
             wrong_keys{"fallback = \"/a?b\"",
                        "3:12: site.fallback: \"/a?b\" is no path of a file: want one such as "
                        "\"/index.html\""},
             wrong_keys{
                 "fallback = \"/a\\nb\"",
                 "3:12: site.fallback: \"/a\\nb\" has a control character: want a path such as "
                 "\"/index.html\", or \"off\""},
             wrong_keys{
                 "compress_bytes_min = \"2MiB\"",
                 "3:22: site.compress_bytes_min: \"2MiB\" is out of range: want a size from 0 to "
                 "1MiB in bytes, KiB, MiB, GiB or TiB"},
             wrong_keys{
                 "cache_bytes_max = -1",
                 "3:19: site.cache_bytes_max: -1 is not a size: want a size from 0 to 64GiB in "
                 "bytes, KiB, MiB, GiB or TiB"},
             wrong_keys{
                 "cache_valid = \"1 s\"",
                 "3:15: site.cache_valid: \"1 s\" is not a duration: want a duration from 0s to "
                 "24h in ms, s, m or h"},
             wrong_keys{
                 "cache_valid = \"25h\"",
                 "3:15: site.cache_valid: \"25h\" is out of range: want a duration from 0s to "
                 "24h in ms, s, m or h"},
         }) {
        CAPTURE(each.keys);
        CHECK(problem_of(each.keys) == each.problem);
    }
}

TEST_CASE("lists are bounded") {
    CHECK(problem_of("hosts = " + many(65, "\"h", "\"", "[", "]")) ==
          "3:9: site.hosts: 65 hosts, but at most 64 are allowed");
    CHECK(problem_of("hosts = " + many(64, "\"h", "\"", "[", "]")).empty());
    CHECK(problem_of("index = " + many(9, "\"i", "\"", "[", "]")) ==
          "3:9: site.index: 9 file names, but at most 8 are allowed");
    const std::string rule = "\", to = \"/b\"}";
    CHECK(problem_of("redirects = " + many(257, "{from = \"/a", rule, "[", "]")) ==
          "3:13: site.redirects: 257 rules, but at most 256 are allowed");
    CHECK(problem_of("redirects = " + many(256, "{from = \"/a", rule, "[", "]")).empty());
    CHECK(problem_of("rewrites = " + many(257, "{from = \"/a", rule, "[", "]")) ==
          "3:12: site.rewrites: 257 rules, but at most 256 are allowed");
    CHECK(problem_of("cache_control = " +
                     many(65, "{match = \"/a", "\", value = \"no-store\"}", "[", "]")) ==
          "3:17: site.cache_control: 65 rules, but at most 64 are allowed");
    CHECK(problem_of("types = " + many(257, "a", "= \"a/b\"", "{", "}")) ==
          "3:9: site.types: 257 entries, but at most 256 are allowed");
    std::string sites;
    for (int index = 0; index < 65; ++index) {
        sites += "[[site]]\nbuiltin = true\nhosts = [\"h" + std::to_string(index) + "\"]\n";
    }
    CHECK(read(sites).problems() ==
          lines{"/etc/f:193:1: site: 65 sites, but at most 64 are allowed"});
    CHECK(read(sites).loaded().values.sites.size() == 64);
}

TEST_CASE("a host belongs to one site, and one site is for all others") {
    CHECK(read("[[site]]\nbuiltin = true\nhosts = [\"a\", \"b\"]\n"
               "[[site]]\nbuiltin = true\nhosts = [\"*.a\", \"A\"]\n"
               "[[site]]\nbuiltin = true\n"
               "[[site]]\nbuiltin = true\n")
              .problems() ==
          lines{"/etc/f:6:17: site.hosts: \"A\" is there already: /etc/f:3:10",
                "/etc/f:9:1: site: has no hosts, nor has the one at /etc/f:7:1: only one site is "
                "for all other hosts"});
}

TEST_CASE("a site has something to serve") {
    const auto problems = [](std::string_view keys) {
        return read("[[site]]\n" + std::string(keys)).problems();
    };
    CHECK(problems("") == lines{"/etc/f:1:1: site: has nothing to serve: set root, builtin = true, "
                                "redirects or redirect_to_host"});
    CHECK(problems("builtin = false\nredirects = []").size() == 1);
    CHECK(problems("trailing_slash = \"add\"").size() == 1);
    CHECK(problems("builtin = true").empty());
    CHECK(problems("redirect_to_host = { host = \"a\" }").empty());
    CHECK(problems("redirects = [{ from = \"/a\", to = \"/b\" }]").empty());
    CHECK(problems("builtin = true\nlisting = true") ==
          lines{"/etc/f:1:1: site: listing needs a root"});
    CHECK(problems("builtin = true\nerror_pages = { 404 = \"a\" }").size() == 1);
    // Else a folder would be sent to and fro: its own path has a slash.
    CHECK(problems("root = \"/\"\ntrailing_slash = \"remove\"") ==
          lines{"/etc/f:1:1: site: trailing_slash = \"remove\" needs a site without a root, whose "
                "folders end with a slash"});
    CHECK(problems("builtin = true\ntrailing_slash = \"remove\"").empty());
}

TEST_CASE("site is a list of tables") {
    CHECK(read("[site]\nroot = \"/\"").problems() ==
          lines{"/etc/f:1:1: \"site\" is a list of tables: write [[site]]"});
    CHECK(read("site = 1").problems() ==
          lines{"/etc/f:1:8: \"site\" is a list of tables: write [[site]]"});
    CHECK(read("site = [1]").problems() ==
          lines{"/etc/f:1:9: site: 1 is a value of the wrong type (integer): want a table"});
    CHECK(read("[[sites]]\nroot = \"/\"").problems().front().contains("(did you mean site?)"));
}

TEST_CASE("every problem of every site is reported, in the order of the lines") {
    CHECK(read("[[site]]\nroot = 1\nlisting = 2\nbogus = 3\n[[site]]\nhosts = [\"a\"]\nindex = 4\n"
               "[http]\nrequests_max = \"5\"\n")
              .problems()
              .size() == 5);
    CHECK(problem_of("zzz = 1\nlisting = 2\n") ==
          "3:1: unknown key \"zzz\" in [[site]]\n"
          "4:11: site.listing: 2 is a value of the wrong type (integer): want true or false");
}

TEST_CASE("hosts are names, wildcards and addresses without a port") {
    for (const char* right : {"a", "a.b-c.d_e", "*.a", "127.0.0.1", "[::1]", "xn--bcher-kva.ch"}) {
        CAPTURE(right);
        CHECK(host_fault(right).empty());
    }
    for (const char* bad :
         {"", "*", "*.", "a..b", ".a", "a.", "a/b", "*a", "a.*", "*.*.a", "::1", "[::1]:80", "[::1",
          "[a]", "[fe80::1%1]", "a:80", "b\xC3\xBC", "http://a"}) {
        CAPTURE(bad);
        CHECK_FALSE(host_fault(bad).empty());
    }
    CHECK(host_fault(std::string(253, 'a')).empty());
    CHECK_FALSE(host_fault(std::string(254, 'a')).empty());
}

TEST_SUITE_END();
