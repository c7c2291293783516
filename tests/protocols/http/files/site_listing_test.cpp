#include <sys/stat.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "protocols/http/files/listing.hpp"
#include "runtime/executor/blocking_pool.hpp"
#include "runtime/executor/executor.hpp"
#include "tests/protocols/http/files/site_drive.hpp"

using rouse::task;
using rouse::http::file_site;
using rouse::http::response;
using rouse::test::site_reply;

namespace {

// By value: the executor takes what it runs over, and these outlive it.
task<response> later(const rouse::http::handler& called, rouse::http::request& asked) {
    co_return co_await rouse::http::call_later(called, asked);
}

struct listed_site {
    [[nodiscard]] site_reply ask(std::string_view target,
                                 const std::vector<std::string>& lines = {},
                                 std::string_view method = "GET") {
        options.root = files.path("site");
        options.listing = true;
        auto site = file_site::make(*io, options, &pool);
        REQUIRE(site);
        return answer((*site)->make_handler(), target, lines, method);
    }
    [[nodiscard]] site_reply answer(const rouse::http::handler& handler, std::string_view target,
                                    const std::vector<std::string>& lines = {},
                                    std::string_view method = "GET") const {
        rouse::test::request_text text(method, target, lines);
        auto asked = text.asked();
        auto made = rouse::http::call_at_once(handler, asked);
        if (!made) {
            rouse::executor runs(*io);
            made.emplace(runs.run_until(later(handler, asked)).value());
        }
        return rouse::test::reply_of(*io, std::move(*made), method == "HEAD");
    }

    rouse::test::file_tree files;
    rouse::http::file_site_options options;
    rouse::blocking_pool pool;
    std::unique_ptr<rouse::reactor> io = rouse::test::tested_reactor();
};

std::string names_in(const site_reply& json) {
    std::string names;
    const std::string before = "\"name\":\"";
    for (auto at = json.body.find(before); at != std::string::npos;
         at = json.body.find(before, at + 1)) {
        const auto begin = at + before.size();
        names += json.body.substr(begin, json.body.find('"', begin) - begin) + " ";
    }
    return names;
}

}  // namespace

