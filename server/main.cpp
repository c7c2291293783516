#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include "server/daemon.hpp"
#include "server/load_settings.hpp"

namespace {

// As many connections as the operator allows: the soft limit is there for select(2), which nothing
// here uses.
void raise_descriptor_limit() noexcept {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

}  // namespace

int main(int argc, char** argv) {
    using namespace rouse::server;
    try {
        const auto loaded = load_settings(argc, argv, environ);
        if (!loaded) {
            (void)std::fputs(loaded.error().out.c_str(), stdout);
            (void)std::fputs(loaded.error().err.c_str(), stderr);
            return loaded.error().code;
        }
        (void)std::signal(SIGPIPE, SIG_IGN);  // A log that nobody reads is no reason to end.
        raise_descriptor_limit();
        const termination_signals
            signals;  // Before the first thread, which inherits what is blocked.
        return serve(*loaded, signals);
    } catch (const std::exception& error) {
        (void)std::fprintf(stderr, "roused: %s\n", error.what());
        return exit_code_failed;
    }
}
