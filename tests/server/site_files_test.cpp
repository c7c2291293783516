#include "server/site_files.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "server/absolute_path.hpp"
#include "server/config_file.hpp"
#include "tests/protocols/http/middleware/known_hashes.hpp"
#include "tests/server/temporary_site.hpp"

using namespace rouse::server;
using rouse::test::open_sesame_bcrypt;
using rouse::test::temporary_site;

namespace {

// What is wrong with a site whose root is the directory, in a file f.toml of it.
std::string problems_of(const temporary_site& site, const std::string& keys) {
    const std::string path = site.write("f.toml", "[[site]]\nroot = \".\"\n" + keys);
    settings_builder builder;
    read_config_file(path, "--config", builder);
    CHECK(builder.problems().empty());
    check_site_files(builder);
    std::string problems;
    for (const std::string& each : builder.problems()) {
        REQUIRE(each.starts_with(path + ':'));
        problems += (problems.empty() ? "" : "\n") + each.substr(path.size() + 1);
    }
    return problems;
}

site_settings site_at(const std::string& root) {
    site_settings site;
    site.root = root;
    return site;
}

std::string page_fault(const temporary_site& site, const std::string& path) {
    const auto page = read_error_page(site_at(site.path()), {"404", path});
    return page ? "none" : page.error();
}

}  // namespace

TEST_SUITE_BEGIN("server/site_files");

TEST_CASE("an error page is read from below the root, with the type of its name") {
    const temporary_site site;
    (void)site.write("errors/404.html", "<p>not here");
    site_settings settings = site_at(site.path());
    const auto page = read_error_page(settings, {"404", "errors/404.html"});
    REQUIRE(page);
    CHECK(page->match == "404");
    CHECK(page->text == "<p>not here");
    CHECK(page->content_type == "text/html; charset=utf-8");
    settings.types = {{"html", "text/x-own"}};
    CHECK(read_error_page(settings, {"404", "errors/404.html"})->content_type == "text/x-own");
}

TEST_CASE("an error page cannot be what is not below the root") {
    const temporary_site site;
    std::filesystem::create_symlink("/etc/passwd", site.path() + "/link");
    std::filesystem::create_directory(site.path() + "/folder");
    REQUIRE(::mkfifo((site.path() + "/fifo").c_str(), 0600) == 0);
    CHECK(page_fault(site, "../a") == "\"../a\" leads out of the root");
    CHECK(page_fault(site, "link") == "\"link\" leads out of the root");
    CHECK(page_fault(site, "folder") == "\"folder\" is no file");
    CHECK(page_fault(site, "fifo") == "\"fifo\" is no file");
    CHECK(page_fault(site, "none") == "cannot open \"none\": No such file or directory");
}

TEST_CASE("an error page has a bound") {
    const temporary_site site;
    (void)site.write("right", std::string(rouse::http::error_page_bytes_max, 'a'));
    (void)site.write("large", std::string(rouse::http::error_page_bytes_max + 1, 'a'));
    CHECK(page_fault(site, "right") == "none");
    CHECK(page_fault(site, "large") == "\"large\" is larger than 65536 bytes");
}

TEST_CASE("users come from the settings and from their file") {
    const temporary_site site;
    basic_auth_settings settings;
    settings.users = {{"ann", "a"}};
    CHECK(read_users(settings)->size() == 1);
    settings.users_file = site.write("users", "# staff\nbob:$2y$x:y\r\n\n\ncarol:z");
    const auto users = read_users(settings);
    REQUIRE(users);
    CHECK((*users == std::vector<basic_auth_settings::user>{
                         {"ann", "a"}, {"bob", "$2y$x:y"}, {"carol", "z"}}));
}

TEST_CASE("a file of users that is wrong is said without what stands in it") {
    const temporary_site site;
    basic_auth_settings settings;
    settings.users_file = site.write("users", "ann:secret\nsecret\n");
    CHECK(read_users(settings).error() ==
          "\"" + settings.users_file + "\" line 2 is not NAME:HASH");
    settings.users_file = site.write("large", std::string(users_file_bytes_max + 1, '#'));
    CHECK(read_users(settings).error() ==
          "\"" + settings.users_file + "\" is larger than 1048576 bytes");
    settings.users_file = site.path() + "/none";
    CHECK(read_users(settings).error() ==
          "cannot open \"" + settings.users_file + "\": No such file or directory");
    settings.users_file = site.path();
    CHECK(read_users(settings).error() == "\"" + settings.users_file + "\" is no file");
}

TEST_CASE("every file of every site is looked at, and named with its place") {
    const temporary_site site;
    (void)site.write("500.html", "");
    (void)site.write("users", std::string("ann:") + open_sesame_bcrypt + "\n");
    (void)site.write("plain", "ann:secret\n");
    CHECK(problems_of(site,
                      "error_pages = { 500 = \"500.html\" }\n"
                      "basic_auth = { users_file = \"users\" }\n")
              .empty());
    CHECK(problems_of(site, "error_pages = { 404 = \"a\", 500 = \"500.html\", 501 = \"b\" }\n") ==
          "3:23: site.error_pages: cannot open \"a\": No such file or directory\n"
          "3:52: site.error_pages: cannot open \"b\": No such file or directory");
    CHECK(problems_of(site, "basic_auth = { users_file = \"plain\" }\n") ==
          "3:14: site.basic_auth: user \"ann\": not a hash, or one of the old DES formats: "
          "use htpasswd -B or mkpasswd");
    CHECK(problems_of(site, "basic_auth = { users_file = \"users\", realm = \"\u00e9\" }\n") ==
          "3:14: site.basic_auth: the realm is not up to 128 printable ASCII characters");
    CHECK(problems_of(site,
                      "basic_auth = { users_file = \"none\" }\n[[site]]\nroot = \"gone\"\n"
                      "hosts = [\"a\"]\n")
              .contains("5:8: site.root: cannot open "));
}

TEST_CASE("a path is made absolute and keeps its dots") {
    CHECK(absolute_path("/a", "b") == "/a/b");
    CHECK(absolute_path("/a/", "./b//c/") == "/a/b/c");
    CHECK(absolute_path("/a", "/b") == "/b");
    CHECK(absolute_path("/a", "../b") == "/a/../b");
    CHECK(absolute_path("/a", ".") == "/a");
    CHECK(absolute_path({}, "/") == "/");
    CHECK(absolute_path({}, "a") == std::filesystem::current_path().string() + "/a");
}

TEST_SUITE_END();
