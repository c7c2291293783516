#include "server/setting_table.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <ostream>
#include <set>
#include <sstream>
#include <string>

#include <doctest/doctest.h>

#include "server/config_file.hpp"
#include "server/setting_value.hpp"

using namespace rouse::server;
using namespace std::chrono_literals;

namespace {

std::string read_documented() {
    const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
    std::ifstream file(root / "configs" / "roused.toml");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// "table.key" -> the comment lines above it, joined by spaces, and the value.
struct documented_key {
    std::string comment;
    std::string value;
};

std::map<std::string, documented_key> documented_keys() {
    std::map<std::string, documented_key> keys;
    std::istringstream lines(read_documented());
    std::string table;
    std::string comment;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# ")) {
            comment += (comment.empty() ? "" : " ") + line.substr(2);
            continue;
        }
        if (line.starts_with('[')) {
            table = line.substr(1, line.size() - 2);
        } else if (const std::size_t equals = line.find(" = "); equals != std::string::npos) {
            keys[table + '.' + line.substr(0, equals)] = {comment, line.substr(equals + 3)};
        }
        comment.clear();
    }
    return keys;
}

}  // namespace

TEST_SUITE_BEGIN("server/setting_table");

TEST_CASE("every setting has names of its own") {
    std::set<std::string> names;
    std::set<std::string> flags;
    std::set<std::string> variables;
    for (const setting& entry : setting_table()) {
        CHECK(names.insert(name_of(entry)).second);
        CHECK(flags.insert(flag_of(entry)).second);
        CHECK(variables.insert(environment_name_of(entry)).second);
        CHECK(find_setting(name_of(entry)) == &entry);
    }
    CHECK(find_setting("http") == nullptr);
    CHECK(find_setting("http.") == nullptr);
    CHECK(find_setting("httpxlisten") == nullptr);
    CHECK(find_setting("") == nullptr);
}

TEST_CASE("flags and variables follow from the name of a setting") {
    const auto names = [](std::string_view name) {
        const setting& entry = *find_setting(name);
        return flag_of(entry) + ' ' + environment_name_of(entry);
    };
    CHECK(names("server.shutdown_timeout") == "--shutdown-timeout ROUSED_SERVER_SHUTDOWN_TIMEOUT");
    CHECK(names("http.listen") == "--http ROUSED_HTTP_LISTEN");
    CHECK(names("echo.listen") == "--echo ROUSED_ECHO_LISTEN");
    CHECK(names("http.idle_timeout") == "--http-idle-timeout ROUSED_HTTP_IDLE_TIMEOUT");
    CHECK(names("log.level") == "--log-level ROUSED_LOG_LEVEL");
}

TEST_CASE("every default is within its own limits and written as it is printed") {
    for (const setting& entry : setting_table()) {
        CAPTURE(name_of(entry));
        settings values;
        CHECK(assign(entry, {raw_kind::plain, {std::string(entry.default_text)}}, values));
        CHECK(toml_default(entry).contains(entry.default_text));
    }
}

TEST_CASE("the defaults are the documented ones") {
    const settings values = default_settings();
    CHECK(values.server.workers == 0);
    CHECK(values.server.shutdown_timeout == 10s);
    CHECK(values.server.backlog == 1024);
    CHECK(values.server.connections_max == 100'000);
    CHECK(values.server.connections_per_address_max == 4'096);
    CHECK(values.server.user == "off");
    CHECK(values.server.group == "auto");
    REQUIRE(values.http.listen.size() == 1);
    CHECK(values.http.listen.front().to_string() == "127.0.0.1:8080");
    CHECK(values.http.header_timeout == 10s);
    CHECK(values.http.idle_timeout == 60s);
    CHECK(values.http.body_timeout == 30s);
    CHECK(values.http.body_rate_min == 240);
    CHECK(values.http.body_grace == 5s);
    CHECK(values.http.write_timeout == 30s);
    CHECK(values.http.requests_max == 100'000);
    CHECK(values.http.pipelined_requests_max == 256);
    CHECK(values.http.header_bytes_max == 16'384);
    CHECK(values.http.header_count_max == 100);
    CHECK(values.http.target_bytes_max == 8'192);
    CHECK(values.http.body_bytes_max == 67'108'864);
    REQUIRE(values.echo.listen.size() == 1);
    CHECK(values.echo.listen.front().to_string() == "127.0.0.1:7007");
    CHECK(values.echo.idle_timeout == 300s);
    CHECK(values.echo.write_timeout == 30s);
    CHECK(values.uring.buffers_max == 8'192);
    CHECK(values.uring.receive_queue_bytes_max == 65'536);
    CHECK(values.uring.entries == 1024);
    CHECK(values.uring.buffers == 512);
    CHECK(values.uring.buffer_bytes == 4096);
    CHECK((values.log.level == log_level::info));
    CHECK((values.log.format == log_format::text));
    CHECK(values.access_log.target == "off");
    CHECK((values.access_log.format == access_format::combined));
    CHECK(values.access_log.queue_bytes == 1'048'576);
    CHECK_FALSE(values.access_log.health);
}

TEST_CASE("configs/roused.toml documents every key: meaning, default, limits, flag, variable") {
    auto keys = documented_keys();
    for (const setting& entry : setting_table()) {
        const std::string name = name_of(entry);
        CAPTURE(name);
        REQUIRE(keys.contains(name));
        CHECK(keys[name].value == toml_default(entry));
        CHECK(keys[name].comment == std::string(entry.help) + " Default " + toml_default(entry) +
                                        "; " + limits_text(entry) + ". " + flag_of(entry) + ", " +
                                        environment_name_of(entry));
    }
    CHECK(keys.size() == setting_table().size());
}

TEST_CASE("configs/roused.toml reads as exactly the defaults") {
    settings_builder builder;
    read_config_text(read_documented(), "roused.toml", builder);
    builder.check_together();
    CHECK(builder.problems().empty());
    CHECK((builder.loaded().values == default_settings()));
    for (const std::string& origin : builder.loaded().origins) {
        CHECK(origin.starts_with("roused.toml:"));
    }
}

TEST_CASE("auto is at least one worker and a number is itself") {
    settings values = default_settings();
    CHECK(worker_count(values) >= 1);
    CHECK(worker_count(values) <= 256);
    values.server.workers = 7;
    CHECK(worker_count(values) == 7);
}

TEST_SUITE_END();
