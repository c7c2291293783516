#include "server/access_log.hpp"

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "tests/support/access_log_drive.hpp"
#include "tests/support/allocation_count.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace rouse::test;

TEST_SUITE_BEGIN("server/access_log");

TEST_CASE("everything that is queued is in the file when the log ends, in order") {
    const temporary_folder folder;
    const std::string path = folder.file("access.log");
    const auto wanted = numbered("/", 300);
    {
        const auto log = open_log(path);
        for (const std::string& each : wanted) {
            answer(log->writer(0), each);
        }
        CHECK(log->lines_dropped() == 0);
    }
    CHECK(targets_of(text_of(path)) == wanted);
}

TEST_CASE("a line is written while the log goes on, the first and one after a pause") {
    const temporary_folder folder;
    const std::string path = folder.file("access.log");
    const auto log = open_log(path);
    for (const char* const each : {"/first\"", "/second\"", "/third\""}) {
        answer(log->writer(0), std::string(each, std::string_view(each).size() - 1));
        await([&path, each] { return text_of(path).contains(std::string(each, 4)); });
    }
}

TEST_CASE("lines of two threads are all there, each thread's in order") {
    const temporary_folder folder;
    const std::string path = folder.file("access.log");
    constexpr int lines = 20'000;
    std::uint64_t dropped = 0;
    {
        const auto log = open_log(path, 2);
        const auto produce = [&log](std::size_t index) {
            for (int at = 0; at < lines; ++at) {
                answer(log->writer(index), "/" + std::to_string(index) + "/" + std::to_string(at));
                if (at % 100 == 0) {
                    std::this_thread::yield();
                }
            }
        };
        std::thread other(produce, 1);
        produce(0);
        other.join();
        dropped = log->lines_dropped();
    }
    std::map<char, int> next;
    std::uint64_t count = 0;
    for (const std::string& target : targets_of(text_of(path))) {
        const int at = std::stoi(target.substr(3));
        CHECK(at >= next[target[1]]);
        next[target[1]] = at + 1;
        ++count;
    }
    CHECK(count + dropped == 2 * lines);
    CHECK(next.size() == 2);
}

TEST_CASE("health checks are left out unless they are asked for") {
    const temporary_folder folder;
    for (const bool health : {false, true}) {
        const std::string path = folder.file(health ? "all" : "some");
        {
            const auto log = open_log(path, 1, health);
            answer(log->writer(0), "/healthz", true);
            answer(log->writer(0), "/");
        }
        const auto targets = targets_of(text_of(path));
        CHECK(targets ==
              (health ? std::vector<std::string>{"/healthz", "/"} : std::vector<std::string>{"/"}));
    }
}

TEST_CASE("a file is made for its owner and group, and what is there is kept") {
    const temporary_folder folder;
    const std::string path = folder.file("access.log");
    const mode_t mask = ::umask(0);
    (void)open_log(path);
    (void)::umask(mask);
    struct stat facts{};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777U) == 0640);
    std::ofstream(path) << "before\n";
    {
        const auto log = open_log(path);
        answer(log->writer(0), "/after");
    }
    CHECK(text_of(path).starts_with("before\n"));
    CHECK(targets_of(text_of(path).substr(7)) == std::vector<std::string>{"/after"});
}

TEST_CASE(
    "a file that is renamed is left when the log is opened anew, and no line is lost or split") {
    const temporary_folder folder;
    const std::string path = folder.file("access.log");
    constexpr int rotations = 20;
    constexpr int lines = 200;
    captured_log events;
    {
        const auto log = open_log(path);
        int at = 0;
        for (int rotation = 0; rotation < rotations; ++rotation) {
            for (int line = 0; line < lines; ++line, ++at) {
                answer(log->writer(0), "/" + std::to_string(at));
            }
            std::filesystem::rename(path, path + '.' + std::to_string(rotation));
            log->reopen();
            for (int line = 0; line < lines; ++line, ++at) {
                answer(log->writer(0), "/" + std::to_string(at));
            }
            await([&events, rotation] {
                return events.count("access_log_reopened target=") == rotation + 1;
            });
            CHECK(std::filesystem::exists(path));
        }
        REQUIRE(log->lines_dropped() == 0);
    }
    std::vector<std::string> all;
    for (int rotation = 0; rotation <= rotations; ++rotation) {
        const std::string each =
            rotation == rotations ? path : path + '.' + std::to_string(rotation);
        const auto targets = targets_of(text_of(each));
        all.insert(all.end(), targets.begin(), targets.end());
    }
    CHECK(all == numbered("/", 2 * lines * rotations));
}

TEST_CASE("who logs allocates nothing") {
    if (!allocation_count::is_available()) {
        return;
    }
    const temporary_folder folder;
    const auto log = open_log(folder.file("access.log"));
    const std::string target = "/" + std::string(100, 't');
    const allocation_count counted;
    for (int at = 0; at < 100; ++at) {
        answer(log->writer(0), target);
    }
    CHECK(counted.value() == 0);
}

TEST_SUITE_END();
