#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/client.hpp"
#include "tests/support/daemon.hpp"
#include "tests/support/http_answer.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/temporary_folder.hpp"

using rouse::test::ask;
using rouse::test::client;
using rouse::test::daemon_end;
using rouse::test::get;
using rouse::test::next_answer;
using rouse::test::occurrences_of;
using rouse::test::on_any_port;
using rouse::test::patience;
using rouse::test::post;
using rouse::test::run_roused;
using rouse::test::running_daemon;
using rouse::test::temporary_folder;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream from(text);
    for (std::string line; std::getline(from, line);) {
        lines.push_back(line);
    }
    return lines;
}

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

daemon_end end_of(running_daemon& running) {
    running.signal(SIGTERM);
    daemon_end end = running.await_end();
    CHECK(end.exit_code == 0);
    return end;
}

}  // namespace

TEST_SUITE_BEGIN("integration/access_log");

TEST_CASE("each answer is a line on standard output, health checks and the log's default aside") {
    running_daemon running({"--workers", "1", "--access-log-target", "-"});
    client visitor(running.http());
    CHECK(ask(visitor, get("/plaintext?a=b", "User-Agent: test \"1\"\r\nReferer: /x\r\n")).status ==
          200);
    CHECK(ask(visitor, get("/healthz")).status == 200);
    CHECK(ask(visitor, "HEAD /json HTTP/1.1\r\nHost: test\r\n\r\n", rouse::test::answer_to::head)
              .status == 200);
    CHECK(ask(visitor, get("/none")).status == 404);
    CHECK(ask(visitor, post("/upload", "0123")).status == 200);
    visitor.send("not HTTP\r\n\r\n");
    CHECK(next_answer(visitor).status == 400);
    visitor.close();
    const daemon_end end = end_of(running);
    const auto lines = lines_of(end.out);
    REQUIRE(lines.size() == 5);
    for (const std::string& line : lines) {
        CHECK(line.starts_with("127.0.0.1 - - ["));
    }
    const auto rest = [&lines](std::size_t at) {
        return lines[at].substr(lines[at].find("] ") + 2);
    };
    CHECK(rest(0) == R"("GET /plaintext?a=b HTTP/1.1" 200 13 "/x" "test \x221\x22")");
    CHECK(rest(1) == R"("HEAD /json HTTP/1.1" 200 0 "-" "-")");
    CHECK(rest(2) == R"("GET /none HTTP/1.1" 404 14 "-" "-")");
    CHECK(rest(3) == R"("POST /upload HTTP/1.1" 200 11 "-" "-")");
    CHECK(rest(4).starts_with(R"("-" 400 )"));
    running_daemon silent;
    client other(silent.http());
    CHECK(ask(other, get("/plaintext")).status == 200);
    silent.signal(SIGUSR1);  // There is nothing to open anew.
    CHECK(ask(other, get("/plaintext")).status == 200);
    CHECK(end_of(silent).out.empty());
}

TEST_CASE("in the JSON format each answer is an object, health checks too where they are wanted") {
    const temporary_folder folder;
    const std::string path = folder.file("access.log");
    running_daemon running({"--access-log-target", path, "--access-log-format", "json",
                            "--access-log-health", "true"});
    client visitor(running.http());
    CHECK(ask(visitor, get("/healthz")).status == 200);
    CHECK(ask(visitor, get("/plaintext", "User-Agent: \xff\r\n")).status == 200);
    (void)end_of(running);
    const auto lines = lines_of(text_of(path));
    REQUIRE(lines.size() == 2);
    const auto first = nlohmann::json::parse(lines[0]);
    CHECK(first["target"] == "/healthz");
    CHECK(first["peer"] == "127.0.0.1");
    CHECK(first["host"] == "test");
    CHECK(first["cut"] == false);
    const auto second = nlohmann::json::parse(lines[1]);
    CHECK(second["bytes"] == 13);
    CHECK(second["user_agent"] == "\uFFFD");
}

