#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "tests/protocols/http/files/site_drive.hpp"
#include "tests/protocols/http/middleware/decoding.hpp"

using rouse::http::file_site_options;
using rouse::test::all_codings;
using rouse::test::decode;
using rouse::test::looking_each_time;
using rouse::test::looking_once;
using rouse::test::request_text;
using rouse::test::site_drive;

namespace {

const std::string page = [] {
    std::string made;
    while (made.size() < 400'000) {
        made += "<li>line " + std::to_string(made.size()) + " of a page that is long</li>\n";
    }
    return made;
}();
const std::vector<std::string> accepts_gzip = {"Accept-Encoding: gzip"};

std::string unzipped(const std::string& text) {
    const auto decoded = decode(rouse::http::content_coding::gzip, text);
    CHECK(decoded.is_ended);
    return decoded.text;
}

struct fixture : site_drive {
    explicit fixture(file_site_options options = looking_once()) : site_drive(std::move(options)) {
        files.write("a.html", page);
    }
};

}  // namespace

TEST_SUITE("protocols/http/files/site_coded_stream") {
    TEST_CASE_FIXTURE(fixture, "text too large to be cached is compressed while it is sent") {
        for (int round = 0; round < 2; ++round) {
            for (const auto coding : all_codings) {
                const std::string name(to_string(coding));
                const auto reply = ask("/a.html", {"Accept-Encoding: " + name});
                CHECK(reply.status == 200);
                CHECK(reply["Content-Encoding"] == name);
                CHECK(reply["Vary"] == "Accept-Encoding");
                CHECK(reply["Accept-Ranges"].empty());
                CHECK(!reply.has_length);
                CHECK(reply.body.size() < page.size() / 4);
                const auto decoded = decode(coding, reply.body);
                CHECK(decoded.is_ended);
                CHECK(decoded.text == page);
            }
            const auto plain = ask("/a.html");
            CHECK(plain.body == page);
            CHECK(plain.length == page.size());
            CHECK(plain["Vary"] == "Accept-Encoding");
        }
        CHECK(site().cached_bytes() < 10'000);
        CHECK(site().streaming_bytes() == 0);
    }

    TEST_CASE_FIXTURE(fixture, "its tag is weak, since the next time it may be other bytes") {
        // RFC 9110, 8.8.1.
        const auto plain = ask("/a.html");
        const auto coded = ask("/a.html", accepts_gzip);
        CHECK(coded["ETag"].starts_with("W/\""));
        CHECK(coded["ETag"].ends_with("-gzip\""));
        for (const std::string& tag : {coded["ETag"], coded["ETag"].substr(2)}) {
            const auto known = ask("/a.html", {accepts_gzip[0], "If-None-Match: " + tag});
            CHECK(known.status == 304);
            CHECK(known.at_once);
            CHECK(known["ETag"] == coded["ETag"]);
            CHECK(known["Vary"] == "Accept-Encoding");
        }
        CHECK(ask("/a.html", {accepts_gzip[0], "If-None-Match: " + plain["ETag"]}).status == 200);
        CHECK(ask("/a.html", {accepts_gzip[0], "If-Match: " + coded["ETag"]}).status == 412);
    }

    TEST_CASE_FIXTURE(fixture, "HEAD says of it what GET would") {
        for (int round = 0; round < 2; ++round) {
            const auto head = ask("/a.html", accepts_gzip, "HEAD");
            const auto get = ask("/a.html", accepts_gzip);
            CHECK(head.status == get.status);
            CHECK(head.fields == get.fields);
            CHECK(!head.has_length);  // RFC 9110, 8.6.
            CHECK(head.body.empty());
            CHECK(head.at_once == (round > 0));
        }
    }

    TEST_CASE_FIXTURE(fixture, "a range of bytes that are made anew each time is all of them") {
        // RFC 9110, 14.2.
        for (const std::string line : {"Range: bytes=0-9", "Range: bytes=999999999-"}) {
            const auto reply = ask("/a.html", {accepts_gzip[0], line});
            CHECK(reply.status == 200);
            CHECK(unzipped(reply.body) == page);
        }
        const auto plain = ask("/a.html", {"Range: bytes=0-9"});
        CHECK(plain.status == 206);
        CHECK(plain.body == page.substr(0, 10));
    }

    TEST_CASE_FIXTURE(fixture, "files beside it go before, and text beyond the bound as it is") {
        files.write("a.html.br", "br bytes");
        CHECK(ask("/a.html", {"Accept-Encoding: gzip, br"}).body == "br bytes");
        CHECK(unzipped(ask("/a.html", {"Accept-Encoding: gzip"}).body) == page);
        site_drive bounded(looking_once());
        bounded.options().compress_bytes_max = page.size() - 1;
        bounded.files.write("a.html", page);
        CHECK(bounded.ask("/a.html", accepts_gzip).body == page);
    }

    TEST_CASE("without a cache text is compressed all the same, but not an empty one") {
        site_drive site(looking_once());
        site.options().cache_bytes_max = 0;
        site.options().compress_bytes_min = 0;
        site.files.write("a.html", page);
        site.files.write("empty.html", "");
        CHECK(unzipped(site.ask("/a.html", accepts_gzip).body) == page);
        const auto empty = site.ask("/empty.html", accepts_gzip);
        CHECK(empty.body.empty());
        CHECK(empty["Content-Encoding"].empty());
    }

    TEST_CASE("a change is noticed, and so is a file beside it that comes or goes") {
        fixture site(looking_each_time());
        const auto before = site.ask("/a.html", accepts_gzip);
        site.files.write("a.html", page + "more");
        const auto after = site.ask("/a.html", accepts_gzip);
        CHECK(unzipped(after.body) == page + "more");
        CHECK(after["ETag"] != before["ETag"]);
        site.files.write("a.html.gz", "gzip bytes");
        const auto beside = site.ask("/a.html", accepts_gzip);
        CHECK(beside.body == "gzip bytes");
        CHECK(beside.has_length);
        std::filesystem::remove(site.files.path("a.html.gz"));
        CHECK(unzipped(site.ask("/a.html", accepts_gzip).body) == page + "more");
    }

    TEST_CASE_FIXTURE(fixture, "a file that shrinks meanwhile ends the body with an error") {
        request_text text("GET", "/a.html", accepts_gzip);
        auto asked = text.asked();
        auto made = rouse::test::drive(*io, [&] {
            (void)site();
            return rouse::http::call_later(handler(), asked);
        }());
        std::filesystem::resize_file(files.path("a.html"), 1'000);
        const auto reply = rouse::test::reply_of(*io, std::move(made), false);
        CHECK(reply.cut == rouse::errno_code(ENODATA));
        CHECK(reply.body.size() < 1'000);
    }

    TEST_CASE_FIXTURE(fixture, "so many at once are compressed, and the next is sent as it is") {
        options().compress_streams_max = 1;
        request_text text("GET", "/a.html", accepts_gzip);
        auto asked = text.asked();
        auto first = rouse::test::drive(*io, rouse::http::call_later(handler(), asked));
        const auto plain = ask("/a.html");
        const auto second = ask("/a.html", accepts_gzip);
        CHECK(second.body == page);
        CHECK(second.fields == plain.fields);
        CHECK(second.has_length);
        const auto part = ask("/a.html", {accepts_gzip[0], "Range: bytes=0-9"});
        CHECK(part.body == page.substr(0, 10));
        const auto known = ask("/a.html", {accepts_gzip[0], "If-None-Match: " + plain["ETag"]});
        CHECK(known.status == 304);
        const auto reply = rouse::test::reply_of(*io, std::move(first), false);
        CHECK(unzipped(reply.body) == page);
        CHECK(unzipped(ask("/a.html", accepts_gzip).body) == page);
    }
}