TEST_SUITE("protocols/http/files/site_listing") {
    TEST_CASE("a folder without an index shows what is in it, as HTML or JSON") {
        listed_site site;
        site.files.write("site/folder/b.txt", "12345");
        site.files.write("site/folder/inner/x", "");
        const auto html = site.ask("/folder/");
        CHECK(html.status == 200);
        CHECK(html.content_type == "text/html; charset=utf-8");
        CHECK(html["Content-Security-Policy"] == rouse::http::listing_security_policy);
        CHECK(html["X-Content-Type-Options"].empty());
        CHECK(html["Vary"] == "Accept");
        CHECK(html["Cache-Control"] == "no-cache");
        CHECK(html.body.contains("b.txt"));
        const auto json = site.ask("/folder/", {"Accept: application/json;q=0.9, */*"});
        CHECK(json.content_type == "application/json");
        CHECK(json.body.contains("\"size\":5"));
        CHECK(names_in(json) == "inner b.txt ");
        CHECK(site.ask("/folder/", {"Accept: text/html, application/json"}).content_type ==
              html.content_type);
        CHECK(site.ask("/folder/", {"Accept: application/json, text/html"}).content_type ==
              json.content_type);
    }

    TEST_CASE("HEAD of a listing has its length") {
        listed_site site;
        site.files.write("site/b.txt", "");
        const auto head = site.ask("/", {}, "HEAD");
        CHECK(head.status == 200);
        CHECK(head.body.empty());
        CHECK(head.length == site.ask("/").body.size());
    }

    TEST_CASE("what may not be asked for is not shown") {
        listed_site site;
        site.files.write("secret.txt", "");
        site.files.write("site/.env", "");
        site.files.write("site/shown", "");
        namespace fs = std::filesystem;
        fs::create_symlink("shown", site.files.path("site/within"));
        fs::create_symlink("../secret.txt", site.files.path("site/out"));
        fs::create_symlink("nowhere", site.files.path("site/broken"));
        REQUIRE(::mkfifo(site.files.path("site/pipe").c_str(), 0600) == 0);
        const auto names = [&] { return names_in(site.ask("/", {"Accept: application/json"})); };
        CHECK(names() == "shown ");
        site.options.symlinks = true;
        CHECK(names() == "shown within ");
        site.options.dotfiles = true;
        CHECK(names() == ".env shown within ");
    }

    TEST_CASE("an index comes before a listing, and a listing before the fallback") {
        listed_site site;
        site.files.write("site/a/index.html", "index");
        site.files.write("site/b/c", "");
        site.files.write("site/app.html", "application");
        site.options.fallback = "/app.html";
        CHECK(site.ask("/a/").body == "index");
        CHECK(site.ask("/b/").body.contains("href=\"c\""));
        CHECK(site.ask("/b").status == 301);
        CHECK(site.ask("/none/").body == "application");
        CHECK(site.ask("/app.html/").body == "application");
    }

    TEST_CASE("no listing leads out of the root") {
        listed_site site;
        site.files.write("site/a", "");
        site.files.write("secret/b", "");
        std::filesystem::create_directory_symlink("../secret", site.files.path("site/up"));
        for (const bool symlinks : {false, true}) {
            site.options.symlinks = symlinks;
            CHECK(site.ask("/up/").status == 404);
            CHECK(site.ask("/../").status == 400);
        }
    }

    TEST_CASE("a listing is of what the root leads to now") {
        listed_site site;
        site.files.write("one/a", "");
        site.files.write("two/b", "");
        const std::string current = site.files.path("current");
        std::filesystem::create_directory_symlink("one", current);
        site.options.root = current;
        site.options.listing = true;
        const auto made = file_site::make(*site.io, site.options, &site.pool);
        REQUIRE(made);
        const auto handler = (*made)->make_handler();
        const auto names = [&] {
            return names_in(site.answer(handler, "/", {"Accept: application/json"}));
        };
        CHECK(names() == "a ");
        std::filesystem::remove(current);
        CHECK(site.answer(handler, "/").status == 404);
        std::filesystem::create_directory_symlink("two", current);
        CHECK(names() == "b ");
    }

    TEST_CASE("a folder of too many is cut, and says so") {
        listed_site site;
        site.files.write("site/a", "");
        for (std::size_t index = 0; index < rouse::http::listing_entries_max; ++index) {
            std::filesystem::create_hard_link(site.files.path("site/a"),
                                              site.files.path("site/" + std::to_string(index)));
        }
        CHECK(site.ask("/", {"Accept: application/json"}).body.contains("\"cut\":true"));
        std::filesystem::remove(site.files.path("site/a"));
        CHECK(site.ask("/", {"Accept: application/json"}).body.contains("\"cut\":false"));
    }

    TEST_CASE("a listing needs a pool") {
        listed_site site;
        site.files.write("site/a", "");
        site.options.root = site.files.path("site");
        site.options.listing = true;
        const auto made = file_site::make(*site.io, site.options);
        REQUIRE(!made);
        CHECK(made.error().contains("a listing needs a pool of threads"));
    }

    TEST_CASE("a pool that has too much to do already is 503") {
        listed_site site;
        site.files.write("site/a", "");
        site.options.root = site.files.path("site");
        site.options.listing = true;
        rouse::blocking_pool full({.threads = 1, .queue_jobs_max = 0});
        auto made = file_site::make(*site.io, site.options, &full);
        REQUIRE(made);
        const auto handler = (*made)->make_handler();
        rouse::test::request_text text("GET", "/", {});
        auto asked = text.asked();
        rouse::executor runs(*site.io);
        const response refused = runs.run_until(later(handler, asked)).value();
        CHECK(refused.status == 503);
        CHECK(refused.headers.front().name == "Retry-After");
    }
}
