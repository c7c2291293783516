#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>

#include <doctest/doctest.h>

#include "tests/support/patience.hpp"

namespace rouse::test {

/// How many descriptors a process has open. See proc_pid_fd(5).
[[nodiscard]] inline std::size_t descriptor_count(pid_t process) {
    const std::filesystem::directory_iterator all("/proc/" + std::to_string(process) + "/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

/// Waits until a process has no more descriptors than this.
inline void await_descriptors(pid_t process, std::size_t count) {
    const patience waiting;
    std::size_t open = descriptor_count(process);
    for (; open > count && !waiting.is_over(); open = descriptor_count(process)) {
        std::this_thread::yield();
    }
    CHECK(open <= count);
}

/// The physical memory of a process. See proc_pid_statm(5).
[[nodiscard]] inline std::size_t resident_bytes(pid_t process) {
    std::ifstream statm("/proc/" + std::to_string(process) + "/statm");
    std::size_t total = 0;
    std::size_t resident = 0;
    statm >> total >> resident;
    REQUIRE(statm.good());
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// The CPU time that a process has used, in its own code and in the kernel. See proc_pid_stat(5).
[[nodiscard]] inline std::chrono::milliseconds cpu_time(pid_t process) {
    std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
    std::string line;
    REQUIRE(std::getline(stat, line));
    // The name of the program stands in brackets and may hold anything; field 3 follows it.
    std::istringstream rest(line.substr(line.rfind(')') + 2));
    std::string skipped;
    constexpr int fields_before_utime = 11;
    for (int field = 0; field < fields_before_utime; ++field) {
        rest >> skipped;
    }
    long user_ticks = 0;
    long system_ticks = 0;
    rest >> user_ticks >> system_ticks;
    REQUIRE(rest.good());
    return std::chrono::milliseconds((user_ticks + system_ticks) * 1000 / ::sysconf(_SC_CLK_TCK));
}

}  // namespace rouse::test
