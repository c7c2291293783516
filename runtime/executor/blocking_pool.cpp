#include "runtime/executor/blocking_pool.hpp"

#include <pthread.h>

#include <cassert>

#include "runtime/base/blocked_signals.hpp"

namespace rouse {
blocking_pool::blocking_pool(blocking_pool_options options)
    : queue_(std::make_shared<detail::blocking_queue>(options.queue_jobs_max)) {
    assert(options.threads > 0);
    const blocked_signals blocked;
    try {
        threads_.reserve(options.threads);
        while (threads_.size() < options.threads) {
            threads_.emplace_back([queue = queue_.get()] { queue->work(); });
            // Fails only for a name that is too long.
            (void)::pthread_setname_np(threads_.back().native_handle(), "rouse-blocking");
        }
    } catch (...) {
        stop();
        throw;
    }
}

blocking_pool::~blocking_pool() {
    stop();
}

void blocking_pool::stop() noexcept {
    queue_->close();
    for (std::thread& each : threads_) {
        each.join();
    }
}

}  // namespace rouse
