#include "runtime/executor/blocking_pool.hpp"

namespace rouse::detail {

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

std::shared_ptr<blocking_job> blocking_queue::take(bool waits) noexcept {
    std::unique_lock lock(mutex_);
    if (waits) {
        changed_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
    }
    if (closed_ || jobs_.empty()) {
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

void blocking_queue::run(blocking_job& job) noexcept {
    job.run();
    std::optional<waker> woken;
    {
        const std::scoped_lock lock(mutex_);
        job.progress_ = progress::done;
        woken.swap(job.waiting_);
    }
    wake(std::move(woken));
}

void blocking_queue::work() noexcept {
    while (const std::shared_ptr<blocking_job> job = take(true)) {
        run(*job);
    }
}

bool blocking_queue::run_next() noexcept {
    const std::shared_ptr<blocking_job> job = take(false);
    if (job) {
        run(*job);
    }
    return job != nullptr;
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

}  // namespace rouse::detail
