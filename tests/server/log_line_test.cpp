#include "server/log_line.hpp"

#include <chrono>
#include <limits>
#include <ostream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/error.hpp"

using namespace rouse::server;
using namespace std::chrono_literals;

namespace {

constexpr auto new_year = std::chrono::sys_days(std::chrono::January / 1 / 2026) + 0ms;

std::string text_of(const std::vector<log_field>& fields) {
    return log_line(log_format::text, log_level::info, new_year, "e", fields)
        .substr(std::string_view("2026-01-01T00:00:00.000Z info e").size());
}

std::string json_of(const std::vector<log_field>& fields) {
    return log_line(log_format::json, log_level::info, new_year, "e", fields)
        .substr(std::string_view(R"({"time":"2026-01-01T00:00:00.000Z","level":"info","event":"e")")
                    .size());
}

}  // namespace

TEST_SUITE_BEGIN("server/log_line");

TEST_CASE("an event is one line of text or of JSON") {
    const auto where = rouse::address::parse("127.0.0.1:8080").value();
    const std::vector<log_field> fields{{"protocol", "http"}, {"address", where}};
    CHECK(log_line(log_format::text, log_level::info, new_year, "listening", fields) ==
          "2026-01-01T00:00:00.000Z info listening protocol=http address=127.0.0.1:8080\n");
    CHECK(log_line(log_format::json, log_level::warn, new_year, "listening", fields) ==
          R"({"time":"2026-01-01T00:00:00.000Z","level":"warn","event":"listening",)"
          R"("protocol":"http","address":"127.0.0.1:8080"})"
          "\n");
    CHECK(log_line(log_format::text, log_level::error, new_year, "draining", {}) ==
          "2026-01-01T00:00:00.000Z error draining\n");
}

TEST_CASE("times are UTC with milliseconds") {
    const auto time_of = [](std::chrono::system_clock::time_point time) {
        return log_line(log_format::text, log_level::debug, time, "e", {}).substr(0, 24);
    };
    CHECK(time_of({}) == "1970-01-01T00:00:00.000Z");
    CHECK(time_of(std::chrono::sys_days(std::chrono::February / 29 / 2028) + 23h + 59min + 58s +
                  7ms + 999us) == "2028-02-29T23:59:58.007Z");
}

TEST_CASE("values keep their type in JSON") {
    const std::vector<log_field> fields{{"flag", true},
                                        {"least", std::numeric_limits<std::int64_t>::min()},
                                        {"most", std::numeric_limits<std::uint64_t>::max()},
                                        {"count", 3},
                                        {"wait", 1500ms},
                                        {"error", rouse::make_error_code(rouse::errc::closed)}};
    CHECK(text_of(fields) ==
          " flag=true least=-9223372036854775808 most=18446744073709551615 count=3 wait=1500ms "
          "error=\"the other side is closed\"\n");
    CHECK(json_of(fields) ==
          R"(,"flag":true,"least":-9223372036854775808,"most":18446744073709551615,"count":3,)"
          R"("wait":"1500ms","error":"the other side is closed"})"
          "\n");
    CHECK(text_of({{"off", false}, {"wait", -5ms}}) == " off=false wait=0s\n");
}

TEST_CASE("a value that is not one plain word is quoted") {
    CHECK(text_of({{"a", ""}}) == " a=\"\"\n");
    CHECK(text_of({{"a", "two words"}}) == " a=\"two words\"\n");
    CHECK(text_of({{"a", "say \"x\""}}) == " a=\"say \\\"x\\\"\"\n");
    CHECK(text_of({{"a", "b=c"}}) == " a=\"b=c\"\n");
    CHECK(text_of({{"a", "back\\slash"}}) == " a=\"back\\\\slash\"\n");
    CHECK(text_of({{"a", "/plain?path#1,[::1]:80"}}) == " a=/plain?path#1,[::1]:80\n");
}

TEST_CASE("a peer cannot forge a line or send a terminal commands") {
    const std::string hostile = "x\n2026-01-01T00:00:00.000Z info fake\x1b[2J\r\x7f";
    CHECK(text_of({{"a", hostile}}) ==
          " a=\"x\\n2026-01-01T00:00:00.000Z info fake\\u001b[2J\\r\\u007f\"\n");
    CHECK(json_of({{"a", hostile}}) ==
          ",\"a\":\"x\\n2026-01-01T00:00:00.000Z info fake\\u001b[2J\\r\\u007f\"}\n");
}

TEST_CASE("JSON text is escaped for every control character") {
    for (int value = 0; value < 0x20; ++value) {
        const std::string line = json_of({{"a", std::string(1, static_cast<char>(value))}});
        CAPTURE(value);
        CHECK(line.find(static_cast<char>(value)) == (value == '\n' ? line.size() - 1 : line.npos));
        CHECK(line.starts_with(",\"a\":\"\\"));
    }
    CHECK(json_of({{"a", "\"\\/\u00e9"}}) == ",\"a\":\"\\\"\\\\/\u00e9\"}\n");
    CHECK(json_of({{"a", "\xff"}}) == ",\"a\":\"\uFFFD\"}\n");
}

TEST_CASE("a long value is cut") {
    const std::string longest(log_value_bytes_max, 'a');
    CHECK(text_of({{"a", longest}}) == " a=" + longest + "\n");
    CHECK(text_of({{"a", longest + "b"}}) == " a=\"" + longest + "...\"\n");
    CHECK(json_of({{"a", longest + "b"}}) == ",\"a\":\"" + longest + "...\"}\n");
}

TEST_SUITE_END();
