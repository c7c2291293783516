#include <sys/fsuid.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include <doctest/doctest.h>

#include "tests/protocols/http/files/site_drive.hpp"
#include "tests/support/process_facts.hpp"

using rouse::errc;
using rouse::errno_code;
using rouse::http::file_site;
using rouse::http::status_of;
using rouse::test::looking_each_time;
using rouse::test::looking_once;
using rouse::test::site_drive;

namespace {

constexpr uid_t somebody = 65'534;

// The kernel takes this thread for another user, as far as files are concerned.
class as_somebody {
   public:
    as_somebody() { ::setfsuid(somebody); }
    as_somebody(const as_somebody&) = delete;
    as_somebody& operator=(const as_somebody&) = delete;
    ~as_somebody() { ::setfsuid(::geteuid()); }
};

// No more descriptors for this process.
class no_descriptors {
   public:
    no_descriptors() {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        const rlimit none{.rlim_cur = 0, .rlim_max = before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    }
    no_descriptors(const no_descriptors&) = delete;
    no_descriptors& operator=(const no_descriptors&) = delete;
    ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

   private:
    rlimit before_{};
};

}  // namespace

TEST_SUITE("protocols/http/files/site_place") {
    TEST_CASE("a file is sent with its type, length and validators") {
        site_drive site;
        site.files.write("a.html", "<p>hello</p>");
        const auto reply = site.ask("/a.html");
        CHECK(reply.status == 200);
        CHECK(reply.content_type == "text/html; charset=utf-8");
        CHECK(reply.body == "<p>hello</p>");
        CHECK(reply.length == 12);
        CHECK(reply["ETag"].starts_with("\""));
        CHECK(reply["Last-Modified"].ends_with(" GMT"));
        CHECK(reply["Accept-Ranges"] == "bytes");
        CHECK(reply["X-Content-Type-Options"].empty());  // That of make_security_headers alone.
        CHECK(reply["Cache-Control"].empty());
    }

    TEST_CASE("an empty file is sent, from the disk and from memory") {
        site_drive site;
        site.files.write("empty.png", "");
        CHECK(site.ask("/empty.png").status == 200);
        const auto again = site.ask("/empty.png");
        CHECK(again.at_once);
        CHECK(again.length == 0);
    }

    TEST_CASE("the query does not count") {
        site_drive site;
        site.files.write("a.txt", "a");
        CHECK(site.ask("/a.txt?version=1").body == "a");
    }

    TEST_CASE("a rule of Cache-Control goes by the path of the file") {
        site_drive site;
        REQUIRE(site.options().cache_control.add("/assets/*", "max-age=60"));
        REQUIRE(site.options().cache_control.add("/index.html", "no-cache"));
        site.files.write("assets/a.js", "1");
        site.files.write("index.html", "2");
        CHECK(site.ask("/assets/a.js")["Cache-Control"] == "max-age=60");
        CHECK(site.ask("/")["Cache-Control"] == "no-cache");
    }

    TEST_CASE("a folder answers with the first index that it has") {
        site_drive site;
        site.options().index = {"index.html", "index.txt"};
        site.files.write("index.txt", "top");
        site.files.write("a/index.txt", "text");
        site.files.write("b/index.txt", "text");
        site.files.write("b/index.html", "page");
        CHECK(site.ask("/").body == "top");
        CHECK(site.ask("/a/").body == "text");
        CHECK(site.ask("/a/").at_once);
        CHECK(site.ask("/b/").body == "page");
        CHECK(site.ask("/b/").content_type == "text/html; charset=utf-8");
    }

    TEST_CASE("a folder without a slash is redirected, and keeps the query") {
        site_drive site;
        site.files.write("a b/c/index.html", "page");
        const auto reply = site.ask("/a%20b//c?x=1");
        CHECK(reply.status == 301);
        CHECK(reply["Location"] == "/a%20b/c/?x=1");
    }

    TEST_CASE("a redirect leads to no other host") {
        site_drive site;
        site.files.write("example.org/index.html", "page");
        CHECK(site.ask("//example.org")["Location"] == "/example.org/");
        CHECK(site.ask("/x/..//example.org")["Location"] == "/example.org/");
    }

    TEST_CASE("a folder without an index, a file with a slash and what is missing are 404") {
        site_drive site;
        site.files.write("folder/a.txt", "a");
        CHECK(site.ask("/folder/").status == 404);
        CHECK(site.ask("/folder/a.txt/").status == 404);
        CHECK(site.ask("/folder/a.txt/b").status == 404);
        CHECK(site.ask("/missing").status == 404);
        CHECK(site.ask("/" + std::string(256, 'n')).status == 404);
    }

    TEST_CASE("an index that is a folder is none") {
        site_drive site;
        site.files.write("a/index.html/x", "x");
        CHECK(site.ask("/a/").status == 404);
    }

    TEST_CASE("what is no file and no folder is 404, and nobody waits for it") {
        site_drive site;
        REQUIRE(::mkfifo(site.files.path("pipe").c_str(), 0600) == 0);
        CHECK(site.ask("/pipe").status == 404);
    }

    TEST_CASE("the fallback answers for what is not there, with 200 and its own type") {
        site_drive site(looking_once());
        site.options().fallback = "/app/index.html";
        site.files.write("app/index.html", "application");
        site.files.write("folder/a.txt", "a");
        const auto reply = site.ask("/users/7");
        CHECK(reply.status == 200);
        CHECK(reply.content_type == "text/html; charset=utf-8");
        CHECK(reply.body == "application");
        CHECK(site.ask("/folder/").body == "application");
        CHECK(site.ask("/folder").status == 301);
        CHECK(site.ask("/%2e%2e/x").status == 400);
    }

    TEST_CASE("a fallback that is not there, or is a folder, is 404") {
        site_drive site;
        site.options().fallback = "/none.html";
        CHECK(site.ask("/users/7").status == 404);
        std::filesystem::create_directory(site.files.path("none.html"));
        CHECK(site.ask("/users/7").status == 404);
    }

    TEST_CASE("other methods are refused with those that are allowed") {
        site_drive site;
        site.files.write("a.txt", "a");
        for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "TRACE"}) {
            const auto reply = site.ask("/a.txt", {}, method);
            CHECK(reply.status == 405);  // RFC 9110, 15.5.6.
            CHECK(reply["Allow"] == "GET, HEAD, OPTIONS");
        }
        const auto options = site.ask("/a.txt", {}, "OPTIONS");
        CHECK(options.status == 204);
        CHECK(options["Allow"] == "GET, HEAD, OPTIONS");
    }

    TEST_CASE("a file that may not be read is 403") {
        site_drive site(looking_each_time());
        site.files.write("secret.txt", "secret");
        REQUIRE(::chmod(site.files.path().c_str(), 0755) == 0);
        REQUIRE(::chmod(site.files.path("secret.txt").c_str(), 0) == 0);
        if (::geteuid() != 0) {
            CHECK(site.ask("/secret.txt").status == 403);
            return;
        }
        CHECK(site.ask("/secret.txt").status == 200);
        const as_somebody other;
        CHECK(site.ask("/secret.txt").status == 403);
    }

    TEST_CASE("without a free descriptor the client is to try again") {
        site_drive site(looking_each_time());
        site.files.write("a.txt", "a");
        CHECK(site.ask("/a.txt").status == 200);
        {
            const no_descriptors none;
            const auto reply = site.ask("/a.txt");
            CHECK(reply.status == 503);
            CHECK(reply["Retry-After"] == "1");
        }
        CHECK(site.ask("/a.txt").status == 200);
    }

    TEST_CASE("without a free record the client is to try again") {
        site_drive site;
        site.files.write("a.txt", "a");
        auto ring = rouse::test::small_ring();
        ring.limits.descriptors_max = 1;  // That of the root.
        site.io = rouse::test::tested_reactor(ring);
        CHECK(site.ask("/a.txt").status == 503);
    }

    TEST_CASE("each failure has its status") {
        for (const int missing : {ENOENT, ENOTDIR, ELOOP, EXDEV, ENAMETOOLONG, ENXIO, ENODEV}) {
            CHECK(status_of(errno_code(missing)) == 404);
        }
        for (const int forbidden : {EACCES, EPERM}) {
            CHECK(status_of(errno_code(forbidden)) == 403);
        }
        for (const int later : {EMFILE, ENFILE, ENOMEM, EAGAIN, ESTALE}) {
            CHECK(status_of(errno_code(later)) == 503);
        }
        CHECK(status_of(errc::limit_exceeded) == 503);
        CHECK(status_of(errc::cancelled) == 503);
        CHECK(status_of(errno_code(EIO)) == 500);
    }

    TEST_CASE("options that make no sense are refused, with the cause") {
        const site_drive site;
        const auto fault_of = [&](auto change) {
            rouse::http::file_site_options options;
            options.root = site.files.path();
            change(options);
            const auto made = file_site::make(*site.io, options);
            REQUIRE(!made);
            CHECK(made.error().starts_with("site " + options.root + ": "));
            return made.error();
        };
        CHECK(fault_of([](auto& options) { options.root += "/none"; }).contains("No such file"));
        CHECK(fault_of([](auto& options) { options.index = {"a/b"}; }).contains("\"a/b\""));
        CHECK(fault_of([](auto& options) { options.index = {""}; }).contains("\"\""));
        CHECK(fault_of([](auto& options) { options.index = {".."}; }).contains("\"..\""));
        CHECK(
            fault_of([](auto& options) { options.index.assign(9, "x"); }).contains("more than 8"));
        CHECK(fault_of([](auto& options) { options.fallback = "/a/"; }).contains("/a/"));
        CHECK(fault_of([](auto& options) { options.fallback = "a"; }).contains("fallback a"));
        CHECK(fault_of([](auto& options) { options.fallback = "/.a"; }).contains("/.a"));
        CHECK(fault_of([](auto& options) { options.compress_bytes_max = 1; }).contains("smallest"));
    }
}
