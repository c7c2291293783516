#include "server/config_file.hpp"

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

using namespace rouse::server;
using namespace std::chrono_literals;
using lines = std::vector<std::string>;

namespace {

settings_builder read(std::string_view text) {
    settings_builder builder;
    read_config_text(text, "f", builder);
    return builder;
}

lines problems_of(std::string_view text) {
    return read(text).problems();
}

std::string problem_of_text(std::string_view text) {
    const lines problems = problems_of(text);
    return problems.size() == 1 ? problems.front() : std::to_string(problems.size()) + " problems";
}

}  // namespace

TEST_SUITE_BEGIN("server/config_file");

TEST_CASE("a file sets what it names and leaves the rest") {
    const settings_builder builder = read(
        "[http]\n"
        "listen = [\"[::1]:0\",\n  \"unix:/run/a\"]\n"
        "idle_timeout = \"90s\"\n"
        "body_bytes_max = 1000\n"
        "[server]\n"
        "workers = 3\n"
        "[log]\nlevel = \"debug\"\n");
    CHECK(builder.problems().empty());
    const loaded_settings& loaded = builder.loaded();
    settings expected = default_settings();
    expected.http.listen = {rouse::address::parse("[::1]:0").value(),
                            rouse::address::parse("unix:/run/a").value()};
    expected.http.idle_timeout = 90s;
    expected.http.body_bytes_max = 1000;
    expected.server.workers = 3;
    expected.log.level = log_level::debug;
    CHECK((loaded.values == expected));
    CHECK(loaded.origin_of("http.listen") == "f:2");
    CHECK(loaded.origin_of("http.idle_timeout") == "f:4");
    CHECK(loaded.origin_of("log.level") == "f:9");
    CHECK(loaded.origin_of("log.format") == "default");
}

TEST_CASE("a list may be off, empty or one address") {
    CHECK(read("[http]\nlisten = \"off\"").loaded().values.http.listen.empty());
    CHECK(read("[http]\nlisten = []").loaded().values.http.listen.empty());
    CHECK(read("[http]\nlisten = \"127.0.0.1:1\"").loaded().values.http.listen.size() == 1);
}

TEST_CASE("an empty file changes nothing") {
    CHECK((read("").loaded().values == default_settings()));
    CHECK((read("# nothing\n[http]\n").loaded().values == default_settings()));
}

TEST_CASE("an unknown key or table is named with its place and its nearest neighbour") {
    CHECK(problem_of_text("[http]\nidle_timout = \"1s\"") ==
          "f:2:1: unknown key \"idle_timout\" in [http] (did you mean idle_timeout?)");
    CHECK(problem_of_text("\n[htpp]\na = 1\nb = 2") ==
          "f:2:2: unknown table \"htpp\" (did you mean http?)");
    CHECK(problem_of_text("colour = 1") == "f:1:1: unknown key \"colour\"");
    CHECK(problem_of_text("[http]\nlisten.more = 1") ==
          "f:2:1: http.listen: a value of the wrong type (table): want a list of up to 64 "
          "addresses, or \"off\"");
}

TEST_CASE("a key above its table is shown where it belongs") {
    CHECK(problem_of_text("workers = 1") ==
          "f:1:1: \"workers\" belongs in a table: write it below [server]");
    CHECK(problem_of_text("listen = \"off\"") ==
          "f:1:1: \"listen\" belongs in a table: write it below [http] or [echo]");
    CHECK(problem_of_text("server = 1") == "f:1:10: \"server\" is a table: write [server]");
}

TEST_CASE("a value of the wrong type is named with what is allowed") {
    CHECK(problem_of_text("[server]\nworkers = \"3\"") ==
          "f:2:11: server.workers: \"3\" is text: want a whole number from 1 to 256 or \"auto\"");
    CHECK(problem_of_text("[server]\nworkers = 1.5") ==
          "f:2:11: server.workers: 1.5 is a value of the wrong type (floating-point): want a whole "
          "number from 1 to 256 or \"auto\"");
    CHECK(problem_of_text("[server]\nworkers = [1]")
              .starts_with("f:2:12: server.workers: 1 is a value"));
    CHECK(problem_of_text("[server]\nworkers = [\"1\"]")
              .starts_with("f:2:11: server.workers: a list"));
    CHECK(problem_of_text("[http]\nidle_timeout = 10") ==
          "f:2:16: http.idle_timeout: 10 is not a duration: want a duration from 1ms to 24h in ms, "
          "s, m or h");
    CHECK(problem_of_text("[log]\nlevel = true")
              .starts_with("f:2:9: log.level: true is a value of the wrong type (boolean)"));
    CHECK(problem_of_text("[http]\nlisten = [\"127.0.0.1:80\", 80]")
              .starts_with("f:2:27: http.listen: 80 is a value of the wrong type (integer)"));
    CHECK(
        problem_of_text("[http]\nlisten = 80").starts_with("f:2:10: http.listen: 80 is a number"));
}

