#include <sys/stat.h>
#include <zlib.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/task/when_all.hpp"
#include "tests/protocols/http/files/site_drive.hpp"
#include "tests/support/poll_once.hpp"

using rouse::test::looking_each_time;
using rouse::test::looking_once;
using rouse::test::site_drive;
using rouse::test::varied_bytes;

namespace {

std::string page(std::size_t lines = 200) {
    std::string made;
    for (std::size_t line = 0; line < lines; ++line) {
        made += "<li>line " + std::to_string(line) + " of a page that compresses well</li>\n";
    }
    return made;
}

// See zlib.h, inflateInit2: 16 more for a gzip wrapper.
std::string unzipped(const std::string& text) {
    z_stream stream{};
    REQUIRE(::inflateInit2(&stream, MAX_WBITS + 16) == Z_OK);
    std::string in = text;
    std::string out(1'000'000, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    CHECK(::inflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    REQUIRE(::inflateEnd(&stream) == Z_OK);
    return out;
}

rouse::file_status to_status(const struct stat& from) {
    const auto time = [](const timespec& at) {
        return rouse::file_time{.seconds = at.tv_sec,
                                .nanoseconds = static_cast<std::uint32_t>(at.tv_nsec)};
    };
    return {.modified = time(from.st_mtim), .changed = time(from.st_ctim)};
}

// A page with a file for each coding, which need not be true ones.
void write_siblings(const site_drive& site) {
    site.files.write("a.html", page());
    site.files.write("a.html.br", "br bytes");
    site.files.write("a.html.zst", "zstd bytes");
    site.files.write("a.html.gz", "gzip bytes");
}

}  // namespace

TEST_SUITE("protocols/http/files/site_coding") {
    TEST_CASE("the file beside it in the coding that the client likes best is sent") {
        site_drive site(looking_once());
        write_siblings(site);
        const std::array<std::array<std::string, 2>, 12> cases{{
            {"gzip", "gzip bytes"},
            {"x-gzip", "gzip bytes"},
            {"zstd", "zstd bytes"},
            {"br", "br bytes"},
            {"gzip, zstd, br", "br bytes"},
            {"gzip, zstd", "zstd bytes"},
            {"br;q=0.5, gzip", "gzip bytes"},
            {"br;q=0.1, gzip;q=0.2, zstd;q=0.3", "zstd bytes"},
            {"br;q=0, *", "zstd bytes"},
            {"*;q=0.5", "br bytes"},
            {"identity, gzip;q=0", page()},
            {"deflate", page()},
        }};
        for (int round = 0; round < 2; ++round) {
            for (const auto& [accept, body] : cases) {
                CAPTURE(accept);
                const auto reply = site.ask("/a.html", {"Accept-Encoding: " + accept});
                CHECK(reply.status == 200);
                CHECK(reply.body == body);
                CHECK(reply["Vary"] == "Accept-Encoding");
                CHECK(reply["Content-Encoding"] ==
                      (body == page() ? "" : body.substr(0, body.find(' '))));
                CHECK(reply.content_type == "text/html; charset=utf-8");
            }
            CHECK(site.ask("/a.html").body == page());
            CHECK(site.ask("/a.html")["Vary"] == "Accept-Encoding");
        }
    }

    TEST_CASE("several lines of Accept-Encoding are one list, and none is what came before") {
        site_drive site(looking_once());
        write_siblings(site);
        const auto coding = [&](const std::vector<std::string>& lines) {
            return site.ask("/a.html", lines)["Content-Encoding"];
        };
        for (int round = 0; round < 2; ++round) {
            CHECK(coding({"Accept-Encoding: gzip"}) == "gzip");
            CHECK(coding({"Accept-Encoding: gzip", "Accept-Encoding: br"}) == "br");
            CHECK(coding({"Accept-Encoding: br", "Accept-Encoding: gzip"}) == "br");
            CHECK(coding({"Accept-Encoding: gzip"}) == "gzip");
            CHECK(coding({"Accept-Encoding: br;q=0", "Accept-Encoding: br;q=0, zstd"}) == "zstd");
            CHECK(coding({}).empty());
            CHECK(coding({"Accept-Encoding:"}).empty());
            CHECK(coding({"Accept-Encoding: " + std::string(300, 'x') + ", br"}) == "br");
        }
    }

    TEST_CASE("each coding has a tag of its own, and ranges of its own bytes") {
        site_drive site(looking_once());
        write_siblings(site);
        const auto plain = site.ask("/a.html");
        const auto br = site.ask("/a.html", {"Accept-Encoding: br"});
        const auto gzip = site.ask("/a.html", {"Accept-Encoding: gzip"});
        CHECK(br["ETag"].ends_with("-br\""));
        CHECK(gzip["ETag"].ends_with("-gzip\""));
        CHECK(plain["ETag"] != br["ETag"]);
        const auto part = site.ask("/a.html", {"Accept-Encoding: br", "Range: bytes=0-1"});
        CHECK(part.status == 206);
        CHECK(part.body == "br");
        CHECK(part["Content-Range"] == "bytes 0-1/8");
        CHECK(part["Content-Encoding"] == "br");
        // RFC 9110, 12.5.5: that there is no such range is so of this coding only.
        const auto beyond = site.ask("/a.html", {"Accept-Encoding: br", "Range: bytes=100-"});
        CHECK(beyond.status == 416);
        CHECK(beyond["Content-Range"] == "bytes */8");
        CHECK(beyond["Vary"] == "Accept-Encoding");
        const auto known =
            site.ask("/a.html", {"Accept-Encoding: br", "If-None-Match: " + br["ETag"]});
        CHECK(known.status == 304);
        CHECK(known["Vary"] == "Accept-Encoding");
        const auto other =
            site.ask("/a.html", {"Accept-Encoding: br", "If-None-Match: " + gzip["ETag"]});
        CHECK(other.status == 200);
    }

    TEST_CASE("a file beside it that is older is passed over") {
        site_drive site(looking_each_time());
        site.options().compress = false;
        write_siblings(site);
        using std::chrono::hours;
        const auto path = site.files.path("a.html.br");
        const auto modified = std::filesystem::last_write_time(site.files.path("a.html"));
        std::filesystem::last_write_time(path, modified - hours(1));
        CHECK(site.ask("/a.html", {"Accept-Encoding: br"}).body == page());
        std::filesystem::last_write_time(path, modified);
        CHECK(site.ask("/a.html", {"Accept-Encoding: br"}).body == "br bytes");
    }

    TEST_CASE("a file beside it that comes, changes or goes is noticed at the next look") {
        site_drive site(looking_each_time());
        site.options().compress = false;
        const auto body = [&] { return site.ask("/a.html", {"Accept-Encoding: gzip"}).body; };
        site.files.write("a.html", page());
        CHECK(body() == page());
        site.files.write("a.html.gz", "one");
        CHECK(body() == "one");
        site.files.write("a.html.gz", "two");
        CHECK(body() == "two");
        std::filesystem::remove(site.files.path("a.html.gz"));
        CHECK(body() == page());
        std::filesystem::create_directory(site.files.path("a.html.gz"));
        CHECK(body() == page());
    }

    TEST_CASE("a file beside one that had settled is noticed when it comes, changes or goes") {
        site_drive site(looking_each_time());
        site.options().compress = false;
        const std::vector<std::string> lines = {"Accept-Encoding: gzip"};
        const auto body = [&] { return site.ask("/a.html", lines).body; };
        site.files.write("a.html", page());
        site.await_settled("/a.html", 3, lines);  // An open that finds nothing is one more.
        CHECK(body() == page());
        site.files.write("a.html.gz", "one");
        CHECK(body() == "one");
        site.await_settled("/a.html", 4, lines);
        CHECK(body() == "one");
        site.files.write("a.html.gz", "two");
        CHECK(body() == "two");
        std::filesystem::remove(site.files.path("a.html.gz"));
        CHECK(body() == page());
    }

    TEST_CASE("a second change within a tick of the clock is noticed beside a file, too") {
        site_drive site(looking_each_time());
        site.options().compress = false;
        const std::vector<std::string> lines = {"Accept-Encoding: gzip"};
        site.files.write("a.html", page());
        site.await_settled("/a.html", 3, lines);
        const std::string path = site.files.path("a.html.gz");
        const auto changed_at = [&] {
            struct stat status{};
            REQUIRE(::stat(path.c_str(), &status) == 0);
            return status.st_ctim.tv_sec * 1'000'000'000 + status.st_ctim.tv_nsec;
        };
        // Kernels with finer time stamps have no such changes: then there is nothing to see.
        constexpr int tries_max = 200;
        for (int tries = 0, seen = 0; tries < tries_max && seen < 3; ++tries) {
            site.files.write("a.html.gz", "one");
            const auto before = changed_at();
            CHECK(site.ask("/a.html", lines).body == "one");
            std::fstream(path) << "two";
            seen += changed_at() == before ? 1 : 0;
            CHECK(site.ask("/a.html", lines).body == "two");
        }
    }

    TEST_CASE("what was compressed is not made anew when the file has not changed") {
        site_drive site(looking_each_time());
        site.files.write("a.html", page());
        const std::vector<std::string> lines = {"Accept-Encoding: gzip"};
        site.await_settled("/a.html", 3, lines);
        const auto reply = site.ask("/a.html", lines);
        CHECK(reply["Content-Encoding"] == "gzip");
        CHECK(unzipped(reply.body) == page());
        site.files.write("a.html", page(100));
        CHECK(unzipped(site.ask("/a.html", lines).body) == page(100));
    }

    TEST_CASE("that there is none is remembered with the file") {
        site_drive site(looking_once());
        site.options().compress = false;
        site.files.write("a.html", page());
        (void)site.ask("/a.html", {"Accept-Encoding: gzip, br, zstd"});
        const auto again = site.ask("/a.html", {"Accept-Encoding: gzip, br, zstd"});
        CHECK(again.at_once);
        CHECK(again.body == page());
    }

    TEST_CASE("files beside it are not looked for when they are not wanted, or it is no text") {
        site_drive site(looking_once());
        site.options().compress = false;
        site.files.write("a.png", page());
        site.files.write("a.png.gz", "gzip bytes");
        const auto reply = site.ask("/a.png", {"Accept-Encoding: gzip"});
        CHECK(reply.body == page());
        CHECK(reply["Vary"].empty());
        site_drive other(looking_once());
        other.options().compress = false;
        other.options().precompressed = false;
        write_siblings(other);
        CHECK(other.ask("/a.html", {"Accept-Encoding: gzip"}).body == page());
        CHECK(other.ask("/a.html", {"Accept-Encoding: gzip"})["Vary"].empty());
    }

    TEST_CASE("a large file beside it is streamed") {
        site_drive site(looking_once());
        site.options().cache_file_bytes_max = 100;
        site.files.write("a.js", page());
        site.files.write("a.js.br", varied_bytes(70'000));
        for (int round = 0; round < 2; ++round) {
            const auto reply = site.ask("/a.js", {"Accept-Encoding: br"});
            CHECK(reply.body == varied_bytes(70'000));
            CHECK(reply["Content-Encoding"] == "br");
            CHECK(!reply.at_once);
        }
    }

    TEST_CASE("text without such a file is compressed once, and kept") {
        site_drive site(looking_once());
        site.files.write("a.css", page());
        const auto first = site.ask("/a.css", {"Accept-Encoding: gzip"});
        CHECK(first["Content-Encoding"] == "gzip");
        CHECK(first["ETag"].ends_with("-gzip\""));
        CHECK(first.length < page().size() / 4);
        CHECK(unzipped(first.body) == page());
        const auto second = site.ask("/a.css", {"Accept-Encoding: gzip"});
        CHECK(second.at_once);
        CHECK(second.body == first.body);
        CHECK(site.ask("/a.css", {"Accept-Encoding: br"})["Content-Encoding"] == "br");
        CHECK(site.ask("/a.css", {"Accept-Encoding: zstd"})["Content-Encoding"] == "zstd");
        CHECK(site.ask("/a.css").body == page());
        const auto part = site.ask("/a.css", {"Accept-Encoding: gzip", "Range: bytes=-3"});
        CHECK(part.body == first.body.substr(first.body.size() - 3));
    }

    TEST_CASE("those who want other codings of a cold file at once get the right bytes") {
        site_drive site(looking_once());
        const std::string text = page(4'200);  // Compressed in several turns, and cached.
        REQUIRE(text.size() > 200'000);
        site.files.write("a.html", text);
        site.files.write("a.html.br", "br bytes");
        // Those who load a file that is newer keep a state of their own.
        const rouse::test::patience waiting;
        struct stat found{};
        REQUIRE(::stat(site.files.path("a.html").c_str(), &found) == 0);
        while (!rouse::http::is_settled(to_status(found), rouse::http::wall_time())) {
            REQUIRE(!waiting.is_over());
        }
        (void)site.site();
        rouse::test::request_text br("GET", "/a.html", {"Accept-Encoding: br"});
        rouse::test::request_text gzip("GET", "/a.html", {"Accept-Encoding: gzip"});
        auto first_asked = br.asked();
        auto second_asked = gzip.asked();
        auto third_asked = gzip.asked();
        auto asking = rouse::when_all(rouse::http::call_later(site.handler(), first_asked),
                                      rouse::http::call_later(site.handler(), second_asked),
                                      rouse::http::call_later(site.handler(), third_asked));
        // As an executor does it: what completes meanwhile is known before the next poll.
        auto answer = rouse::test::poll_once(asking);
        while (answer.is_pending()) {
            REQUIRE(!waiting.is_over());
            REQUIRE(site.io->turn(rouse::duration::zero()));
            answer = rouse::test::poll_once(asking);
        }
        auto [first, second, third] = std::move(answer).value();
        CHECK(rouse::http::text_of(first) == "br bytes");
        CHECK(unzipped(std::string(rouse::http::text_of(second))) == text);
        CHECK(unzipped(std::string(rouse::http::text_of(third))) == text);
    }

    TEST_CASE(
        "what was compressed is kept when the file is looked at, and made anew when it changed") {
        site_drive site(looking_each_time());
        site.files.write("a.css", page());
        CHECK(unzipped(site.ask("/a.css", {"Accept-Encoding: gzip"}).body) == page());
        CHECK(unzipped(site.ask("/a.css", {"Accept-Encoding: gzip"}).body) == page());
        site.files.write("a.css", page(100));
        CHECK(unzipped(site.ask("/a.css", {"Accept-Encoding: gzip"}).body) == page(100));
        site.files.write("a.css.gz", "sibling");
        CHECK(site.ask("/a.css", {"Accept-Encoding: gzip"}).body == "sibling");
    }

    TEST_CASE("only text between the bounds is compressed, and only when it gains") {
        site_drive site(looking_once());
        site.options().compress_bytes_max = 20'000;
        site.files.write("short.css", std::string(1'023, 'a'));
        site.files.write("enough.css", std::string(1'024, 'a'));
        site.files.write("long.css", std::string(20'001, 'a'));
        site.files.write("random.css", varied_bytes(5'000));
        site.files.write("image.png", page());
        const auto coding = [&](const std::string& target) {
            const auto first = site.ask(target, {"Accept-Encoding: br, gzip, zstd"});
            const auto again = site.ask(target, {"Accept-Encoding: br, gzip, zstd"});
            CHECK(again.at_once);
            CHECK(again.fields == first.fields);
            return again["Content-Encoding"];
        };
        CHECK(coding("/short.css").empty());
        CHECK(coding("/enough.css") == "br");
        CHECK(coding("/long.css").empty());
        CHECK(coding("/random.css").empty());
        CHECK(coding("/image.png").empty());
    }

    TEST_CASE("nothing is compressed when that is switched off") {
        site_drive site(looking_once());
        site.options().compress = false;
        site.files.write("a.css", page());
        const auto reply = site.ask("/a.css", {"Accept-Encoding: gzip"});
        CHECK(reply.body == page());
        CHECK(reply["Vary"] == "Accept-Encoding");
    }

    TEST_CASE("HEAD says what GET would, in each coding") {
        site_drive site;
        site.files.write("a.css", page());
        for (const std::string accept : {"gzip", "br", "zstd", "identity"}) {
            const auto get = site.ask("/a.css", {"Accept-Encoding: " + accept});
            const auto head = site.ask("/a.css", {"Accept-Encoding: " + accept}, "HEAD");
            CHECK(head.status == get.status);
            CHECK(head.length == get.length);
            CHECK(head.fields == get.fields);
            CHECK(head.body.empty());
        }
    }
}
