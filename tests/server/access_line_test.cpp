#include "server/access_line.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "runtime/net/address.hpp"
#include "tests/support/allocation_count.hpp"

using namespace rouse::server;
using namespace std::chrono_literals;
using rouse::address;
using rouse::ip_address;
using rouse::http::access_record;
using rouse::http::header_field;
using rouse::http::request_head;
using rouse::test::allocation_count;

namespace {

constexpr auto moment = std::chrono::sys_days(std::chrono::October / 10 / 2000) + 13h + 55min +
                        36s + std::chrono::milliseconds(7);

ip_address ip(const char* text) {
    return ip_address(address::parse(text).value());
}

/// A request that a test changes before it is logged.
struct logged {
    std::vector<header_field> headers{{"Host", "example.org"},
                                      {"Referer", "https://example.org/from"},
                                      {"User-Agent", "curl/8.0"}};
    request_head head;
    access_record record;
    bool is_understood = true;

    logged() {
        head.method_name = "GET";
        head.target = "/a?b";
        head.host = "example.org";
        record.peer = ip("192.0.2.1:1");
        record.status = 200;
        record.body_bytes = 13;
    }
    [[nodiscard]] std::string line(access_format format) {
        head.headers = headers;
        record.head = is_understood ? &head : nullptr;
        access_time time;
        time.set(moment);
        // Of just that size, so that ASan sees a byte too many.
        const auto room = std::make_unique_for_overwrite<std::array<char, access_line_bytes_max>>();
        return std::string(write_access_line(format, record, time, *room));
    }
    [[nodiscard]] std::string combined() { return line(access_format::combined); }
    [[nodiscard]] std::string json() { return line(access_format::json); }
};

std::string combined_time(std::chrono::sys_time<std::chrono::milliseconds> now) {
    access_time time;
    time.set(now);
    return std::string(time.combined());
}

std::string rfc3339_time(std::chrono::sys_time<std::chrono::milliseconds> now) {
    access_time time;
    time.set(now);
    return std::string(time.rfc3339());
}

constexpr std::string_view combined_begin = "192.0.2.1 - - [10/Oct/2000:13:55:36 +0000] ";

}  // namespace

TEST_SUITE_BEGIN("server/access_line");

TEST_CASE("an answer is one line in the combined format of Apache and nginx") {
    logged request;
    CHECK(request.combined() ==
          "192.0.2.1 - - [10/Oct/2000:13:55:36 +0000] \"GET /a?b HTTP/1.1\" 200 13 "
          "\"https://example.org/from\" \"curl/8.0\"\n");
    request.head.minor_version = 0;
    request.headers.clear();
    request.record.status = 404;
    request.record.body_bytes = UINT64_MAX;
    CHECK(request.combined() ==
          "192.0.2.1 - - [10/Oct/2000:13:55:36 +0000] \"GET /a?b HTTP/1.0\" 404 "
          "18446744073709551615 \"-\" \"-\"\n");
}

TEST_CASE("an answer is one object in the JSON format") {
    logged request;
    request.record.took = 1'234'567ns;
    CHECK(request.json() ==
          R"({"time":"2000-10-10T13:55:36.007Z","peer":"192.0.2.1","user":"-","method":"GET",)"
          R"("target":"/a?b","protocol":"HTTP/1.1","status":200,"bytes":13,"duration_us":1234,)"
          R"("referer":"https://example.org/from","user_agent":"curl/8.0","host":"example.org",)"
          R"("cut":false})"
          "\n");
    request.headers.clear();
    request.head.host = {};
    request.record.user = "Aladdin";
    request.record.is_cut = true;
    request.record.took = -5s;
    CHECK(request.json() ==
          R"({"time":"2000-10-10T13:55:36.007Z","peer":"192.0.2.1","user":"Aladdin",)"
          R"("method":"GET",)"
          R"("target":"/a?b","protocol":"HTTP/1.1","status":200,"bytes":13,"duration_us":0,)"
          R"("referer":"-","user_agent":"-","host":"-","cut":true})"
          "\n");
}

