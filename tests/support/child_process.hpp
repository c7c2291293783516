#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include <doctest/doctest.h>

#include "runtime/base/unique_fd.hpp"

namespace rouse::test {

/// How a child ended, and what it wrote to its descriptor.
struct child_end {
    int exit_code = -1;  ///< -1: a signal ended it.
    int signal = 0;
    std::string output;
};

/// Runs `body(int out) -> int` in a forked child; its answer is the exit code. For what would end
/// or spoil this process: a failed assertion, a lowered limit, a seccomp filter. Its stderr is
/// thrown away.
template <class Body>
child_end run_in_child(Body body) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    unique_fd reading(ends[0]);
    unique_fd writing(ends[1]);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        // The test framework's handler would report the whole test as crashed.
        (void)std::signal(SIGABRT, SIG_DFL);
        const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
        (void)::dup2(nowhere, STDERR_FILENO);
        int code = 125;
        try {
            code = body(writing.get());
        } catch (...) {
            code = 124;
        }
        ::_exit(code);
    }
    writing.reset();
    child_end end;
    std::array<char, 4096> room{};
    for (auto got = ::read(reading.get(), room.data(), room.size()); got > 0;
         got = ::read(reading.get(), room.data(), room.size())) {
        end.output.append(room.data(), static_cast<std::size_t>(got));
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    if (WIFEXITED(status)) {
        end.exit_code = WEXITSTATUS(status);
    } else {
        end.signal = WTERMSIG(status);
    }
    return end;
}

}  // namespace rouse::test
