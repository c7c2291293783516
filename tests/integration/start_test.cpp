#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "runtime/net/socket_option.hpp"
#include "tests/support/client.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/http_answer.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/sockets.hpp"

using rouse::address;
using rouse::unique_fd;
using rouse::test::ask;
using rouse::test::client;
using rouse::test::daemon_end;
using rouse::test::daemon_options;
using rouse::test::daemon_process;
using rouse::test::get;
using rouse::test::listen_plain;
using rouse::test::patience;
using rouse::test::run_roused;
using rouse::test::running_daemon;

namespace {

constexpr int exit_code_settings = 2;
constexpr int exit_code_no_backend = 3;

/// A file that is removed at the end.
class temporary_file {
   public:
    explicit temporary_file(const std::string& text)
        : path_(std::filesystem::temp_directory_path() /
                ("roused-" + std::to_string(::getpid()) + ".toml")) {
        std::ofstream(path_) << text;
    }
    temporary_file(const temporary_file&) = delete;
    temporary_file& operator=(const temporary_file&) = delete;
    ~temporary_file() { std::filesystem::remove(path_); }
    [[nodiscard]] std::string path() const { return path_.string(); }

   private:
    std::filesystem::path path_;
};

// The kernel takes the ring of a killed process apart behind its end, and the listener lives until
// then: its accept holds it.
void await_refused(const address& where) {
    const patience waiting;
    int error = 0;
    while (error != ECONNREFUSED) {
        REQUIRE_FALSE(waiting.is_over());
        const unique_fd probe(::socket(where.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
        error = ::connect(probe.get(), where.data(), where.size()) == 0 ? 0 : errno;
        std::this_thread::yield();
    }
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// Ended with code 2, and said so in one line of standard error that has all these parts.
void check_refused(const daemon_options& options, const std::vector<std::string>& parts) {
    const daemon_end end = run_roused(options);
    CHECK(end.exit_code == exit_code_settings);
    CHECK(end.out.empty());
    for (const std::string& part : parts) {
        CHECK_MESSAGE(has(end.log, part), "\"" << part << "\" is not in: " << end.log);
    }
    CHECK_FALSE(has(end.log, " started "));
    CHECK_FALSE(has(end.log, " listening "));
}

std::string text_of(const address& where) {
    return where.to_string();
}

}  // namespace

TEST_SUITE_BEGIN("integration/start");

TEST_CASE("a port that another process has is named with the flag that asked for it") {
    const unique_fd taken = listen_plain();
    const std::string where = text_of(rouse::socket_address(taken.get()));
    for (const char* const workers : {"1", "4"}) {
        CAPTURE(workers);
        check_refused({.arguments = {"--workers", workers, "--http", where, "--echo", "off"}},
                      {"--http", where, "Address already in use"});
        check_refused({.arguments = {"--workers", workers, "--http", "off", "--echo", where}},
                      {"--echo", where});
    }
    check_refused({.arguments = {"--echo", "off"}, .variables = {"ROUSED_HTTP_LISTEN=" + where}},
                  {"environment ROUSED_HTTP_LISTEN", where});
    const temporary_file file("[http]\nlisten = [\"" + where + "\"]\n");
    check_refused({.arguments = {"--echo", "off", "--config", file.path()}},
                  {file.path() + ":2", where});
}

TEST_CASE("a port that another roused has is not shared with it, whatever the number of workers") {
    for (const char* const first_workers : {"1", "4"}) {
        const running_daemon first({"--workers", first_workers});
        for (const char* const second_workers : {"1", "4"}) {
            CAPTURE(first_workers);
            CAPTURE(second_workers);
            const std::string http = text_of(first.http());
            const std::string echo = text_of(first.echo());
            check_refused(
                {.arguments = {"--workers", second_workers, "--http", http, "--echo", "off"}},
                {http});
            check_refused(
                {.arguments = {"--workers", second_workers, "--http", "off", "--echo", echo}},
                {echo});
        }
    }
}

TEST_CASE("a unix path that another roused has is not taken over, one that is left behind is") {
    const std::string path = "/tmp/roused-start-" + std::to_string(::getpid()) + ".sock";
    const std::vector<std::string> arguments{"--http", "unix:" + path, "--echo", "off"};
    {
        daemon_process killed({.arguments = arguments});
        killed.await_log(" info started ");
        check_refused({.arguments = arguments}, {"unix:" + path});
    }
    CHECK(::access(path.c_str(), F_OK) == 0);
    await_refused(address::parse("unix:" + path).value());
    running_daemon running({.arguments = arguments});
    client visitor(running.addresses("http", "unix").at(0));
    CHECK(ask(visitor, get("/plaintext")).status == 200);
}

TEST_CASE("a start that fails removes the unix path that it had bound before") {
    const std::string path = "/tmp/roused-half-" + std::to_string(::getpid()) + ".sock";
    const unique_fd taken = listen_plain();
    const std::string where = text_of(rouse::socket_address(taken.get()));
    check_refused({.arguments = {"--http", "unix:" + path, "--echo", where}}, {"--echo", where});
    CHECK(::access(path.c_str(), F_OK) != 0);
}

TEST_CASE("unknown flags, keys and variables, and bad values, are named with where they stand") {
    check_refused({.arguments = {"--htpp", "off"}}, {"--htpp"});
    check_refused({.arguments = {"--workers", "none"}}, {"--workers", "server.workers", "none"});
    check_refused({.arguments = {"--http", "localhost:80"}}, {"--http", "localhost:80"});
    check_refused({.arguments = {"--http", "off", "--echo", "off"}}, {"nothing to serve"});
    check_refused({.variables = {"ROUSED_HTTP_IDLE_TIMEOUT=soon"}},
                  {"environment ROUSED_HTTP_IDLE_TIMEOUT", "soon"});
    check_refused({.arguments = {"--config", "/nonexistent.toml"}}, {"/nonexistent.toml"});
    const temporary_file file(
        "[http]\nlisten = \"off\"\nidle = \"5s\"\n\n[echo]\nidle_timeout = 5\n[nothing]\n");
    check_refused({.arguments = {"--config", file.path()}},
                  {file.path() + ":3", "idle", file.path() + ":6", file.path() + ":7", "nothing"});
}

TEST_CASE("--check says ok and starts nothing, or says what is wrong") {
    const daemon_end good = run_roused({.arguments = {"--check", "--http", "127.0.0.1:1"}});
    CHECK(good.exit_code == 0);
    CHECK(good.out == "ok\n");
    CHECK(good.log.empty());
    check_refused({.arguments = {"--check", "--workers", "0"}}, {"--workers"});
}

TEST_CASE("--print-config tells each value and its origin, as TOML that reads back") {
    const temporary_file file("[http]\nheader_timeout = \"3s\"\n");
    const daemon_end end =
        run_roused({.arguments = {"--config", file.path(), "--print-config", "--workers", "3"},
                    .variables = {"ROUSED_HTTP_IDLE_TIMEOUT=4s"}});
    CHECK(end.exit_code == 0);
    const auto line_of = [&end](const std::string& key) {
        const std::size_t at = end.out.find("\n" + key + " = ") + 1;
        return end.out.substr(at, end.out.find('\n', at) - at);
    };
    CHECK(has(line_of("workers"), "# --workers"));
    CHECK(has(line_of("header_timeout"), "\"3s\""));
    CHECK(has(line_of("header_timeout"), "# " + file.path() + ":2"));
    CHECK(has(line_of("idle_timeout"), "# environment ROUSED_HTTP_IDLE_TIMEOUT"));
    CHECK(has(line_of("backlog"), "# default"));
    const temporary_file printed(end.out);
    CHECK(run_roused({.arguments = {"--check", "--config", printed.path()}}).out == "ok\n");
}

TEST_CASE("--version and --help print and exit 0") {
    const daemon_end version = run_roused({.arguments = {"--version"}});
    CHECK(version.exit_code == 0);
    CHECK(version.out.starts_with("roused "));
    const daemon_end help = run_roused({.arguments = {"--help"}});
    CHECK(help.exit_code == 0);
    CHECK(has(help.out, "--shutdown-timeout"));
}

TEST_CASE("arguments override the environment, which overrides the file of ROUSED_CONFIG") {
    const temporary_file file(
        "[http]\nlisten = [\"127.0.0.1:1\"]\nbody_bytes_max = 5\n[echo]\nlisten = \"off\"\n"
        "[server]\nworkers = 7\n");
    running_daemon running({.arguments = {"--http", "127.0.0.1:0"},
                            .variables = {"ROUSED_CONFIG=" + file.path(), "ROUSED_SERVER_WORKERS=2",
                                          "ROUSED_HTTP_LISTEN=127.0.0.1:2"}});
    CHECK(has(running.log(), " workers=2"));
    CHECK(running.addresses("http", "tcp").size() == 1);
    CHECK(running.addresses("echo", "tcp").empty());
    client visitor(running.http());
    CHECK(ask(visitor, rouse::test::post("/upload", "123456")).status == 413);
}

TEST_CASE("off serves nothing of a protocol, and an address stands for each flag") {
    running_daemon http_only(
        {.arguments = {"--http", "127.0.0.1:0", "--http", "127.0.0.1:0", "--echo", "off"}});
    CHECK(http_only.addresses("http", "tcp").size() == 2);
    CHECK(http_only.addresses("echo", "tcp").empty());
    CHECK(http_only.addresses("echo", "udp").empty());
    for (const address& each : http_only.addresses("http", "tcp")) {
        CHECK(each.port() != 0);
        client visitor(each);
        CHECK(ask(visitor, get("/plaintext")).status == 200);
    }
    running_daemon echo_only({.arguments = {"--http", "off", "--echo", "127.0.0.1:0"}});
    CHECK(echo_only.addresses("http", "tcp").empty());
    CHECK(echo_only.echo() == echo_only.udp_echo());  // One port for both transports.
}

TEST_CASE("with the format json every line of the log is an object") {
    daemon_process running({.arguments = rouse::test::on_any_port({"--log-format", "json"})});
    running.await_log("\"event\":\"started\"");
    running.signal(SIGTERM);
    const daemon_end end = running.await_end();
    CHECK(end.exit_code == 0);
    std::istringstream lines(end.log);
    std::vector<std::string> events;
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        REQUIRE(nlohmann::json::accept(line));
        const auto object = nlohmann::json::parse(line);
        CHECK(object.contains("time"));
        CHECK(object.contains("level"));
        events.push_back(object["event"]);
    }
    CHECK(std::ranges::count(events, "listening") == 3);
    CHECK(std::ranges::count(events, "stopped") == 1);
}

TEST_CASE("with too few descriptors the start ends with a documented code and the reason") {
    // From the sockets over the log and the signals to the ring and wake signal of each worker.
    for (rlim_t descriptors = 6; descriptors <= 14; ++descriptors) {
        CAPTURE(descriptors);
        const daemon_end end =
            run_roused({.arguments = rouse::test::on_any_port({"--workers", "2"}),
                        .descriptors_max = descriptors});
        CHECK(end.exit_code >= 1);
        CHECK(end.exit_code <= exit_code_no_backend);
        CHECK(has(end.log, "roused: "));
        CHECK(has(end.log, "Too many open files"));
    }
}

TEST_CASE(
    "without io_uring --backend io_uring ends with code 3, cause and cure, and nothing is left "
    "half-started") {
    const std::string path = "/tmp/roused-none-" + std::to_string(::getpid()) + ".sock";
    for (const int error : {EPERM, ENOSYS}) {
        CAPTURE(error);
        const daemon_end end =
            run_roused({.arguments = rouse::test::on_any_port(
                            {"--workers", "3", "--http", "unix:" + path, "--backend", "io_uring"}),
                        .io_uring_error = static_cast<unsigned>(error)});
        CHECK(::access(path.c_str(), F_OK) != 0);
        CHECK(end.exit_code == exit_code_no_backend);
        CHECK(has(end.log, "io_uring_setup"));
        CHECK(has(end.log, "seccomp"));
        CHECK(has(end.log, "allow io_uring_setup, io_uring_enter and io_uring_register"));
        CHECK_FALSE(has(end.log, " listening "));
        CHECK_FALSE(has(end.log, " started "));
    }
}

TEST_SUITE_END();
