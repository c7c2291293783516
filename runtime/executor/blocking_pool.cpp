#include "runtime/executor/blocking_pool.hpp"

#include <pthread.h>

#include <cassert>

#include "runtime/base/blocked_signals.hpp"

namespace rouse {
namespace detail {

rouse::poll<result<>> blocking_queue::poll(const std::shared_ptr<blocking_job>& job, context& cx) {
    waker latest = cx.waker();  // Outside the lock: it may allocate.
    const std::scoped_lock lock(mutex_);
    switch (job->progress_) {
        case progress::idle:
            if (closed_) {
                return result<>(failure(errc::cancelled));
            }
            if (size_ >= jobs_max_) {
                return result<>(failure(errc::limit_exceeded));
            }
            jobs_.push_back(*job);
            ++size_;
            job->self_ = job;
            job->progress_ = progress::queued;
            changed_.notify_one();
            break;
        case progress::queued:
        case progress::running:
            break;
        case progress::done:
            if (!cx.consume_budget()) {
                return pending;
            }
            return result<>();
        case progress::cancelled:
            return result<>(failure(errc::cancelled));
    }
    job->waiting_ = std::move(latest);
    return pending;
}

void blocking_queue::abandon(blocking_job& job) noexcept {
    // Destroyed after the lock: the waker and the function may do anything.
    std::optional<waker> waiting;
    std::shared_ptr<blocking_job> self;
    const std::scoped_lock lock(mutex_);
    waiting.swap(job.waiting_);
    if (job.progress_ == progress::queued) {
        job.unlink();
        --size_;
        job.progress_ = progress::cancelled;
        self = std::move(job.self_);
    }
}

std::shared_ptr<blocking_job> blocking_queue::take() noexcept {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
    if (closed_) {
        return nullptr;
    }
    --size_;
    blocking_job& first = *jobs_.pop_front();
    first.progress_ = progress::running;
    return std::move(first.self_);
}

// Outside the lock: waking takes the locks of whoever is woken.
void blocking_queue::wake(std::optional<waker> woken) noexcept {
    if (woken) {
        std::move(*woken).wake();
    }
}

void blocking_queue::work() noexcept {
    while (const std::shared_ptr<blocking_job> job = take()) {
        job->run();
        std::optional<waker> woken;
        {
            const std::scoped_lock lock(mutex_);
            job->progress_ = progress::done;
            woken.swap(job->waiting_);
        }
        wake(std::move(woken));
    }
}

void blocking_queue::close() noexcept {
    std::unique_lock lock(mutex_);
    closed_ = true;
    changed_.notify_all();
    while (blocking_job* first = jobs_.pop_front()) {
        const std::shared_ptr<blocking_job> job = std::move(first->self_);
        --size_;
        job->progress_ = progress::cancelled;
        std::optional<waker> woken;
        woken.swap(job->waiting_);
        lock.unlock();
        wake(std::move(woken));
        lock.lock();
    }
}

std::size_t blocking_queue::size() noexcept {
    const std::scoped_lock lock(mutex_);
    return size_;
}

}  // namespace detail

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
