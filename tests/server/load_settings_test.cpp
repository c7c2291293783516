#include "server/load_settings.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/unique_fd.hpp"
#include "server/config_file.hpp"
#include "server/print_config.hpp"
#include "tests/server/load_texts.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/seccomp.hpp"

using namespace rouse::server;
using rouse::test::load;
using rouse::test::refusal;
using rouse::test::texts;
using namespace std::chrono_literals;

namespace {

std::string listen_text(const std::vector<rouse::address>& listen) {
    std::string text;
    for (const rouse::address& each : listen) {
        text += (text.empty() ? "" : " ") + each.to_string();
    }
    return text;
}

// A file that is there for the time of one test.
class temporary_file {
   public:
    explicit temporary_file(std::string_view text) {
        const rouse::unique_fd file(::mkstemp(path_.data()));
        REQUIRE(file);
        REQUIRE(::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;
    ~temporary_file() { ::unlink(path_.c_str()); }

    [[nodiscard]] const std::string& path() const { return path_; }

   private:
    std::string path_ = "/tmp/rouse_settings_XXXXXX";
};

}  // namespace

TEST_SUITE_BEGIN("server/load_settings");

TEST_CASE("nothing set is the defaults") {
    const auto loaded = load({});
    REQUIRE(loaded);
    CHECK((loaded->values == default_settings()));
    CHECK(loaded->warnings.empty());
    CHECK(loaded->config_file.empty());
    for (const std::string& origin : loaded->origins) {
        CHECK(origin == "default");
    }
    const char* const argv[] = {"roused"};
    CHECK(load_settings(1, argv, nullptr).has_value());
}

TEST_CASE("arguments override the environment, which overrides the file, and each is remembered") {
    const temporary_file file(
        "[http]\nheader_timeout = \"1s\"\nidle_timeout = \"1s\"\nbody_timeout = \"1s\"\n");
    const auto loaded = load({"--config", file.path(), "--http-body-timeout", "3s"},
                             {"ROUSED_HTTP_IDLE_TIMEOUT=2s", "ROUSED_HTTP_BODY_TIMEOUT=2s"});
    REQUIRE(loaded);
    CHECK(loaded->values.http.write_timeout == 30s);
    CHECK(loaded->values.http.header_timeout == 1s);
    CHECK(loaded->values.http.idle_timeout == 2s);
    CHECK(loaded->values.http.body_timeout == 3s);
    CHECK(loaded->origin_of("http.write_timeout") == "default");
    CHECK(loaded->origin_of("http.header_timeout") == file.path() + ":2");
    CHECK(loaded->origin_of("http.idle_timeout") == "environment ROUSED_HTTP_IDLE_TIMEOUT");
    CHECK(loaded->origin_of("http.body_timeout") == "--http-body-timeout");
    CHECK(loaded->config_file == file.path());
}

TEST_CASE("the environment may name the file and --config overrides it") {
    const temporary_file one("[server]\nworkers = 1\n");
    const temporary_file two("[server]\nworkers = 2\n");
    CHECK(load({}, {"ROUSED_CONFIG=" + one.path()})->values.server.workers == 1);
    CHECK(load({"--config", two.path()}, {"ROUSED_CONFIG=" + one.path()})->values.server.workers ==
          2);
    CHECK(refusal({}, {"ROUSED_CONFIG=/nonexistent"}) ==
          "roused: environment ROUSED_CONFIG: cannot read \"/nonexistent\": "
          "No such file or directory\n");
    CHECK(refusal({"--config", "/nonexistent"}) ==
          "roused: --config: cannot read \"/nonexistent\": No such file or directory\n");
}

TEST_CASE("--http and --echo collect, and take the place of other sources") {
    const texts variables{"ROUSED_HTTP_LISTEN=127.0.0.1:1,127.0.0.1:2"};
    CHECK(listen_text(load({}, variables)->values.http.listen) == "127.0.0.1:1 127.0.0.1:2");
    CHECK(
        listen_text(load({"--http", "[::1]:0", "--http=unix:@a"}, variables)->values.http.listen) ==
        "[::1]:0 unix:@a");
    CHECK(load({"--http", "off"}, variables)->values.http.listen.empty());
    CHECK(load({"--echo", "off"})->values.echo.listen.empty());
    CHECK(load({}, {"ROUSED_ECHO_LISTEN=off"})->values.echo.listen.empty());
    CHECK(listen_text(
              load({}, {"ROUSED_HTTP_LISTEN= 127.0.0.1:1 , 127.0.0.1:2 "})->values.http.listen) ==
          "127.0.0.1:1 127.0.0.1:2");
}

TEST_CASE("every setting has a working flag and variable") {
    for (const setting& entry : setting_table()) {
        const std::string text(entry.default_text);
        CAPTURE(name_of(entry));
        const auto by_flag = load({flag_of(entry), text});
        REQUIRE(by_flag);
        CHECK(by_flag->origin_of(name_of(entry)) == flag_of(entry));
        const auto by_variable = load({}, {environment_name_of(entry) + '=' + text});
        REQUIRE(by_variable);
        CHECK(by_variable->origin_of(name_of(entry)) ==
              "environment " + environment_name_of(entry));
    }
}

TEST_CASE("a flag given twice counts with its last value") {
    CHECK(load({"--workers", "3", "--workers=4"})->values.server.workers == 4);
}

TEST_CASE("a bad value is named with its flag or variable") {
    CHECK(refusal({"--workers", "0"}) ==
          "roused: --workers: server.workers: \"0\" is out of range: want a whole number from 1 to "
          "256 or \"auto\"\n");
    CHECK(refusal({"--workers", "99999999999999999999"}).contains("is out of range"));
    CHECK(refusal({"--workers", "4x"}).contains("\"4x\" is not a whole number"));
    CHECK(refusal({}, {"ROUSED_LOG_LEVEL=loud"}) ==
          "roused: environment ROUSED_LOG_LEVEL: log.level: \"loud\" is not known: want one of "
          "error, warn, info, debug\n");
    CHECK(refusal({"--http", "[::1]"}).contains("\"[::1]\" is not an address"));
    CHECK(refusal({}, {"ROUSED_HTTP_LISTEN=127.0.0.1:1,"}).contains("\"\" is not an address"));
}

TEST_CASE("problems of all sources are reported together") {
    const temporary_file file("[server]\nbogus = 1\nworkers = 0\n");
    CHECK(
        refusal({"--config", file.path(), "--log-level", "x"}, {"ROUSED_URING_ENTRIES=3"}) ==
        "roused: " + file.path() + ":2:1: unknown key \"bogus\" in [server]\n" +
            "roused: " + file.path() +
            ":3:11: server.workers: 0 is out of range: want a whole number from 1 to 256 or "
            "\"auto\"\n"
            "roused: environment ROUSED_URING_ENTRIES: uring.entries: \"3\" is out of range: want "
            "a power of two from 64 to 32768\n"
            "roused: --log-level: log.level: \"x\" is not known: want one of error, warn, info, "
            "debug\n");
}

TEST_CASE("an unknown argument is named with its nearest neighbour") {
    CHECK(refusal({"--htttp", "x"}) ==
          "roused: unknown argument \"--htttp\" (did you mean --http?)\n"
          "roused: unknown argument \"x\"\nSee roused --help.\n");
    CHECK(refusal({"--confg=/x"}).contains("(did you mean --config?)"));
    CHECK(refusal({"serve"}) == "roused: unknown argument \"serve\"\nSee roused --help.\n");
    CHECK(refusal({"--http", "127.0.0.1:1", "127.0.0.1:2"}).contains("argument \"127.0.0.1:2\""));
}

TEST_CASE("a flag without its value is named") {
    CHECK(refusal({"--config"}).contains("--config"));
    CHECK(refusal({"--config=", "--check"}) ==
          "roused: \"--config=\" has no value behind the =\nSee roused --help.\n");
    CHECK(refusal({"--check=maybe"}).contains("--check"));
}

TEST_CASE("an unknown variable is a warning, and those that Kubernetes sets are none") {
    const auto loaded =
        load({}, {"ROUSED_HTP_LISTEN=x", "ROUSED_PORT=tcp://10.0.0.1:80", "HOME=/", "ROUSED",
                  "ROUSED_SERVICE_HOST=10.0.0.1", "ROUSED_SERVICE_PORT_HTTP=80",
                  "ROUSED_PORT_80_TCP_ADDR=10.0.0.1"});
    REQUIRE(loaded);
    REQUIRE(loaded->warnings.size() == 1);
    CHECK(loaded->warnings[0] ==
          "environment variable \"ROUSED_HTP_LISTEN\" is not known and has no effect (did you mean "
          "ROUSED_HTTP_LISTEN?)");
}

TEST_CASE("an empty variable is not set") {
    const auto loaded = load({}, {"ROUSED_HTTP_LISTEN=", "ROUSED_CONFIG=", "ROUSED_LOG_LEVEL="});
    REQUIRE(loaded);
    CHECK((loaded->values == default_settings()));
}

TEST_CASE("a daemon with nothing to serve does not start") {
    CHECK(refusal({"--http", "off"}, {"ROUSED_ECHO_LISTEN=off"}) ==
          "roused: --http: http.listen is off and so is echo.listen (environment "
          "ROUSED_ECHO_LISTEN): there is nothing to serve\n");
}

TEST_CASE("HTTP and echo do not share an address") {
    CHECK(refusal({"--http", "127.0.0.1:7007"}) ==
          "roused: --http: http.listen has 127.0.0.1:7007, which echo.listen (default) has too\n");
    CHECK(refusal({"--http", "unix:a", "--echo", "unix:a"}).contains("unix:a"));
    CHECK(load({"--http", "127.0.0.1:0", "--echo", "127.0.0.1:0"}).has_value());
}

TEST_CASE("--check says ok or what is wrong") {
    const auto good = load({"--check"});
    REQUIRE_FALSE(good);
    CHECK(good.error().code == 0);
    CHECK(good.error().out == "ok\n");
    CHECK(good.error().err.empty());
    CHECK(refusal({"--check", "--backlog", "0"}).contains("--backlog"));
    CHECK(load({"--check"}, {"ROUSED_X=1"}).error().err.starts_with("roused: warning: "));
}

TEST_CASE("--print-config prints each value with its origin") {
    const auto printed = load({"--print-config", "--backlog", "7"}, {"ROUSED_ECHO_LISTEN=off"});
    REQUIRE_FALSE(printed);
    CHECK(printed.error().code == 0);
    CHECK(printed.error().err.empty());
    const std::string& out = printed.error().out;
    CHECK(
        out.starts_with("[server]\n"
                        "workers = \"auto\"                          # default\n"
                        "backend = \"auto\"                          # default\n"
                        "shutdown_timeout = \"10s\"                  # default\n"
                        "backlog = 7                               # --backlog\n"));
    CHECK(
        out.contains("\n\n[echo]\n"
                     "listen = \"off\"                            "
                     "# environment ROUSED_ECHO_LISTEN\n"));
}

TEST_CASE("--print-config says which backend there is here, and why it is not another") {
    const auto chosen = load({"--print-config", "--backend", "epoll"});
    REQUIRE_FALSE(chosen);
    CHECK(chosen.error().out.contains("\n# backend here: epoll: asio-"));
    CHECK_FALSE(chosen.error().out.contains("\n# why: "));
    const rouse::test::child_end forbidden = rouse::test::run_in_child([](int out) {
        if (!rouse::test::forbid_io_uring(EPERM)) {
            return 123;
        }
        const auto printed = load({"--print-config"});
        const auto refused = load({"--print-config", "--backend", "io_uring"});
        const std::string all = printed.error().out + refused.error().out;
        return ::write(out, all.data(), all.size()) > 0 ? 0 : 124;
    });
    CHECK(forbidden.exit_code == 0);
    CHECK(forbidden.output.contains("\n# backend here: epoll: asio-"));
    CHECK(forbidden.output.contains("\n# why: io_uring_setup: Operation not permitted: "));
    CHECK(forbidden.output.contains("\n# backend here: none: io_uring_setup: "));
}

TEST_CASE("what --print-config prints reads back as the same settings") {
    const auto printed = load({"--print-config",
                               "--workers",
                               "5",
                               "--shutdown-timeout",
                               "1500ms",
                               "--http",
                               "[fe80::1%1]:80",
                               "--http",
                               "unix:/run/a \"b\"\\\n",
                               "--http",
                               "unix:@abstract",
                               "--echo",
                               "off",
                               "--http-body-bytes-max",
                               "12345",
                               "--uring-buffer-bytes",
                               "65536",
                               "--log-level",
                               "debug",
                               "--log-format",
                               "json"});
    REQUIRE_FALSE(printed);
    const temporary_file file(printed.error().out);
    const auto again = load({"--config", file.path()});
    REQUIRE(again);
    CHECK(again->values.server.workers == 5);
    CHECK(again->values.server.shutdown_timeout == 1500ms);
    REQUIRE(again->values.http.listen.size() == 3);
    CHECK(again->values.http.listen[1].unix_path() == "/run/a \"b\"\\\n");
    CHECK(again->values.echo.listen.empty());
    CHECK(again->values.http.body_bytes_max == 12'345);
    CHECK((again->values.log.format == log_format::json));

    loaded_settings plain = *again;
    plain.origins.assign(plain.origins.size(), "a\nlisten = 1");
    settings_builder builder;
    read_config_text(print_config(plain), "f", builder);
    CHECK(builder.problems().empty());
    CHECK((builder.loaded().values == again->values));
}

TEST_CASE("--help describes every flag and --version is one line") {
    const auto help = load({"--help"});
    REQUIRE_FALSE(help);
    CHECK(help.error().code == 0);
    CHECK(help.error().err.empty());
    for (const setting& entry : setting_table()) {
        CHECK(help.error().out.contains("  " + flag_of(entry) + ' '));
    }
    for (const char* flag : {"--config", "--check", "--print-config", "--version"}) {
        CHECK(help.error().out.contains(flag));
    }
    const auto version = load({"--version"});
    REQUIRE_FALSE(version);
    CHECK(version.error().code == 0);
    CHECK(version.error().out.starts_with("roused "));
    CHECK(version.error().out.find('\n') == version.error().out.size() - 1);
}

TEST_CASE("a line break in an argument makes no line of a message") {
    CHECK(refusal({"--check=\n"}) ==
          "roused: Could not convert: --check = \\n\nSee roused --help.\n");
}

TEST_SUITE_END();