TEST_CASE("a request that could not be understood has no fields") {
    logged request;
    request.is_understood = false;
    request.record.status = 400;
    CHECK(request.combined() == std::string(combined_begin) + "\"-\" 400 13 \"-\" \"-\"\n");
    CHECK(request.json() ==
          R"({"time":"2000-10-10T13:55:36.007Z","peer":"192.0.2.1","user":"-","method":"-",)"
          R"("target":"-","protocol":"-","status":400,"bytes":13,"duration_us":0,"referer":"-",)"
          R"("user_agent":"-","host":"-","cut":false})"
          "\n");
}

TEST_CASE("a peer is written as inet_ntop writes it, and as - when it has no address") {
    const auto peer_of = [](const ip_address& peer) {
        logged request;
        request.record.peer = peer;
        const std::string line = request.combined();
        CHECK(request.json().contains("\"peer\":\"" + line.substr(0, line.find(' ')) + '"'));
        return line.substr(0, line.find(' '));
    };
    for (const char* const text : {"0.0.0.0", "1.2.3.4", "10.0.99.100", "255.255.255.255"}) {
        CHECK(peer_of(ip((std::string(text) + ":1").c_str())) == text);
    }
    CHECK(peer_of(ip("[2001:db8::1]:1")) == "2001:db8::1");
    CHECK(peer_of(ip("[1111:2222:3333:4444:5555:6666:7777:8888]:1")) ==
          "1111:2222:3333:4444:5555:6666:7777:8888");
    CHECK(peer_of(ip("[::1]:1")) == "::1");
    CHECK(peer_of(ip_address()) == "-");
}

TEST_CASE("the user is one word in combined, escaped in both formats, and cut") {
    const auto combined_user_of = [](std::string_view user) {
        logged request;
        request.record.user = user;
        const std::string line = request.combined();
        const std::size_t begin = std::string_view("192.0.2.1 - ").size();
        const std::size_t end = line.find(" [10/Oct/2000");
        CHECK(line.substr(end) == logged().combined().substr(logged().combined().find(" [10/")));
        return line.substr(begin, end - begin);
    };
    CHECK(combined_user_of("Aladdin") == "Aladdin");
    CHECK(combined_user_of("") == "-");
    CHECK(combined_user_of("a b [c]") == R"(a\x20b\x20[c])");
    CHECK(combined_user_of("\"\\\n\u00e9") == R"(\x22\x5C\x0A\xC3\xA9)");
    const std::string longest(access_user_bytes_max, 'u');
    CHECK(combined_user_of(longest) == longest);
    CHECK(combined_user_of(longest + "v") == longest + "...");
    logged request;
    for (const std::string& user : {std::string("a \"b\" \u00e9"), longest}) {
        request.record.user = user;
        CHECK(nlohmann::json::parse(request.json())["user"] == user);
    }
    const std::string longer = longest + "v";
    request.record.user = longer;
    CHECK(nlohmann::json::parse(request.json())["user"] == longest + "...");
}

TEST_CASE("the first header of a name counts, whatever its case") {
    logged request;
    request.headers = {{"REFERER", "first"}, {"user-agent", ""}, {"Referer", "second"}};
    CHECK(request.combined().ends_with("\"first\" \"\"\n"));
}

TEST_CASE("combined escapes every byte that could end a field or a line, and no other") {
    for (int value = 0; value < 256; ++value) {
        CAPTURE(value);
        const char letter = static_cast<char>(value);
        const std::string text = std::string("a") + letter + "b";
        logged request;
        request.head.target = text;
        request.headers = {{"Referer", text}, {"User-Agent", text}};
        constexpr std::string_view digits = "0123456789ABCDEF";
        const auto byte = static_cast<std::size_t>(value);
        const bool is_escaped = value < 0x20 || value >= 0x7F || letter == '"' || letter == '\\';
        std::string shown = text;
        if (is_escaped) {
            shown = {'a', '\\', 'x', digits[byte / 16], digits[byte % 16], 'b'};
        }
        std::string expected(combined_begin);
        expected.append("\"GET ").append(shown).append(" HTTP/1.1\" 200 13 \"");
        expected.append(shown).append("\" \"").append(shown).append("\"\n");
        CHECK(request.combined() == expected);
    }
}