TEST_CASE("a value beyond its limits is named with them") {
    CHECK(problem_of_text("[uring]\nentries = 32") ==
          "f:2:11: uring.entries: 32 is out of range: want a power of two from 64 to 32768");
    CHECK(problem_of_text("[uring]\nentries = 65536").contains("65536 is out of range"));
    CHECK(problem_of_text("[uring]\nentries = -64").contains("-64 is out of range"));
    CHECK(problem_of_text("[uring]\nentries = 100").contains("100 is not a power of two"));
    CHECK(
        problem_of_text("[uring]\nbuffer_bytes = 511") ==
        "f:2:16: uring.buffer_bytes: 511 is out of range: want a size from 512 to 64KiB in bytes, "
        "KiB, MiB, GiB or TiB");
    CHECK(
        problem_of_text("[uring]\nbuffer_bytes = \"65KiB\"").contains("\"65KiB\" is out of range"));
    CHECK(problem_of_text("[uring]\nbuffer_bytes = \"4 KiB\"").contains("\"4 KiB\" is not a size"));
    CHECK(problem_of_text("[server]\nshutdown_timeout = \"61m\"")
              .contains("\"61m\" is out of range"));
    CHECK(problem_of_text("[server]\nworkers = 0").contains("0 is out of range"));
    CHECK(problem_of_text("[log]\nlevel = \"INFO\"") ==
          "f:2:9: log.level: \"INFO\" is not known: want one of error, warn, info, debug");
    CHECK(problem_of_text("[http]\nlisten = [\"*:1\"]")
              .starts_with("f:2:10: http.listen: \"*:1\" is not"));
}

TEST_CASE("the limits themselves are allowed") {
    CHECK(problems_of("[uring]\nentries = 64\nbuffers = 32768\nbuffer_bytes = 512\n"
                      "[server]\nworkers = 256\nshutdown_timeout = \"0s\"\nbacklog = 65535\n"
                      "[http]\nbody_bytes_max = \"1TiB\"\nidle_timeout = \"24h\"")
              .empty());
}

TEST_CASE("every problem of a file is reported, in the order of its lines") {
    CHECK(
        problems_of("[uring]\nentries = 1\nbogus = 1\n[log]\nlevel = 3\n[http]\na = 1\nlisten = 2")
            .size() == 5);
    const lines problems = problems_of("[log]\nlevel = 3\n[echo]\nz = 1\na = 1");
    REQUIRE(problems.size() == 3);
    CHECK(problems[0].starts_with("f:2:9: "));
    CHECK(problems[1].starts_with("f:4:1: "));
    CHECK(problems[2].starts_with("f:5:1: "));
}

TEST_CASE("a value with a problem leaves what was there") {
    const settings_builder builder = read("[http]\nidle_timeout = \"x\"");
    CHECK(builder.loaded().values.http.idle_timeout == 60s);
    CHECK(builder.loaded().origin_of("http.idle_timeout") == "default");
}

TEST_CASE("an error of syntax is named with its place") {
    CHECK(problem_of_text("[http]\nlisten = [").starts_with("f:2:"));
    CHECK(problem_of_text("[http]\nlisten = \"off\"\nlisten = \"off\"").starts_with("f:3:"));
    CHECK(problem_of_text("[http\n").starts_with("f:1:"));
    CHECK(problem_of_text("[log]\nlevel = \"\xff\"").starts_with("f:2:"));
}

TEST_CASE("a problem is one line, whatever stands in the file and in its name") {
    CHECK(problem_of_text("[http]\nbody_timeout = i\x01\n") ==
          R"(f:2:17: Error while parsing floating-point: expected 'inf', saw 'i\u0001')");
    settings_builder builder;
    read_config_text("x = 1\n", "a\nb\xff", builder);
    REQUIRE(builder.problems().size() == 1);
    CHECK(builder.problems()[0] == "a\\nb\uFFFD:1:1: unknown key \"x\"");
}

TEST_CASE("the deepest key that a file has room for is refused, and is not the end of the stack") {
    std::string text;
    while (text.size() + 5 < config_bytes_max) {
        text += "a.";
    }
    text += "a=1\n";
    CHECK(problem_of_text(text) == "f:1:1: unknown table \"a\"");
}

TEST_CASE("a file that cannot be read is named with who asked for it") {
    settings_builder builder;
    read_config_file("/nonexistent/roused.toml", "--config", builder);
    read_config_file("/", "environment ROUSED_CONFIG", builder);
    REQUIRE(builder.problems().size() == 2);
    CHECK(builder.problems()[0] ==
          "--config: cannot read \"/nonexistent/roused.toml\": No such file or directory");
    CHECK(builder.problems()[1] == "environment ROUSED_CONFIG: cannot read \"/\": Is a directory");
    CHECK(builder.loaded().config_file.empty());
}

TEST_CASE("a file beyond the limit is refused") {
    settings_builder builder;
    read_config_file("/dev/zero", "--config", builder);
    REQUIRE(builder.problems().size() == 1);
    CHECK(builder.problems()[0] == "--config: \"/dev/zero\" is larger than 32768 bytes");
}

TEST_SUITE_END();
