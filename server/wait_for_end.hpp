#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "runtime/executor/wake_signal.hpp"
#include "server/access_log.hpp"
#include "server/termination_signals.hpp"
#include "server/worker.hpp"

namespace rouse::server {

using worker_list = std::vector<std::unique_ptr<worker>>;

void tell_all(const worker_list& workers, worker_command command) noexcept;

/// What the main thread looks after. Everything outlives it.
struct running_workers {
    const worker_list& workers;
    const termination_signals& signals;
    const wake_signal& news;  ///< Of all workers.
    access_log* log;          ///< To be opened anew at SIGUSR1; may be null.
    std::size_t listeners;
    std::chrono::milliseconds shutdown_timeout;
};

/// Waits until every worker has ended: the first signal, or the end of any worker, drains; another
/// signal cuts. Where systemd listens, it is told when all serve, that they live, and when they
/// drain. False when it could not wait.
[[nodiscard]] bool wait_for_end(const running_workers& running);

}  // namespace rouse::server
