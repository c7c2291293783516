#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "server/config_file.hpp"
#include "server/print_config.hpp"
#include "server/print_sites.hpp"

using namespace rouse::server;

namespace {

settings_builder read(std::string_view text) {
    settings_builder builder;
    read_config_text(text, "/etc/f", builder);
    builder.check_together();
    for (const std::string& each : builder.problems()) {
        FAIL_CHECK(each);
    }
    return builder;
}

std::string documented_sites() {
    const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
    std::ifstream file(root / "configs" / "sites.toml");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

void check_round_trip(std::string_view text) {
    const settings_builder builder = read(text);
    const std::string printed = print_config(builder.loaded());
    CAPTURE(printed);
    const settings_builder again = read(printed);
    CHECK((again.loaded().values == builder.loaded().values));
}

}  // namespace

TEST_SUITE_BEGIN("server/site_print");

TEST_CASE("without a site nothing is printed of them") {
    CHECK(print_sites(read("").loaded()).empty());
}

TEST_CASE("a site is printed with its origin and every value that holds") {
    CHECK(print_sites(read("\n[[site]]\nroot = \"www\"\nhosts = [\"a\"]").loaded()) ==
          R"(
[[site]]                                  # /etc/f:2
hosts = ["a"]
root = "/etc/www"
index = ["index.html"]
fallback = "off"
listing = false
dotfiles = false
symlinks = false
sendfile = false
precompressed = true
cache_bytes_max = "64MiB"
cache_file_bytes_max = "256KiB"
cache_valid = "1s"
types = {}
error_pages = {}
compress = true
compress_bytes_min = "1KiB"
builtin = false
security_headers = true
trailing_slash = "off"
)");
}

TEST_CASE("what is printed of sites reads back as the same sites") {
    check_round_trip("[[site]]\nbuiltin = true\n");
    check_round_trip("[[site]]\nroot = \"www\"\nindex = []\nsecurity_headers = false\n");
    check_round_trip("[[site]]\nroot = \"w\\\"w\\\\ \\u00e9 \\u0085\"\nsecurity_headers = {}\n");
    check_round_trip(R"(
        [[site]]
        root = "/srv"
        hosts = ["A.example", "*.a.example"]
        fallback = "/a\"b"
        cache_valid = "0s"
        cache_bytes_max = 12345
        cache_control = [ { match = "*", value = "no-cache=\"x\"" } ]
        types = { "Log" = "text/plain", ".b-c" = "a/b" }
        error_pages = { 404 = "/a.html", "4xx" = "b.html" }
        security_headers = { frame_options = "DENY", permissions_policy = "" }
        cors = { origins = ["https://a.example"], methods = [], max_age = "1500ms" }
        redirect_to_host = { host = "a.example:81", scheme = "https", except_paths = ["/b/"] }
        trailing_slash = "add"
        redirects = [ { from = "/a", to = "/b", status = 308 }, { from = "/c", to = "/d" } ]
        rewrites = [ { from = "/e/*", to = "/f/{rest}" } ]
        basic_auth = { users_file = "../users", paths = ["/a", "/b"] }
        rate_limit = { requests_per_second = 3 }
        [[site]]
        redirects = [ { from = "/{all...}", to = "https://a.example/{all}" } ]
        [[site]]
        hosts = ["b.example"]
        redirect_to_host = { host = "c.example", status = 301 }
        trailing_slash = "remove"
    )");
}

TEST_CASE("password hashes are hidden, and do not read back") {
    const std::string hash = "$2y$05$iACVkgp/fIPT6rJEOfMXceOwW1Y724Y7ixpepcRn9vg84M/wZ2iES";
    const std::string printed = print_sites(
        read("[[site]]\nbuiltin = true\nbasic_auth = { users = { \"a b\" = \"" + hash + "\" } }")
            .loaded());
    CHECK_FALSE(printed.contains("iACVkgp"));
    CHECK(
        printed.contains("basic_auth = { realm = \"restricted\", users = { \"a b\" = "
                         "\"(hidden)\" }, paths = [\"/\"] }\n"));
    settings_builder again;
    read_config_text(printed, "f", again);
    REQUIRE(again.problems().size() == 1);
    CHECK(again.problems().front().contains("write the hash itself, or use users_file"));
}

TEST_CASE("configs/sites.toml is right, and what its comments say holds") {
    const settings_builder builder = read(documented_sites());
    REQUIRE(builder.loaded().values.sites.size() == 2);
    // The first site has every key, each with its default.
    site_settings expected;
    expected.root = "/etc/public";
    expected.hosts = builder.loaded().values.sites[0].hosts;
    CHECK((builder.loaded().values.sites[0] == expected));
    check_round_trip(documented_sites());
}

TEST_SUITE_END();
