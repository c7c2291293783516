#include "server/logging.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/base/unique_fd.hpp"

using namespace rouse::server;

namespace {

struct pipe_ends {
    rouse::unique_fd read;
    rouse::unique_fd write;
};

pipe_ends make_pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    return {rouse::unique_fd(ends[0]), rouse::unique_fd(ends[1])};
}

// To the end of the pipe: the last writer must be closed.
std::string read_all(const pipe_ends& pipe) {
    std::string all;
    std::array<char, 4096> part{};
    for (ssize_t got = 0; (got = ::read(pipe.read.get(), part.data(), part.size())) > 0;) {
        all.append(part.data(), static_cast<std::size_t>(got));
    }
    return all;
}

// Each line without its time.
std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        lines.push_back(text.substr(begin, end - begin).substr(25));
        begin = end + 1;
    }
    return lines;
}

std::set<std::string> threads() {
    std::set<std::string> ids;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/task")) {
        ids.insert(each.path().filename());
    }
    return ids;
}

std::uint64_t blocked_signals_of(const std::string& thread) {
    std::ifstream status("/proc/self/task/" + thread + "/status");
    constexpr std::string_view label = "SigBlk:\t";
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(label)) {
            return std::stoull(line.substr(label.size()), nullptr, 16);
        }
    }
    return 0;
}

}  // namespace

TEST_SUITE_BEGIN("server/logging");

TEST_CASE("the last lines before the end are written, in order") {
    pipe_ends pipe = make_pipe();
    constexpr int lines_max = 200;
    {
        const logging log({log_level::info, log_format::text}, pipe.write.get());
        for (int at = 0; at < lines_max; ++at) {
            log_info("counted", {{"at", at}});
        }
    }
    pipe.write.reset();
    const auto lines = lines_of(read_all(pipe));
    REQUIRE(lines.size() == lines_max);
    for (int at = 0; at < lines_max; ++at) {
        CHECK(lines[static_cast<std::size_t>(at)] == "info counted at=" + std::to_string(at));
    }
}

TEST_CASE("a level that is off writes nothing") {
    pipe_ends pipe = make_pipe();
    {
        const logging log({log_level::warn, log_format::text}, pipe.write.get());
        CHECK(log_enabled(log_level::error));
        CHECK(log_enabled(log_level::warn));
        CHECK_FALSE(log_enabled(log_level::info));
        log_debug("a");
        log_info("b");
        log_warn("c");
        log_error("d", {{"why", "out of files"}});
    }
    pipe.write.reset();
    CHECK(lines_of(read_all(pipe)) ==
          std::vector<std::string>{"warn c", "error d why=\"out of files\""});
}

TEST_CASE("lines without a logging object go nowhere") {
    CHECK_FALSE(log_enabled(log_level::error));
    log_error("nobody hears");
    write_log(log_level::error, "nobody hears", {});
    CHECK(log_lines_dropped() == 0);
}

TEST_CASE("JSON lines are whole objects") {
    pipe_ends pipe = make_pipe();
    {
        const logging log({log_level::debug, log_format::json}, pipe.write.get());
        log_debug("request", {{"target", "/\"x\""}, {"status", 200}});
    }
    pipe.write.reset();
    const std::string text = read_all(pipe);
    CHECK(text.starts_with("{\"time\":\"2"));
    CHECK(text.ends_with(R"(Z","level":"debug","event":"request","target":"/\"x\"","status":200})"
                         "\n"));
}

TEST_CASE("a descriptor that takes nothing never holds up who logs, and drops are counted") {
    pipe_ends pipe = make_pipe();
    constexpr std::uint64_t lines_max = 10'000;
    const std::string padding(100, 'p');
    // What the pipe and the queue can hold is far less; a log function that waited would hang here.
    std::uint64_t dropped = 0;
    std::string text;
    std::thread reader;
    {
        const logging log({log_level::info, log_format::text}, pipe.write.get());
        for (std::uint64_t at = 0; at < lines_max; ++at) {
            log_info("counted", {{"at", at}, {"padding", padding}});
        }
        dropped = log_lines_dropped();
        CHECK(dropped > lines_max / 2);
        CHECK(dropped < lines_max);
        reader = std::thread([&pipe, &text] { text = read_all(pipe); });
    }
    pipe.write.reset();
    reader.join();

    const auto lines = lines_of(text);
    std::uint64_t counted = 0;
    std::uint64_t reported = 0;
    std::string last;
    const std::string report = "warn log_lines_dropped count=";
    for (const std::string& line : lines) {
        if (line.starts_with(report)) {
            reported += std::stoull(line.substr(report.size()));
        } else {
            ++counted;
            last = line;
        }
    }
    CHECK(counted + dropped == lines_max);
    CHECK(reported == dropped);
    CHECK(last.starts_with("info counted at=9999 "));
}

TEST_CASE("a reader that is gone ends neither the process nor its end") {
    pipe_ends pipe = make_pipe();
    pipe.read.reset();
    std::uint64_t dropped = 0;
    {
        const logging log({log_level::info, log_format::text}, pipe.write.get());
        log_info("lost");
        while (log_lines_dropped() == 0) {
            std::this_thread::yield();
        }
        dropped = log_lines_dropped();
    }
    CHECK(dropped == 1);
}

TEST_CASE("logging is one thread more, which takes no signals") {
    // ThreadSanitizer starts a thread of its own with the first one of the program.
    std::thread([] {}).join();
    // A thread stays listed for a moment after its join, so only what is new counts.
    const auto before = threads();
    pipe_ends pipe = make_pipe();
    std::string id;
    {
        const logging log({log_level::info, log_format::text}, pipe.write.get());
        auto added = threads();
        for (const std::string& each : before) {
            added.erase(each);
        }
        REQUIRE(added.size() == 1);
        id = *added.begin();
        const std::uint64_t blocked = blocked_signals_of(id);
        for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGUSR1}) {
            CHECK((blocked >> (number - 1) & 1U) == 1U);
        }
        sigset_t mine;
        REQUIRE(::pthread_sigmask(SIG_SETMASK, nullptr, &mine) == 0);
        CHECK(::sigismember(&mine, SIGTERM) == 0);
    }
    while (threads().contains(id)) {
        std::this_thread::yield();
    }
}

TEST_SUITE_END();
