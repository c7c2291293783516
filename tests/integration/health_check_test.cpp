#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/unique_fd.hpp"
#include "runtime/net/socket_option.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/sockets.hpp"

using rouse::test::daemon_end;
using rouse::test::listen_plain;
using rouse::test::run_roused;
using rouse::test::running_daemon;

namespace {

constexpr int exit_code_unhealthy = 1;
constexpr int exit_code_settings = 2;
constexpr unsigned permission_denied = 1;  // EPERM, as in a container.

// Code and standard error of `roused --health-check ARGUMENT...`, where io_uring is forbidden.
std::pair<int, std::string> check(std::vector<std::string> arguments,
                                  std::vector<std::string> variables = {}) {
    arguments.insert(arguments.begin(), "--health-check");
    const daemon_end end = run_roused({.arguments = std::move(arguments),
                                       .variables = std::move(variables),
                                       .io_uring_error = permission_denied});
    CHECK(end.out.empty());
    return {end.exit_code, end.log};
}

const std::pair<int, std::string> healthy{0, ""};

}  // namespace

TEST_SUITE_BEGIN("integration/health_check");

TEST_CASE("a daemon is healthy by its URL, and by the settings that it was started with") {
    const running_daemon running;
    const std::string http = running.http().to_string();
    CHECK(check({"http://" + http + "/healthz"}) == healthy);
    CHECK(check({"http://localhost:" + std::to_string(running.http().port()) + "/"}) == healthy);
    CHECK(check({"--http", http}) == healthy);
    CHECK(check({}, {"ROUSED_HTTP_LISTEN=0.0.0.0:" + std::to_string(running.http().port())}) ==
          healthy);
}

TEST_CASE("a daemon on a unix socket is healthy by its path and by its settings") {
    const std::string path = "unix:/tmp/roused-health-" + std::to_string(::getpid()) + ".sock";
    const running_daemon running({.arguments = {"--http", path, "--echo", "off"}});
    CHECK(check({path + ":/healthz"}) == healthy);
    CHECK(check({"--http", path}) == healthy);
}

TEST_CASE("an answer that is no success, and no answer, is one line and exit code 1") {
    std::string http;
    {
        const running_daemon running;
        http = "http://" + running.http().to_string();
        CHECK(check({http + "/status/503"}) ==
              std::pair(exit_code_unhealthy,
                        "roused: --health-check: " + http + "/status/503: answered 503\n"));
        CHECK(check({http + "/nowhere"}).second ==
              "roused: --health-check: " + http + "/nowhere: answered 404\n");
        CHECK(check({"http://" + running.echo().to_string() + "/"})
                  .second.contains("the answer is not HTTP"));
    }
    const rouse::unique_fd silent = listen_plain();
    const std::string silence = "http://" + rouse::socket_address(silent.get()).to_string() + "/";
    CHECK(check({silence}) == std::pair(exit_code_unhealthy, "roused: --health-check: " + silence +
                                                                 ": no answer within 2s\n"));
    CHECK(check({http + "/healthz"}).second.ends_with(": Connection refused\n"));
}

TEST_CASE("a URL does not need the settings to be right, and no URL does") {
    const running_daemon running;
    const std::string http = running.http().to_string();
    const std::vector<std::string> wrong{"ROUSED_SERVER_WORKERS=many",
                                         "ROUSED_CONFIG=/nonexistent"};
    CHECK(check({"http://" + http + "/healthz"}, wrong) == healthy);
    const auto [code, text] = check({"--http", http}, wrong);
    CHECK(code == exit_code_settings);
    CHECK(text.contains("ROUSED_SERVER_WORKERS"));
    CHECK(text.contains("/nonexistent"));
}

TEST_CASE("a wrong URL, and settings that name no place to ask, are exit code 2") {
    CHECK(check({"https://127.0.0.1/"}) ==
          std::pair(exit_code_settings,
                    std::string("roused: --health-check: \"https://127.0.0.1/\" is neither "
                                "http://HOST:PORT/PATH, with an address or localhost for HOST, nor "
                                "unix:SOCKET:/PATH\n")));
    const std::string no_place = ") has no address with a port of its own: name a URL\n";
    CHECK(check({"--http", "off"}) ==
          std::pair(exit_code_settings, "roused: --health-check: http.listen (--http" + no_place));
    CHECK(check({}, {"ROUSED_HTTP_LISTEN=127.0.0.1:0"}).second ==
          "roused: --health-check: http.listen (environment ROUSED_HTTP_LISTEN" + no_place);
}

TEST_SUITE_END();
