#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "tests/support/daemon.hpp"

using rouse::test::running_daemon;

namespace {

// Whether a program is in one of the folders of Debian's packages.
bool is_installed(const char* name) {
    return std::filesystem::exists(std::filesystem::path("/usr/bin") / name);
}

// The standard output of a shell command line.
std::string output_of(const std::string& command) {
    struct closer {
        void operator()(std::FILE* stream) const noexcept { (void)::pclose(stream); }
    };
    const std::unique_ptr<std::FILE, closer> stream(::popen(command.c_str(), "r"));
    REQUIRE(stream);
    std::string text;
    char room[4096];
    for (auto got = std::fread(room, 1, sizeof room, stream.get()); got > 0;
         got = std::fread(room, 1, sizeof room, stream.get())) {
        text.append(room, got);
    }
    return text;
}

std::string url(const running_daemon& running, std::string_view target) {
    return "http://" + running.http().to_string() + std::string(target);
}

}  // namespace

TEST_SUITE_BEGIN("integration/tools");

TEST_CASE("curl gets a page, uploads with Expect, and reuses its connection" *
          doctest::skip(!is_installed("curl"))) {
    const running_daemon running;
    const std::string curl = "curl -sS --max-time 30 ";
    CHECK(output_of(curl + "-w '%{http_code}' " + url(running, "/plaintext")) ==
          "Hello, World!200");
    CHECK(output_of(curl + "-I -o /dev/null -w '%{http_code}' " + url(running, "/bytes/5")) ==
          "200");
    // Large enough for curl to wait for 100 Continue.
    CHECK(output_of("head -c 3000000 /dev/zero | " + curl +
                    "-H 'Expect: 100-continue' --data-binary @- " + url(running, "/upload")) ==
          R"({"bytes":3000000})");
    CHECK(output_of("head -c 3000000 /dev/zero | " + curl +
                    "-T - -H 'Transfer-Encoding: chunked' " + url(running, "/echo") + " | wc -c") ==
          "3000000\n");
    CHECK(output_of(curl + "-o /dev/null -o /dev/null -w '%{num_connects} ' " +
                    url(running, "/json") + ' ' + url(running, "/bytes/100000")) == "1 0 ");
    CHECK(output_of(curl + "--http1.0 " + url(running, "/healthz")) == "ok\n");
}

TEST_CASE("wrk sees no socket error and no status but 200" * doctest::skip(!is_installed("wrk"))) {
    const running_daemon running;
    const std::string report = output_of("wrk -t1 -c64 -d2 " + url(running, "/plaintext"));
    CHECK(report.find("Requests/sec:") != std::string::npos);
    CHECK(report.find("Socket errors") == std::string::npos);
    CHECK(report.find("Non-2xx") == std::string::npos);
}

TEST_CASE(
    "wrk with 16 requests in flight on a connection sees no socket error and no status but 200" *
    doctest::skip(!is_installed("wrk"))) {
    const running_daemon running;
    const auto script = std::filesystem::temp_directory_path() /
                        ("roused-wrk-" + std::to_string(::getpid()) + ".lua");
    std::ofstream(script)
        << "init = function()\n"
           "  local all = {}\n"
           "  for i = 1, 16 do all[i] = wrk.format('GET', i % 2 == 0 and '/json' or nil) end\n"
           "  batch = table.concat(all)\n"
           "end\n"
           "request = function() return batch end\n";
    const std::string report =
        output_of("wrk -t1 -c64 -d2 -s " + script.string() + ' ' + url(running, "/plaintext"));
    std::filesystem::remove(script);
    CHECK(report.find("Requests/sec:") != std::string::npos);
    CHECK(report.find("Socket errors") == std::string::npos);
    CHECK(report.find("Non-2xx") == std::string::npos);
}

TEST_SUITE_END();
