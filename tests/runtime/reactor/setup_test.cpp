#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <string>

#include <doctest/doctest.h>

#include "runtime/reactor/uring/uring_reactor.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/reactor_drive.hpp"

using rouse::test::child_end;
using rouse::test::run_in_child;
using rouse::test::tested_reactor;
using rouse::uring::explain_setup_error;

namespace {

bool says(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

/// From now on this process gets `error` from io_uring_setup, as in a container.
bool forbid_io_uring(unsigned error) {
    std::array filter{
        sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program{.len = filter.size(), .filter = filter.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/// Writes the message of a reactor that cannot be made. The exit code is the errno.
int report_failure(int out, rouse::reactor_options options = rouse::test::small_ring()) {
    const auto made = rouse::uring_reactor::make(options);
    if (made) {
        return 0;
    }
    const std::string& message = made.error().message;
    (void)!::write(out, message.data(), message.size());
    return made.error().code.value();
}

child_end start_under_seccomp(unsigned error) {
    return run_in_child([error](int out) {
        if (!forbid_io_uring(error)) {
            return 123;
        }
        return report_failure(out);
    });
}

}  // namespace

TEST_SUITE("runtime/reactor setup") {
    TEST_CASE("EPERM names seccomp or the sysctl, and the cure") {
        const std::string text = explain_setup_error(EPERM);
        CHECK(says(text, "io_uring_setup: Operation not permitted"));
        const bool seccomp = says(text, "seccomp profile") && says(text, "--security-opt seccomp=");
        const bool sysctl = says(text, "sysctl kernel.io_uring_disabled=0");
        CHECK(seccomp != sysctl);
    }

    TEST_CASE("ENOSYS names the kernel that is needed, and the seccomp profile that hides it") {
        const std::string text = explain_setup_error(ENOSYS);
        CHECK(says(text, "Function not implemented"));
        CHECK(says(text, "6.0"));
        CHECK(says(text, "podman"));
        CHECK(says(text, "io_uring_enter"));
    }

    TEST_CASE("ENOMEM names the memlock limit, and how to raise it") {
        const std::string text = explain_setup_error(ENOMEM);
        CHECK(says(text, "Cannot allocate memory"));
        CHECK(says(text, "ulimit -l"));
        CHECK(says(text, "LimitMEMLOCK="));
        CHECK(says(text, "uring.entries"));
    }

    TEST_CASE("EMFILE names the nofile limit; what is unknown still names the kernel") {
        CHECK(says(explain_setup_error(EMFILE), "ulimit -n"));
        CHECK(says(explain_setup_error(EIO), "Input/output error"));
        CHECK(says(explain_setup_error(EIO), "kernel "));
    }

    TEST_CASE("under a seccomp filter that answers EPERM the start fails with cause and cure") {
        const child_end end = start_under_seccomp(EPERM);
        CHECK(end.exit_code == EPERM);
        CHECK(end.output == explain_setup_error(EPERM));
    }

    TEST_CASE("under a seccomp filter that answers ENOSYS the start fails with cause and cure") {
        const child_end end = start_under_seccomp(ENOSYS);
        CHECK(end.exit_code == ENOSYS);
        CHECK(end.output == explain_setup_error(ENOSYS));
    }

    TEST_CASE("without a free descriptor the start fails with the nofile limit") {
        const child_end end = run_in_child([](int out) {
            const rlimit none{.rlim_cur = 0, .rlim_max = 0};
            return ::setrlimit(RLIMIT_NOFILE, &none) == 0 ? report_failure(out) : 123;
        });
        CHECK(end.exit_code == EMFILE);
        CHECK(says(end.output, "nofile"));
    }

    TEST_CASE("a buffer pool whose size is no power of two is refused, not mapped anyway") {
        auto options = rouse::test::small_ring();
        options.buffers_max = 65;
        const auto made = rouse::uring_reactor::make(options);
        REQUIRE_FALSE(made);
        CHECK(made.error().code == rouse::errno_code(EINVAL));
        CHECK(says(made.error().message, "power of two"));
    }

    TEST_CASE("the description names the backend, what is in use and why something is not") {
        const auto io = tested_reactor();
        const auto description = io->describe();
        CHECK(description.backend == to_string(rouse::test::tested_backend()));
        CHECK_FALSE(description.features.empty());
        for (const std::string& missing : description.missing) {
            CHECK(says(missing, ": "));
        }
        const auto rungs = std::ranges::count_if(description.features, [](const auto& feature) {
            return says(feature, "taskrun") || feature == "plain";
        });
        CHECK(rungs == (description.backend == "io_uring" ? 1 : 0));
    }

    TEST_CASE("the smallest and the largest ring of the documented range work") {
        for (const unsigned entries : {64U, 4096U}) {
            auto options = rouse::test::small_ring();
            options.entries = entries;
            options.completion_entries = entries;
            const auto io = tested_reactor(options);
            io->signal()->raise();
            CHECK(io->turn(rouse::test::completion_wait_max));
        }
    }

    TEST_CASE("a signal that was raised before the wait ends it, and is used up by it") {
        const auto io = tested_reactor();
        io->signal()->raise();
        io->signal()->raise();
        const auto start = io->now();
        REQUIRE(io->turn(rouse::test::completion_wait_max));
        CHECK(io->now() - start < rouse::test::completion_wait_max);
        // Nothing is raised any more, so this one lasts until its deadline.
        const auto again = io->now();
        REQUIRE(io->turn(rouse::milliseconds(5)));
        CHECK(io->now() - again >= rouse::milliseconds(5));
    }

    TEST_CASE("the signal works again and again, also after the reactor is gone") {
        std::shared_ptr<const rouse::wake_signal> kept;
        {
            const auto io = tested_reactor();
            kept = io->signal();
            for (int i = 0; i < 1000; ++i) {
                kept->raise();
                REQUIRE(io->turn(rouse::test::completion_wait_max));
            }
        }
        kept->raise();
        CHECK(kept.use_count() == 1);
    }
}
