#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "server/load_settings.hpp"
#include "tests/server/load_texts.hpp"
#include "tests/server/temporary_site.hpp"

using namespace rouse::server;
using rouse::test::load;
using rouse::test::refusal;
using rouse::test::temporary_site;
using rouse::test::texts;

namespace {

site_settings only_site(const texts& arguments, const texts& variables = {}) {
    const auto loaded = load(arguments, variables);
    REQUIRE_MESSAGE(loaded.has_value(), loaded.error().err);
    REQUIRE(loaded->values.sites.size() == 1);
    return loaded->values.sites.front();
}

}  // namespace

TEST_SUITE_BEGIN("server/site_arguments");

TEST_CASE("--root alone is a site of the defaults for all hosts") {
    const temporary_site site;
    site_settings expected;
    expected.root = site.path();
    CHECK((only_site({"--root", site.path()}) == expected));
    CHECK((only_site({"--root=" + site.path() + "/./"}) == expected));
    CHECK((only_site({}, {"ROUSED_ROOT=" + site.path()}) == expected));
    expected.listing = true;
    expected.fallback = "/index.html";
    CHECK(
        (only_site({"--root", site.path(), "--listing", "--fallback", "/index.html"}) == expected));
    CHECK((only_site({"--listing", "--fallback=/index.html"}, {"ROUSED_ROOT=" + site.path()}) ==
           expected));
}

TEST_CASE("--root is relative to the working directory") {
    CHECK(only_site({"--root", "."}).root == std::filesystem::current_path().string());
}

TEST_CASE("--root takes the place of the variable, and both of the file's sites") {
    const temporary_site one;
    const temporary_site two;
    const std::string file = one.write("f.toml",
                                       "[[site]]\nroot = \".\"\n[[site]]\n"
                                       "root = \"/nonexistent\"\nhosts = [\"a\"]\n");
    CHECK(only_site({"--config", file, "--root", two.path()}).root == two.path());
    CHECK(only_site({"--config", file}, {"ROUSED_ROOT=" + two.path()}).root == two.path());
    CHECK(only_site({"--root", two.path()}, {"ROUSED_ROOT=" + one.path()}).root == two.path());
    CHECK(only_site({"--root", two.path()}, {"ROUSED_ROOT="}).root == two.path());
    CHECK(refusal({"--config", file}) ==
          "roused: " + file +
              ":4:8: site.root: cannot open \"/nonexistent\": No such file or directory\n");
}

TEST_CASE("a root that is no directory ends the start, with --check too") {
    const temporary_site site;
    const std::string file = site.write("file", "");
    CHECK(refusal({"--root", "/nonexistent"}) ==
          "roused: --root: site.root: cannot open \"/nonexistent\": No such file or directory\n");
    CHECK(refusal({"--check", "--root", file}) ==
          "roused: --root: site.root: cannot open \"" + file + "\": Not a directory\n");
    CHECK(
        refusal({}, {"ROUSED_ROOT=/nonexistent"}).starts_with("roused: environment ROUSED_ROOT: "));
    CHECK(load({"--check", "--root", site.path()}).error().out == "ok\n");
}

TEST_CASE("a root is text that a file could have") {
    CHECK(refusal({"--root", ""}) == "roused: --root: \"\" is empty\n");
    CHECK(refusal({"--root", "\xff"}) == "roused: --root: \"" +
                                             std::filesystem::current_path().string() +
                                             "/\uFFFD\" is not UTF-8\n");
    CHECK(refusal({"--root", ".", "--fallback", "/a\nb"}).contains("is no path of a file"));
    CHECK(refusal({"--root="}).contains("\"--root=\" has no value behind the ="));
}

TEST_CASE("--listing and --fallback are of the site of --root") {
    const temporary_site site;
    const std::string file = site.write("f.toml", "[[site]]\nroot = \".\"\n");
    CHECK(refusal({"--config", file, "--listing"}) ==
          "roused: --listing: is for the site of --root, and there is none: set it below "
          "[[site]]\n");
    CHECK(refusal({"--fallback", "/a"}) ==
          "roused: --fallback: is for the site of --root, and there is none: set it below "
          "[[site]]\n");
    CHECK(refusal({"--root", site.path(), "--fallback", "a"}) ==
          "roused: --fallback: \"a\" is no path of a file: want one such as "
          "\"/index.html\"\n");
}

TEST_CASE("the help and the suggestions know the flags of a site") {
    const auto help = load({"--help"});
    for (const char* flag : {"--root DIR", "--listing", "--fallback PATH"}) {
        CHECK(help.error().out.contains(flag));
    }
    CHECK(refusal({"--rot", "x"}).contains("(did you mean --root?)"));
    CHECK(load({}, {"ROUSED_ROT=x"})->warnings.front().contains("(did you mean ROUSED_ROOT?)"));
}

TEST_CASE("--print-config shows the site of --root with its origin") {
    const temporary_site site;
    const auto printed = load({"--print-config", "--root", site.path()});
    CHECK(printed.error().code == 0);
    CHECK(
        printed.error().out.contains("\n[[site]]                                  # --root\n"
                                     "root = \"" +
                                     site.path() + "\"\n"));
}

TEST_SUITE_END();
