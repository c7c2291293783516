#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "tests/protocols/http/files/site_drive.hpp"

using rouse::milliseconds;
using rouse::test::looking_each_time;
using rouse::test::looking_once;
using rouse::test::site_drive;

namespace {

// As `ln -sfn` and `mv -T` put a release in place.
void lead_to(const site_drive& site, const std::string& release) {
    std::filesystem::create_directory_symlink(release, site.files.path("next"));
    std::filesystem::rename(site.files.path("next"), site.files.path("current"));
}

void write_releases(site_drive& site) {
    site.options().root = site.files.path("current");
    site.files.write("one/a.txt", "of one");
    site.files.write("one/only.txt", "only in one");
    site.files.write("two/a.txt", "of two");
    site.files.write("two/new/index.html", "new in two");
    lead_to(site, "one");
}

}  // namespace

TEST_SUITE("protocols/http/files/site_root") {
    TEST_CASE("a root that is a link is followed when it leads elsewhere") {
        site_drive site(looking_each_time());
        site.options().root_valid = milliseconds(0);
        write_releases(site);
        CHECK(site.ask("/a.txt").body == "of one");
        CHECK(site.ask("/only.txt").body == "only in one");
        CHECK(site.ask("/new/").status == 404);
        lead_to(site, "two");
        CHECK(site.ask("/a.txt").body == "of two");
        CHECK(site.ask("/only.txt").status == 404);
        CHECK(site.ask("/new/").body == "new in two");
        lead_to(site, "one");
        CHECK(site.ask("/only.txt").body == "only in one");
    }

    TEST_CASE("with another root all that is in memory is forgotten, with the same one nothing") {
        site_drive site(looking_once());
        site.options().root_valid = milliseconds(0);
        write_releases(site);
        (void)site.ask("/a.txt");
        (void)site.ask("/only.txt");
        CHECK(site.site().cached_files() == 2);
        CHECK(site.ask("/none").status == 404);  // Each load looks at the root.
        CHECK(site.site().cached_files() == 2);
        lead_to(site, "two");
        CHECK(site.ask("/a.txt").body == "of one");  // That is in memory, and fresh.
        CHECK(site.ask("/none").status == 404);
        CHECK(site.site().cached_files() == 0);
        CHECK(site.ask("/a.txt").body == "of two");
    }

    TEST_CASE("the root is not looked up again before its time is over") {
        site_drive site(looking_each_time());
        write_releases(site);
        CHECK(site.ask("/a.txt").body == "of one");
        lead_to(site, "two");
        CHECK(site.ask("/a.txt").body == "of one");
    }

    TEST_CASE("while nothing is at the path of the root, what was there is served") {
        site_drive site(looking_each_time());
        site.options().root_valid = milliseconds(0);
        write_releases(site);
        CHECK(site.ask("/a.txt").body == "of one");
        std::filesystem::remove(site.files.path("current"));
        CHECK(site.ask("/a.txt").body == "of one");
        site.files.write("current", "no directory");
        CHECK(site.ask("/a.txt").body == "of one");
        lead_to(site, "two");
        CHECK(site.ask("/a.txt").body == "of two");
    }

    TEST_CASE("a root that is put in place of another of the same name is another") {
        site_drive site(looking_each_time());
        site.options().root_valid = milliseconds(0);
        site.options().root = site.files.path("www");
        site.files.write("www/a.txt", "old");
        CHECK(site.ask("/a.txt").body == "old");
        std::filesystem::rename(site.files.path("www"), site.files.path("before"));
        site.files.write("www/a.txt", "new");
        CHECK(site.ask("/a.txt").body == "new");
    }

    TEST_CASE("a root may be named from the current directory") {
        site_drive site(looking_each_time());
        site.options().root_valid = milliseconds(0);
        site.files.write("www/a.txt", "a");
        site.options().root = std::filesystem::relative(site.files.path("www")).native();
        CHECK(site.ask("/a.txt").body == "a");
        CHECK(site.ask("/a.txt").body == "a");
    }
}
