// Accepting when no descriptor is left. In a child, because a limit is the whole process's.

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "runtime/net/tcp_listener.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/poll_once.hpp"
#include "tests/support/reactor_drive.hpp"
#include "tests/support/sockets.hpp"

using rouse::tcp_listener;

namespace {

/// No new descriptor while it lives. Only around a turn of the reactor: between turns the
/// sanitizers want some.
class no_descriptors {
   public:
    no_descriptors() {
        (void)::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit none{.rlim_cur = 1, .rlim_max = before_.rlim_max};
        (void)::setrlimit(RLIMIT_NOFILE, &none);
    }
    no_descriptors(const no_descriptors&) = delete;
    no_descriptors& operator=(const no_descriptors&) = delete;
    ~no_descriptors() { (void)::setrlimit(RLIMIT_NOFILE, &before_); }

   private:
    rlimit before_{};
};

/// Accepts one; with `limited` the kernel has no descriptor for it.
std::error_code accept_one(rouse::reactor& io, tcp_listener& listener,
                           std::vector<rouse::tcp_stream>& accepted, bool limited) {
    auto accepting = listener.accept();
    while (true) {
        auto answer = rouse::test::poll_once(accepting);
        if (answer.is_ready()) {
            auto stream = std::move(answer).value();
            if (!stream) {
                return stream.error();
            }
            accepted.push_back(*std::move(stream));
            return {};
        }
        std::optional<no_descriptors> limit;
        if (limited) {
            limit.emplace();
        }
        if (!io.turn(rouse::test::completion_wait_max)) {
            return make_error_code(rouse::errc::backend_unavailable);
        }
    }
}

/// Says what failed first, or nothing.
std::string accept_at_the_limit() {
    const auto io = rouse::test::tested_reactor();
    auto listener = tcp_listener::bind(*io, rouse::test::any_port()).value();
    std::vector<rouse::tcp_stream> accepted;
    const auto first = rouse::test::connect_plain(listener.local_address());
    const auto second = rouse::test::connect_plain(listener.local_address());
    for (int i = 0; i < 3; ++i) {
        const auto failed = accept_one(*io, listener, accepted, true);
        if (failed != rouse::errno_code(EMFILE)) {
            return "accept without a descriptor: " + failed.message();
        }
    }
    if (accept_one(*io, listener, accepted, false)) {
        return "accept did not go on";
    }
    if (!rouse::test::drive(*io, accepted[0].send(rouse::owned_bytes::from_static("served")))) {
        return "who is connected is not served";
    }
    if (rouse::test::read_now(first).text != "served") {
        return "who is connected got nothing";
    }
    return accept_one(*io, listener, accepted, false) ? "a connection was lost" : "";
}

}  // namespace

TEST_SUITE("runtime/tcp_listener limits") {
    TEST_CASE(
        "without a free descriptor accept says EMFILE, loses nobody, and goes on afterwards") {
        const auto end = rouse::test::run_in_child([](int out) {
            const std::string failed = accept_at_the_limit();
            (void)!::write(out, failed.data(), failed.size());
            return 0;
        });
        CHECK(end.exit_code == 0);
        CHECK(end.output == "");
    }
}
