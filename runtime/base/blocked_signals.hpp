#pragma once

#include <pthread.h>

#include <csignal>

namespace rouse {

/// While one lives, its thread takes no signals, and neither does a thread that it starts: a thread
/// inherits the mask of the one that starts it (pthread_sigmask(3)). Signals are for the threads
/// that serve, and a SIGPIPE or SIGXFSZ of a log must not end the daemon.
class blocked_signals {
   public:
    blocked_signals() noexcept {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    blocked_signals(const blocked_signals&) = delete;
    blocked_signals& operator=(const blocked_signals&) = delete;
    ~blocked_signals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

   private:
    sigset_t before_{};
};

}  // namespace rouse