TEST_CASE(
    "SIGUSR1 makes the daemon go on in a new file, with no line lost, split or out of order") {
    const temporary_folder folder;
    const std::string path = folder.file("access.log");
    running_daemon running({"--workers", "1", "--access-log-target", path});
    client visitor(running.http());
    constexpr std::size_t rotations = 5;
    constexpr int batch = 50;
    int at = 0;
    for (std::size_t rotation = 0; rotation < rotations; ++rotation) {
        std::string requests;
        for (int request = 0; request < batch; ++request) {
            requests += get("/status/404?" + std::to_string(at++));
        }
        visitor.send(requests);
        std::filesystem::rename(path, path + '.' + std::to_string(rotation));
        running.signal(SIGUSR1);
        for (int request = 0; request < batch; ++request) {
            REQUIRE(next_answer(visitor).status == 404);
        }
        const patience waiting;
        while (occurrences_of(running.log(), "access_log_reopened") <= rotation) {
            REQUIRE_FALSE(waiting.is_over());
            std::this_thread::yield();
        }
        CHECK(std::filesystem::exists(path));
    }
    (void)end_of(running);
    std::size_t next = 0;
    for (std::size_t rotation = 0; rotation <= rotations; ++rotation) {
        const std::string each =
            rotation == rotations ? path : path + '.' + std::to_string(rotation);
        for (const std::string& line : lines_of(text_of(each))) {
            CHECK(
                line.contains("\"GET /status/404?" + std::to_string(next++) + " HTTP/1.1\" 404 "));
            CHECK(line.ends_with("\"-\" \"-\""));
        }
    }
    CHECK(next == rotations * batch);
}

TEST_CASE(
    "standard output that nobody reads drops lines and holds up neither answers nor the end") {
    running_daemon running(
        {"--workers", "1", "--access-log-target", "-", "--access-log-queue-bytes", "64KiB"});
    client visitor(running.http());
    constexpr int rounds = 100;
    constexpr int batch = 64;
    std::string requests;
    const std::string target = "/status/404?" + std::string(200, 'q');
    for (int request = 0; request < batch; ++request) {
        requests += get(target);
    }
    // Nobody reads while this goes on: what is logged is far more than the pipe and the ring hold.
    for (int round = 0; round < rounds; ++round) {
        visitor.send(requests);
        for (int request = 0; request < batch; ++request) {
            REQUIRE(next_answer(visitor).status == 404);
        }
    }
    const daemon_end end = end_of(running);
    const std::string label = "access_log_lines_dropped count=";
    std::size_t dropped = 0;
    for (auto at = end.log.find(label); at != std::string::npos; at = end.log.find(label, at + 1)) {
        dropped += std::stoul(end.log.substr(at + label.size()));
    }
    const auto lines = lines_of(end.out);
    CHECK(dropped > 0);
    CHECK(lines.size() + dropped == rounds * batch);
    for (const std::string& line : lines) {
        CHECK(line.ends_with("\"-\" \"-\""));
    }
}

TEST_CASE("a full disk costs lines and nothing else") {
    running_daemon running({"--workers", "1", "--access-log-target", "/dev/full"});
    client visitor(running.http());
    CHECK(ask(visitor, get("/plaintext")).status == 200);
    running.await_log(
        "access_log_lines_dropped count=1 target=/dev/full "
        "reason=\"No space left on device\"");
    CHECK(ask(visitor, get("/plaintext")).status == 200);
    (void)end_of(running);
}

TEST_CASE("a target that cannot be opened ends the start, and says which setting asked for it") {
    const temporary_folder folder;
    const std::string path = folder.file("missing/access.log");
    const daemon_end end = run_roused({.arguments = on_any_port({"--access-log-target", path})});
    CHECK(end.exit_code == 2);
    CHECK(end.log.contains("--access-log-target"));
    CHECK(end.log.contains(path));
    CHECK(end.log.contains("No such file or directory"));
    CHECK_FALSE(end.log.contains(" listening "));
}

TEST_SUITE_END();
