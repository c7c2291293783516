#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <ostream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "server/access_log.hpp"
#include "tests/support/access_log_drive.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace rouse::test;
using rouse::unique_fd;

TEST_SUITE_BEGIN("server/access_log faults");

TEST_CASE("a target that cannot be opened says why") {
    const temporary_folder folder;
    const auto error_of = [](const std::string& target) {
        const auto opened =
            access_log::open({.target = target, .queue_bytes = access_queue_bytes}, 1);
        return opened ? std::error_code() : opened.error();
    };
    CHECK(error_of(folder.file("missing/access.log")) == std::errc::no_such_file_or_directory);
    CHECK(error_of(folder.file("")) == std::errc::is_a_directory);
    REQUIRE(::mkfifo(folder.file("fifo").c_str(), 0600) == 0);
    CHECK(error_of(folder.file("fifo")) == std::errc::no_such_device_or_address);
}

TEST_CASE("when it cannot be opened anew the log says so and keeps the old file") {
    const temporary_folder folder;
    const std::string inner = folder.file("logs");
    REQUIRE(std::filesystem::create_directory(inner));
    captured_log events;
    {
        const auto log = open_log(inner + "/access.log");
        std::filesystem::rename(inner, folder.file("moved"));
        log->reopen();
        events.await_text("error access_log_reopen_failed target=" + inner + "/access.log");
        events.await_text("No such file or directory");
        answer(log->writer(0), "/kept");
    }
    CHECK(targets_of(text_of(folder.file("moved/access.log"))) ==
          std::vector<std::string>{"/kept"});
}

TEST_CASE("a full disk drops lines, counts them, says so once, and holds up nobody") {
    captured_log events;
    constexpr std::uint64_t lines = 2'000;
    {
        const auto log = open_log("/dev/full");
        answer(log->writer(0), "/first");
        events.await_text(
            "warn access_log_lines_dropped count=1 target=/dev/full "
            "reason=\"No space left on device\"");
        for (std::uint64_t at = 1; at < lines; ++at) {
            answer(log->writer(0), "/more");
        }
        await([&log] { return log->lines_dropped() == lines; });
        CHECK(events.count("access_log_lines_dropped") == 1);
    }
    events.await_text("access_log_lines_dropped count=" + std::to_string(lines - 1));
}

TEST_CASE("a line that the disk took in half is ended before the next one") {
    const temporary_folder folder;
    const std::string path = folder.file("access.log");
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    constexpr rlim_t room = 100;
    {
        const auto log = open_log(path);
        const rlimit small{.rlim_cur = room, .rlim_max = before.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
        answer(log->writer(0), "/" + std::string(2 * room, 'l'));
        await([&log] { return log->lines_dropped() == 1; });
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
        answer(log->writer(0), "/whole");
    }
    const std::string text = text_of(path);
    REQUIRE(text.size() > room);
    CHECK(text[room] == '\n');
    CHECK(text.find('\n') == room);
    CHECK(targets_of(text.substr(room + 1)) == std::vector<std::string>{"/whole"});
}

TEST_CASE("a FIFO that nobody reads makes lines drop, and what it took is whole and in order") {
    const temporary_folder folder;
    const std::string path = folder.file("fifo");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const unique_fd reading(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    REQUIRE(reading);
    captured_log events;
    constexpr std::uint64_t lines = 20'000;
    std::uint64_t dropped = 0;
    std::string text;
    std::thread reader;
    {
        const auto log = open_log(path);
        for (std::uint64_t at = 0; at < lines; ++at) {
            answer(log->writer(0), "/" + std::to_string(at));
        }
        dropped = log->lines_dropped();
        CHECK(dropped > 0);
        CHECK(dropped < lines);
        events.await_text("warn access_log_lines_dropped count=");
        events.await_text("reason=\"the target is too slow\"");
        reader = std::thread([&path, &text] { text = text_of(path); });
        dropped = log->lines_dropped();
    }
    reader.join();
    // The first reader must stay until the second is there; it has taken nothing.
    const auto targets = targets_of(text);
    CHECK(targets.size() + dropped == lines);
    for (std::size_t at = 1; at < targets.size(); ++at) {
        CHECK(std::stoull(targets[at - 1].substr(1)) < std::stoull(targets[at].substr(1)));
    }
}

TEST_CASE("a log that is opened anew while a line is half written goes on with a whole one") {
    const temporary_folder folder;
    const std::string path = folder.file("target");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const unique_fd reading(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    REQUIRE(reading);
    captured_log events;
    constexpr std::size_t lines = 20'000;
    std::uint64_t dropped = 0;
    {
        const auto log = open_log(path);
        for (std::size_t at = 0; at < lines; ++at) {
            answer(log->writer(0), "/" + std::to_string(at));
        }
        events.await_text("access_log_lines_dropped");  // So the FIFO is full.
        std::filesystem::rename(path, folder.file("fifo"));
        log->reopen();
        events.await_text("access_log_reopened");
        await([&path] { return !text_of(path).empty(); });
        dropped = log->lines_dropped();
    }
    std::string taken(1 << 20, '\0');
    const ssize_t got = ::read(reading.get(), taken.data(), taken.size());
    REQUIRE(got > 0);
    taken.resize(static_cast<std::size_t>(got));
    const auto whole = static_cast<std::size_t>(std::ranges::count(taken, '\n'));
    CHECK(whole + targets_of(text_of(path)).size() + dropped == lines);
}

TEST_CASE("the end does not wait for ever for a target that takes nothing") {
    const temporary_folder folder;
    const std::string path = folder.file("fifo");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const unique_fd reading(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    REQUIRE(reading);
    captured_log events;
    constexpr std::uint64_t lines = 5'000;
    {
        const auto log = open_log(path);
        for (std::uint64_t at = 0; at < lines; ++at) {
            answer(log->writer(0), "/" + std::to_string(at));
        }
    }
    std::string text(1 << 20, '\0');
    const ssize_t got = ::read(reading.get(), text.data(), text.size());
    REQUIRE(got > 0);
    const auto whole = static_cast<std::uint64_t>(
        std::ranges::count(text.substr(0, static_cast<std::size_t>(got)), '\n'));
    // All lines are either in the pipe or reported.
    const std::string label = "access_log_lines_dropped count=";
    std::uint64_t reported = 0;
    await([&] {
        reported = 0;
        for (auto at = events.text().find(label); at != std::string::npos;
             at = events.text().find(label, at + 1)) {
            reported += std::stoull(events.text().substr(at + label.size()));
        }
        return whole + reported >= lines;
    });
    CHECK(whole + reported == lines);
}

TEST_CASE("a reader that goes away ends neither the process nor the log") {
    const temporary_folder folder;
    const std::string path = folder.file("fifo");
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    unique_fd reading(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    REQUIRE(reading);
    const auto log = open_log(path);
    reading.reset();
    answer(log->writer(0), "/lost");
    await([&log] { return log->lines_dropped() == 1; });
    reading.reset(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    answer(log->writer(0), "/heard");
    std::array<char, 256> room{};
    const patience waiting;
    REQUIRE(waiting.await(reading.get(), POLLIN));
    const ssize_t got = ::read(reading.get(), room.data(), room.size());
    REQUIRE(got > 0);
    CHECK(targets_of({room.data(), static_cast<std::size_t>(got)}) ==
          std::vector<std::string>{"/heard"});
}

TEST_SUITE_END();