TEST_CASE("JSON escapes every control byte, quotes and backslashes, and reads back as it was") {
    for (int value = 0; value < 0x80; ++value) {
        CAPTURE(value);
        const std::string text = std::string("a") + static_cast<char>(value) + "b";
        logged request;
        request.head.method_name = text;
        request.head.target = text;
        request.head.host = text;
        request.headers = {{"Referer", text}, {"User-Agent", text}};
        const std::string line = request.json();
        CHECK(line.find('\n') == line.size() - 1);
        const auto object = nlohmann::json::parse(line);
        for (const char* const key : {"method", "target", "host", "referer", "user_agent"}) {
            CHECK(object[key] == text);
        }
        CHECK(line.contains(value == '"'    ? R"("target":"a\"b")"
                            : value == '\\' ? R"("target":"a\\b")"
                            : value == '\n' ? R"("target":"a\nb")"
                            : value == '\r' ? R"("target":"a\rb")"
                            : value == '\t' ? R"("target":"a\tb")"
                            : value == 0x1B ? R"("target":"a\u001bb")"
                            : value == 0x7F ? R"("target":"a\u007fb")"
                                            : "\"target\":\"a"));
    }
}

TEST_CASE("JSON keeps UTF-8, escapes C1 controls, and replaces what is no UTF-8") {
    const auto target_of = [](std::string_view text) {
        logged request;
        request.head.target = text;
        const std::string line = request.json();
        CHECK(nlohmann::json::accept(line));
        constexpr std::string_view key = "\"target\":\"";
        const std::size_t begin = line.find(key) + key.size();
        return line.substr(begin, line.find("\",\"protocol\"") - begin);
    };
    CHECK(target_of("/\u00e9\u20ac\U0001F600") == "/\u00e9\u20ac\U0001F600");
    CHECK(target_of("/\u009b2J") == "/\\u009b2J");
    CHECK(target_of("/\xff/") == "/\uFFFD/");
    CHECK(target_of("\x80") == "\uFFFD");
    CHECK(target_of("/\xE2\x82") == "/\uFFFD\uFFFD");
    CHECK(target_of("\xC0\xAF") == "\uFFFD\uFFFD");
    CHECK(target_of("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");
}

TEST_CASE("a long field is cut, and not in the middle of a character") {
    const std::string longest(access_target_bytes_max, 't');
    logged request;
    request.head.target = longest;
    CHECK(request.combined().contains(" " + longest + " HTTP/1.1"));
    CHECK(request.json().contains("\"" + longest + "\""));
    const std::string longer = longest + "u";
    request.head.target = longer;
    CHECK(request.combined().contains(" " + longest + "... HTTP/1.1"));
    CHECK(request.json().contains("\"" + longest + "...\""));
    // Three bytes a character, so that the bound falls into one.
    std::string euros;
    while (euros.size() <= access_user_agent_bytes_max) {
        euros += "\u20ac";
    }
    request.headers = {{"User-Agent", euros}};
    const std::string whole = euros.substr(0, access_user_agent_bytes_max / 3 * 3);
    CHECK(request.json().contains("\"user_agent\":\"" + whole + "...\""));
    // Nothing but continuation bytes: there is no character to keep whole.
    const std::string wrong(access_user_agent_bytes_max + 1, '\x80');
    request.headers = {{"User-Agent", wrong}};
    CHECK(nlohmann::json::parse(request.json())["user_agent"].get<std::string>().size() ==
          3 * access_user_agent_bytes_max + 3);
}

TEST_CASE("the longest line of each format fits") {
    const std::string bad(10'000, '\x01');
    logged request;
    request.head.method_name = bad;
    request.head.target = bad;
    request.head.host = bad;
    request.headers = {{"Referer", bad}, {"User-Agent", bad}};
    request.record.user = bad;
    request.record.peer = ip("[1111:2222:3333:4444:5555:6666:7777:8888]:1");
    request.record.status = 599;
    request.record.body_bytes = UINT64_MAX;
    request.record.took = rouse::duration::max();
    for (const access_format format : {access_format::combined, access_format::json}) {
        const std::string line = request.line(format);
        CHECK(line.size() <= access_line_bytes_max);
        CHECK(line.ends_with('\n'));
    }
    CHECK(request.json().size() > access_line_bytes_max - 512);
}

TEST_CASE("times are UTC, in the form of each format") {
    CHECK(combined_time({}) == "01/Jan/1970:00:00:00 +0000");
    CHECK(rfc3339_time({}) == "1970-01-01T00:00:00.000Z");
    const auto leap = std::chrono::sys_days(std::chrono::February / 29 / 2028) + 23h + 59min + 58s +
                      std::chrono::milliseconds(999);
    CHECK(combined_time(leap) == "29/Feb/2028:23:59:58 +0000");
    CHECK(rfc3339_time(leap) == "2028-02-29T23:59:58.999Z");
    CHECK(rfc3339_time(std::chrono::sys_days(std::chrono::December / 31 / 1969) + 23h + 59min +
                       59s + std::chrono::milliseconds(1)) == "1969-12-31T23:59:59.001Z");
    using days = std::chrono::days;
    CHECK(rfc3339_time(std::chrono::sys_days(days(5'000'000)) + std::chrono::milliseconds(0)) ==
          "9999-12-31T23:59:59.000Z");
    CHECK(combined_time(std::chrono::sys_days(days(-5'000'000)) + std::chrono::milliseconds(0)) ==
          "01/Jan/0000:00:00:00 +0000");
}

TEST_CASE("every month has its name") {
    std::string names;
    for (unsigned month = 1; month <= 12; ++month) {
        const std::chrono::year_month_day day(std::chrono::year(2026), std::chrono::month(month),
                                              std::chrono::day(1));
        names +=
            combined_time(std::chrono::sys_days(day) + std::chrono::milliseconds(0)).substr(3, 3);
    }
    CHECK(names == "JanFebMarAprMayJunJulAugSepOctNovDec");
}

TEST_CASE("a time that is set again changes its milliseconds, seconds and days") {
    access_time time;
    time.set(moment);
    time.set(moment + 1ms);
    CHECK(time.rfc3339() == "2000-10-10T13:55:36.008Z");
    time.set(moment + 24h);
    CHECK(time.rfc3339() == "2000-10-11T13:55:36.007Z");
    CHECK(time.combined() == "11/Oct/2000:13:55:36 +0000");
    time.set(moment);
    CHECK(time.rfc3339() == "2000-10-10T13:55:36.007Z");
}

TEST_CASE("a line is written without an allocation") {
    if (!allocation_count::is_available()) {
        return;
    }
    logged request;
    request.head.headers = request.headers;
    request.record.head = &request.head;
    request.record.peer = ip("[1111:2222:3333:4444:5555:6666:7777:8888]:1");
    access_time time;
    const auto room = std::make_unique_for_overwrite<std::array<char, access_line_bytes_max>>();
    const allocation_count counted;
    time.set(moment);
    std::size_t bytes = 0;
    for (const access_format format : {access_format::combined, access_format::json}) {
        bytes += write_access_line(format, request.record, time, *room).size();
    }
    CHECK(counted.value() == 0);
    CHECK(bytes > 0);
}

TEST_SUITE_END();
