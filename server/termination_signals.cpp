#include "server/termination_signals.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace rouse::server {

termination_signals::termination_signals() {
    sigset_t set{};
    (void)::sigemptyset(&set);
    (void)::sigaddset(&set, SIGTERM);
    (void)::sigaddset(&set, SIGINT);
    (void)::sigaddset(&set, SIGUSR1);
    (void)::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals_) {
        throw std::system_error(errno, std::generic_category(), "signalfd");
    }
}

int termination_signals::take() const noexcept {
    signalfd_siginfo received{};
    if (::read(signals_.get(), &received, sizeof received) != sizeof received) {
        return 0;
    }
    return static_cast<int>(received.ssi_signo);
}

}  // namespace rouse::server
