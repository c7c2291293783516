#include <fcntl.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/task/when_all.hpp"
#include "tests/protocols/http/files/site_drive.hpp"
#include "tests/support/allocation_count.hpp"
#include "tests/support/patience.hpp"

using rouse::test::allocation_count;
using rouse::test::looking_each_time;
using rouse::test::looking_once;
using rouse::test::patience;
using rouse::test::site_drive;
using rouse::test::site_reply;
using rouse::test::varied_bytes;

namespace {

constexpr std::uint64_t look_operations = 2;  // An open and a stat.

// Keeps what a replacement of the same size would otherwise differ in.
void set_modified(const std::string& path, std::int64_t seconds) {
    const timespec times[] = {{.tv_sec = seconds, .tv_nsec = 0}, {.tv_sec = seconds, .tv_nsec = 0}};
    REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
}

std::int64_t changed_at(const std::string& path) {
    struct stat status{};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec;
}

// As rsync -t --inplace does it: the size and the date stay.
void write_in_place(const std::string& path, std::string_view text) {
    const std::int64_t before = changed_at(path);
    const patience waiting;
    do {
        REQUIRE(!waiting.is_over());
        std::fstream(path) << text;
        set_modified(path, 1'000'000'000);
    } while (changed_at(path) == before);  // It was a tick of the file system's clock ago.
}

}  // namespace

TEST_SUITE("protocols/http/files/site_cache") {
    TEST_CASE("a file in memory is answered at once, without the kernel") {
        site_drive site(looking_once());
        site.files.write("a.png", varied_bytes(10'000));
        const auto first = site.ask("/a.png");
        CHECK(!first.at_once);
        const std::uint64_t turns = site.io->counters().turns;
        site_reply second;
        CHECK(site.operations_of([&] { second = site.ask("/a.png"); }) == 0);
        CHECK(site.io->counters().turns == turns);
        CHECK(second.at_once);
        CHECK(second.body == first.body);
        CHECK(second.fields == first.fields);
        CHECK(site.ask("/a.png", {}, "HEAD").at_once);
        CHECK(site.ask("/a.png", {"Range: bytes=1-2"}).at_once);
        CHECK(site.ask("/a.png", {"If-None-Match: " + first["ETag"]}).at_once);
    }

    TEST_CASE("an answer from memory allocates nothing") {
        site_drive site(looking_once());
        site.files.write("folder/with/a/long/name.png", "x");
        (void)site.ask("/folder/with/a/long/name.png");
        rouse::test::request_text text("GET", "/folder/with/a/long/name.png", {});
        auto asked = text.asked();
        const allocation_count count;
        const auto made = rouse::http::call_at_once(site.handler(), asked);
        CHECK(count.value() == 0);
        REQUIRE(made);
    }

    TEST_CASE("a file is looked at once in cache_valid, and each time without it") {
        site_drive site(looking_each_time());
        site.files.write("a.png", "a");
        (void)site.ask("/a.png");
        site.await_settled("/a.png", look_operations);
        site_reply reply;
        CHECK(site.operations_of([&] { reply = site.ask("/a.png"); }) == look_operations);
        CHECK(!reply.at_once);
        CHECK(reply.body == "a");
    }

    TEST_CASE("a file that has not changed is answered at once again after a look") {
        site_drive site;
        site.options().cache_valid = rouse::milliseconds(60);
        site.files.write("a.png", "a");
        (void)site.ask("/a.png");
        const patience waiting;
        const auto await = [&](auto is_there) {
            while (!is_there(site.ask("/a.png"))) {
                REQUIRE(!waiting.is_over());
                REQUIRE(site.io->turn(rouse::duration::zero()));
            }
        };
        // Looked at, and not read: so it has settled.
        while (site.operations_of([&] { (void)site.ask("/a.png"); }) != look_operations) {
            REQUIRE(!waiting.is_over());
            REQUIRE(site.io->turn(rouse::duration::zero()));
        }
        await([](const site_reply& reply) { return reply.at_once; });
        await([](const site_reply& reply) { return !reply.at_once; });
        await([](const site_reply& reply) { return reply.at_once; });
    }

    TEST_CASE("a file that had settled is read again when it has changed") {
        site_drive site(looking_each_time());
        site.files.write("a.png", "one");
        site.await_settled("/a.png", look_operations);
        site.files.write("a.png", "two");
        CHECK(site.ask("/a.png").body == "two");
        site.await_settled("/a.png", look_operations);
        CHECK(site.ask("/a.png").body == "two");
    }

    TEST_CASE("a second change within a tick of the clock is noticed, which leaves no trace") {
        site_drive site(looking_each_time());
        const std::string path = site.files.path("a.png");
        // Kernels with finer time stamps have no such changes: then there is nothing to see.
        constexpr int tries_max = 200;
        for (int tries = 0, seen = 0; tries < tries_max && seen < 3; ++tries) {
            site.files.write("a.png", "one");
            const auto before = changed_at(path);
            CHECK(site.ask("/a.png").body == "one");
            std::fstream(path) << "two";
            seen += changed_at(path) == before ? 1 : 0;
            CHECK(site.ask("/a.png").body == "two");
        }
    }

    TEST_CASE("a change is noticed when cache_valid is over, and not before") {
        site_drive site;
        site.options().cache_valid = rouse::milliseconds(200);
        site.files.write("a.png", "before");
        const auto asked_at = site.io->now();
        const auto first = site.ask("/a.png");
        site.files.write("a.png", "later!");
        const patience waiting;
        site_reply reply = site.ask("/a.png");
        while (reply.body == "before") {
            REQUIRE(!waiting.is_over());
            REQUIRE(site.io->turn(rouse::duration::zero()));
            reply = site.ask("/a.png");
        }
        CHECK(site.io->now() - asked_at >= site.options().cache_valid);
        CHECK(reply.body == "later!");
        CHECK(reply["ETag"] != first["ETag"]);
    }

    TEST_CASE("every sort of change is noticed at the next look") {
        site_drive site(looking_each_time());
        const std::string path = site.files.path("a.png");
        site.files.write("a.png", "one");
        CHECK(site.ask("/a.png").body == "one");
        site.files.write("a.png", "two");  // Within the same tick of the clock, perhaps.
        CHECK(site.ask("/a.png").body == "two");
        site.files.write("a.png", "longer");
        CHECK(site.ask("/a.png").body == "longer");
        SUBCASE("replaced by rename, with the same size and date") {
            set_modified(path, 1'000'000'000);
            const auto before = site.ask("/a.png");
            site.files.write("b.png", "change");
            set_modified(site.files.path("b.png"), 1'000'000'000);
            std::filesystem::rename(site.files.path("b.png"), path);
            const auto after = site.ask("/a.png");
            CHECK(after.body == "change");
            CHECK(after["ETag"] != before["ETag"]);
        }
        SUBCASE("written in place, with the same size and date") {
            set_modified(path, 1'000'000'000);
            const auto before = site.ask("/a.png");
            write_in_place(path, "change");
            const auto after = site.ask("/a.png", {"If-None-Match: " + before["ETag"]});
            CHECK(after.status == 200);
            CHECK(after.body == "change");
            CHECK(after["ETag"] != before["ETag"]);
        }
        SUBCASE("the same bytes with another date have another tag") {
            const auto before = site.ask("/a.png");
            set_modified(path, 1'000'000'000);
            const auto after = site.ask("/a.png");
            CHECK(after["Last-Modified"] == "Sun, 09 Sep 2001 01:46:40 GMT");
            CHECK(after["ETag"] != before["ETag"]);
        }
        SUBCASE("deleted") {
            std::filesystem::remove(path);
            CHECK(site.ask("/a.png").status == 404);
            CHECK(site.site().cached_files() == 0);
        }
        SUBCASE("a folder in its place") {
            std::filesystem::remove(path);
            std::filesystem::create_directory(path);
            CHECK(site.ask("/a.png").status == 301);
        }
        SUBCASE("a symbolic link in its place") {
            std::filesystem::remove(path);
            site.files.write("b.png", "linked");
            std::filesystem::create_symlink("b.png", path);
            CHECK(site.ask("/a.png").status == 404);
        }
    }

    TEST_CASE("what differs between machines is in no tag where several serve the same files") {
        site_drive site(looking_each_time());
        site.options().inode_in_tags = false;
        const std::string path = site.files.path("a.png");
        site.files.write("a.png", "before");
        set_modified(path, 1'000'000'000);
        const auto before = site.ask("/a.png");
        write_in_place(path, "before");
        CHECK(site.ask("/a.png")["ETag"] == before["ETag"]);
        CHECK(before["ETag"] == "\"6-3b9aca00.0\"");
    }

    TEST_CASE("an index that comes before the one that was found takes its place") {
        site_drive site(looking_each_time());
        site.options().index = {"index.html", "index.txt"};
        site.files.write("index.txt", "second");
        CHECK(site.ask("/").body == "second");
        site.files.write("index.html", "first");
        CHECK(site.ask("/").body == "first");
    }

    TEST_CASE("a date in the future is not sent") {
        site_drive site;
        site.files.write("a.png", "a");
        set_modified(site.files.path("a.png"), 4'000'000'000);
        CHECK(!site.ask("/a.png")["Last-Modified"].contains("2096"));  // RFC 9110, 8.8.2.1.
    }

    TEST_CASE("the cache keeps its bound, and what was asked for last") {
        site_drive site(looking_once());
        constexpr std::size_t file_bytes = 10'000;
        site.options().cache_bytes_max = 8 * file_bytes;
        for (const char name : std::string("abcdefghijkl")) {
            site.files.write(std::string(1, name), varied_bytes(file_bytes));
            (void)site.ask(std::string("/") + name);
            CHECK(site.ask("/a").at_once);
            CHECK(site.site().cached_bytes() <= site.options().cache_bytes_max);
        }
        CHECK(site.site().cached_bytes() > 6 * file_bytes);
        CHECK(site.ask("/l").at_once);
        CHECK(!site.ask("/b").at_once);
    }

    TEST_CASE("a file beyond the size that is cached is answered at once only without its bytes") {
        site_drive site(looking_once());
        site.options().cache_file_bytes_max = 1'000;
        site.files.write("large.png", varied_bytes(1'001));
        site.files.write("small.png", varied_bytes(1'000));
        CHECK(site.ask_twice("/small.png").at_once);
        const auto large = site.ask_twice("/large.png");
        CHECK(!large.at_once);
        CHECK(large.body == varied_bytes(1'001));
        CHECK(site.site().cached_bytes() < 4'000);
        const auto head = site.ask("/large.png", {}, "HEAD");
        CHECK(head.at_once);
        CHECK(head.length == 1'001);
        CHECK(site.ask("/large.png", {"If-None-Match: " + large["ETag"]}).at_once);
        CHECK(site.ask("/large.png", {"If-None-Match: " + large["ETag"]}).status == 304);
    }

    TEST_CASE("without a cache everything is streamed") {
        site_drive site(looking_once());
        site.options().cache_bytes_max = 0;
        site.files.write("a.txt", varied_bytes(5'000));
        site.files.write("empty.txt", "");
        CHECK(site.ask_twice("/a.txt").body == varied_bytes(5'000));
        CHECK(site.ask_twice("/empty.txt").status == 200);
        CHECK(site.site().cached_files() == 0);
    }

    TEST_CASE("many who want the same file at the same time load it once") {
        site_drive site(looking_once());
        site.files.write("a.png", varied_bytes(2'000));
        (void)site.site();
        rouse::test::request_text text("GET", "/a.png", {});
        auto first_asked = text.asked();
        auto second_asked = text.asked();
        auto third_asked = text.asked();
        const std::uint64_t operations = site.operations_of([&] {
            auto [first, second, third] = rouse::test::drive(
                *site.io, rouse::when_all(rouse::http::call_later(site.handler(), first_asked),
                                          rouse::http::call_later(site.handler(), second_asked),
                                          rouse::http::call_later(site.handler(), third_asked)));
            for (const auto* made : {&first, &second, &third}) {
                CHECK(rouse::http::text_of(*made) == varied_bytes(2'000));
            }
        });
        CHECK(operations == 4);  // Open, stat, read, and stat again.
    }

    TEST_CASE("a file that changes while it is read is read again") {
        site_drive site(looking_each_time());
        site.files.write("a.png", "one");
        rouse::test::request_text text("GET", "/a.png", {});
        auto asked = text.asked();
        auto loading = rouse::http::call_later(site.handler(), asked);
        for (int step = 0; step < 2; ++step) {  // The open, and the stat.
            CHECK(rouse::test::poll_once(loading).is_pending());
            const auto completions = site.io->counters().completions;
            rouse::test::turn_until(*site.io,
                                    [&] { return site.io->counters().completions > completions; });
        }
        site.files.write("a.png", "changed");
        const auto reply =
            rouse::test::reply_of(*site.io, rouse::test::drive(*site.io, loading), false);
        CHECK(reply.body == "changed");
        CHECK(reply["ETag"] == site.ask("/a.png")["ETag"]);
    }

    TEST_CASE("when the one who loads goes away, the next one does it") {
        site_drive site(looking_once());
        site.files.write("a.png", "a");
        rouse::test::request_text text("GET", "/a.png", {});
        auto gone_asked = text.asked();
        auto asked = text.asked();
        std::optional gone(rouse::http::call_later(site.handler(), gone_asked));
        CHECK(rouse::test::poll_once(*gone).is_pending());
        auto waiting = rouse::http::call_later(site.handler(), asked);
        CHECK(rouse::test::poll_once(waiting).is_pending());
        gone.reset();
        CHECK(rouse::http::text_of(rouse::test::drive(*site.io, waiting)) == "a");
    }
}
