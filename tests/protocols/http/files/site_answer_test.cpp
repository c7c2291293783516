#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/protocols/http/files/site_drive.hpp"

using rouse::test::looking_once;
using rouse::test::site_drive;

namespace {

constexpr auto old_date = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr auto late_date = "Sat, 06 Nov 2094 08:49:37 GMT";

// From memory, and from the file itself.
template <class Check>
void check_both_ways(Check check) {
    for (const bool cached : {true, false}) {
        CAPTURE(cached);
        site_drive site(looking_once());
        site.options().cache_bytes_max = cached ? 1'000'000 : 0;
        site.files.write("a.txt", "0123456789");
        CHECK(site.ask_twice("/a.txt").at_once == cached);
        check(site);
    }
}

}  // namespace

TEST_SUITE("protocols/http/files/site_answer") {
    TEST_CASE("HEAD is GET without content") {
        check_both_ways([](site_drive& site) {
            const auto get = site.ask("/a.txt");
            const auto head = site.ask("/a.txt", {}, "HEAD");
            CHECK(head.status == 200);
            CHECK(head.body.empty());
            CHECK(head.length == get.length);
            CHECK(head.fields == get.fields);
            CHECK(head.content_type == get.content_type);
            // RFC 9110, 14.2: ranges are for GET.
            CHECK(site.ask("/a.txt", {"Range: bytes=0-1"}, "HEAD").status == 200);
            CHECK(site.ask("/none.txt", {}, "HEAD").status == 404);
        });
    }

    TEST_CASE("one range is sent with its place") {
        check_both_ways([](site_drive& site) {
            const auto part = [&](const std::string& range) {
                return site.ask("/a.txt", {"Range: bytes=" + range});
            };
            const auto first = part("2-4");
            CHECK(first.status == 206);
            CHECK(first.body == "234");
            CHECK(first.length == 3);
            CHECK(first["Content-Range"] == "bytes 2-4/10");
            CHECK(first["ETag"] == site.ask("/a.txt")["ETag"]);
            CHECK(first.content_type == "text/plain; charset=utf-8");
            CHECK(part("7-").body == "789");
            CHECK(part("-2").body == "89");
            CHECK(part("-20").body == "0123456789");
            CHECK(part("5-100").body == "56789");
            CHECK(part("0-0").body == "0");
        });
    }

    TEST_CASE("several ranges are sent as multipart, in the order asked") {
        check_both_ways([](site_drive& site) {
            const auto reply = site.ask("/a.txt", {"Range: bytes=7-8,0-1"});
            CHECK(reply.status == 206);
            CHECK(reply["Content-Range"].empty());  // RFC 9110, 15.3.7.2.
            const std::string prefix = "multipart/byteranges; boundary=";
            REQUIRE(reply.content_type.starts_with(prefix));
            const std::string boundary = reply.content_type.substr(prefix.size());
            const std::string type = "Content-Type: text/plain; charset=utf-8\r\n";
            const std::string expected =
                "--" + boundary + "\r\n" + type + "Content-Range: bytes 7-8/10\r\n\r\n78\r\n--" +
                boundary + "\r\n" + type + "Content-Range: bytes 0-1/10\r\n\r\n01\r\n--" +
                boundary + "--\r\n";
            CHECK(reply.body == expected);
            CHECK(reply.length == expected.size());
            CHECK(site.ask("/a.txt", {"Range: bytes=7-8,0-1"}).content_type != reply.content_type);
        });
    }

    TEST_CASE("a range beyond the end is 416 with the length, a bad one is no range") {
        check_both_ways([](site_drive& site) {
            const auto beyond = site.ask("/a.txt", {"Range: bytes=10-"});
            CHECK(beyond.status == 416);
            CHECK(beyond["Content-Range"] == "bytes */10");
            CHECK(beyond["ETag"].empty());
            for (const std::string range : {"bytes=2-1", "lines=0-1", "bytes=x", "bytes=0-9,0-9"}) {
                CHECK(site.ask("/a.txt", {"Range: " + range}).status != 416);
            }
            CHECK(site.ask("/a.txt", {"Range: lines=0-1"}).body == "0123456789");
        });
    }

    TEST_CASE("If-Range takes the part only of what the client has") {
        check_both_ways([](site_drive& site) {
            const std::string tag = site.ask("/a.txt")["ETag"];
            const auto status = [&](const std::string& validator) {
                return site.ask("/a.txt", {"Range: bytes=0-1", "If-Range: " + validator}).status;
            };
            CHECK(status(tag) == 206);
            CHECK(status("W/" + tag) == 200);  // RFC 9110, 13.1.5.
            CHECK(status("\"other\"") == 200);
            CHECK(status(old_date) == 200);
        });
    }

    TEST_CASE("a part for If-Range has no fields that the client has already: RFC 9110, 15.3.7") {
        check_both_ways([](site_drive& site) {
            const std::string tag = site.ask("/a.txt")["ETag"];
            const auto part = [&](std::vector<std::string> lines) {
                lines.emplace_back("If-Range: " + tag);
                return site.ask("/a.txt", lines);
            };
            const auto one = part({"Range: bytes=2-4"});
            REQUIRE(one.status == 206);
            CHECK(one.body == "234");
            CHECK(one.content_type.empty());
            decltype(one.fields) fields{
                {"ETag", tag}, {"Accept-Ranges", "bytes"}, {"Vary", "Accept-Encoding"}};
            const auto fields_of_parts = fields;
            fields.emplace_back("Content-Range", "bytes 2-4/10");
            CHECK(one.fields == fields);
            // 15.3.7.2: the type of the message is not that of the parts.
            const auto parts = part({"Range: bytes=7-8,0-1"});
            REQUIRE(parts.status == 206);
            CHECK(parts.content_type.starts_with("multipart/byteranges; boundary="));
            CHECK(parts.body.contains("Content-Type: text/plain; charset=utf-8\r\n"));
            CHECK(parts.fields == fields_of_parts);
            // All of them where the client may have nothing, or something else.
            for (const char* const line : {"X: y", "If-Range: \"other\""}) {
                const auto whole = site.ask("/a.txt", {"Range: bytes=2-4", line});
                CHECK(whole.content_type == "text/plain; charset=utf-8");
                CHECK(whole["Last-Modified"] == site.ask("/a.txt")["Last-Modified"]);
                CHECK(whole["Accept-Ranges"] == "bytes");
            }
        });
    }

    TEST_CASE("a part for If-Range says Cache-Control, and not the coding: RFC 9110, 15.3.7") {
        site_drive site;
        REQUIRE(site.options().cache_control.add("*", "no-cache"));
        site.files.write("a.css", "0123456789");
        site.files.write("a.css.gz", "coded");
        const std::string gzip = "Accept-Encoding: gzip";
        const std::string tag = site.ask("/a.css", {gzip})["ETag"];
        const auto whole = site.ask("/a.css", {gzip, "Range: bytes=1-"});
        CHECK(whole["Content-Encoding"] == "gzip");
        const auto part = site.ask("/a.css", {gzip, "Range: bytes=1-", "If-Range: " + tag});
        CHECK(part.status == 206);
        CHECK(part.body == "oded");
        CHECK(part["Content-Encoding"].empty());
        CHECK(part["Cache-Control"] == "no-cache");
        CHECK(part["ETag"] == tag);
    }

    TEST_CASE("the conditions are asked in their order") {
        check_both_ways([](site_drive& site) {
            const std::string tag = site.ask("/a.txt")["ETag"];
            const std::string date = site.ask("/a.txt")["Last-Modified"];
            const auto status = [&](const std::vector<std::string>& lines) {
                return site.ask("/a.txt", lines).status;
            };
            CHECK(status({"If-Match: " + tag}) == 200);
            CHECK(status({"If-Match: *"}) == 200);
            CHECK(status({"If-Match: \"other\""}) == 412);
            CHECK(status({std::string("If-Unmodified-Since: ") + old_date}) == 412);
            CHECK(status({"If-Unmodified-Since: " + date}) == 200);
            CHECK(status({"If-None-Match: " + tag}) == 304);
            CHECK(status({"If-None-Match: W/" + tag}) == 304);
            CHECK(status({"If-None-Match: \"x\", " + tag}) == 304);
            CHECK(status({"If-None-Match: *"}) == 304);
            CHECK(status({"If-None-Match: \"other\""}) == 200);
            CHECK(status({"If-Modified-Since: " + date}) == 304);
            CHECK(status({std::string("If-Modified-Since: ") + late_date}) == 304);
            CHECK(status({std::string("If-Modified-Since: ") + old_date}) == 200);
            // RFC 9110, 13.2.2: a tag wins over a date, and each over a range.
            CHECK(status({"If-Match: " + tag, std::string("If-Unmodified-Since: ") + old_date}) ==
                  200);
            CHECK(status({"If-None-Match: \"other\"", "If-Modified-Since: " + date}) == 200);
            CHECK(status({"If-Match: \"other\"", "If-None-Match: " + tag}) == 412);
            CHECK(status({"If-None-Match: " + tag, "Range: bytes=0-1"}) == 304);
            CHECK(status({"If-Match: \"other\"", "Range: bytes=50-"}) == 412);
        });
    }

    TEST_CASE("304 has the fields that a cache needs and no others") {
        check_both_ways([](site_drive& site) {
            const std::string tag = site.ask("/a.txt")["ETag"];
            const auto reply = site.ask("/a.txt", {"If-None-Match: " + tag});
            REQUIRE(reply.status == 304);  // RFC 9110, 15.4.5.
            CHECK(reply.fields ==
                  decltype(reply.fields){{"ETag", tag}, {"Vary", "Accept-Encoding"}});
            CHECK(reply.content_type.empty());
            CHECK(reply.body.empty());
        });
    }

    TEST_CASE("what is not there has no conditions") {
        site_drive site;
        CHECK(site.ask("/none.txt", {"If-Match: *"}).status == 404);  // RFC 9110, 13.2.1.
        CHECK(site.ask("/none.txt", {"If-None-Match: *"}).status == 404);
        CHECK(site.ask("/none.txt", {"Range: bytes=0-1"}).status == 404);
    }

    TEST_CASE("an empty file has no ranges") {
        site_drive site(looking_once());
        site.files.write("empty.txt", "");
        CHECK(site.ask_twice("/empty.txt", {"Range: bytes=0-"}).status == 416);
        CHECK(site.ask("/empty.txt", {"Range: bytes=-1"}).status == 200);
    }

    TEST_CASE("a long range of what is in memory is not copied") {
        site_drive site(looking_once());
        const std::string text = rouse::test::varied_bytes(200'000);
        site.files.write("a.png", text);
        (void)site.ask("/a.png");
        const auto reply = site.ask("/a.png", {"Range: bytes=1000-180000"});
        CHECK(reply.at_once);
        CHECK(reply.body == text.substr(1'000, 179'001));
        const auto parts = site.ask("/a.png", {"Range: bytes=0-99999,100001-"});
        CHECK(parts.at_once);
        CHECK(parts.body.contains(text.substr(100'001)));
        CHECK(parts.body.size() == parts.length);
    }
}
