#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "runtime/base/intrusive_list.hpp"
#include "runtime/base/result.hpp"
#include "runtime/task/future.hpp"

namespace rouse {

struct blocking_pool_options {
    std::size_t threads = 1;          ///< At least 1.
    std::size_t queue_jobs_max = 64;  ///< Jobs that wait for a thread, without those under way.
};

namespace detail {

class blocking_queue;

/// One function on its way to a thread, and its result on the way back. Owned by its future and,
/// from when it is queued until it has run, by the queue and the thread.
class blocking_job : public intrusive_link<blocking_queue> {
   public:
    blocking_job() noexcept = default;
    blocking_job(const blocking_job&) = delete;  // The queue links it.
    blocking_job& operator=(const blocking_job&) = delete;
    virtual ~blocking_job() = default;

    /// On a thread of the pool: calls the function and keeps what it gives or throws.
    virtual void run() noexcept = 0;

   private:
    friend class blocking_queue;
    enum class progress : std::uint8_t { idle, queued, running, done, cancelled };

    // Under the mutex of the queue.
    progress progress_ = progress::idle;
    std::optional<waker> waiting_;
    std::shared_ptr<blocking_job> self_;  // While it is queued.
};

/// What a pool, its threads and its futures share.
class blocking_queue {
   public:
    explicit blocking_queue(std::size_t jobs_max) noexcept : jobs_max_(jobs_max) {}

    /// Queues a job that is new, or keeps the waker for one that is on its way. Ready when it has
    /// run or will not.
    [[nodiscard]] rouse::poll<result<>> poll(const std::shared_ptr<blocking_job>& job, context& cx);
    /// Nobody waits for this job any more.
    void abandon(blocking_job& job) noexcept;
    /// Runs jobs until the queue is closed.
    void work() noexcept;
    /// Runs the job that has waited longest, and says whether one waited: for who has no thread.
    bool run_next() noexcept;
    /// Cancels what waits and what is still to come.
    void close() noexcept;
    [[nodiscard]] std::size_t size() noexcept;

   private:
    using progress = blocking_job::progress;

    [[nodiscard]] std::shared_ptr<blocking_job> take(bool waits) noexcept;
    void run(blocking_job& job) noexcept;
    static void wake(std::optional<waker> woken) noexcept;

    std::mutex mutex_;
    std::condition_variable changed_;
    intrusive_list<blocking_job, blocking_queue> jobs_;
    std::size_t size_ = 0;
    std::size_t jobs_max_;
    bool closed_ = false;
};

template <class F>
class blocking_call final : public blocking_job {
   public:
    using value_type = std::invoke_result_t<F&>;

    explicit blocking_call(F&& function) : function_(std::move(function)) {}

    void run() noexcept override {
        try {
            if constexpr (std::is_void_v<value_type>) {
                (*function_)();
            } else {
                value_.emplace((*function_)());
            }
        } catch (...) {
            thrown_ = std::current_exception();
        }
        function_.reset();
    }

    /// After it has run.
    [[nodiscard]] result<value_type> take() {
        if (thrown_) {
            std::rethrow_exception(std::exchange(thrown_, nullptr));
        }
        if constexpr (std::is_void_v<value_type>) {
            return {};
        } else {
            return std::move(*value_);
        }
    }

   private:
    struct nothing {};

    std::optional<F> function_;
    std::optional<std::conditional_t<std::is_void_v<value_type>, nothing, value_type>> value_;
    std::exception_ptr thrown_;
};

}  // namespace detail

/// The future of blocking_pool::run.
template <class F>
class [[nodiscard]] blocking_future {
   public:
    blocking_future(blocking_future&&) noexcept = default;
    blocking_future& operator=(blocking_future&&) = delete;
    ~blocking_future() {
        if (job_) {
            queue_->abandon(*job_);
        }
    }

    /// Throws what the function threw, and bad_alloc.
    [[nodiscard]] rouse::poll<result<std::invoke_result_t<F&>>> poll(context& cx) {
        using output = result<std::invoke_result_t<F&>>;
        const rouse::poll<result<>> ran = queue_->poll(job_, cx);
        if (ran.is_pending()) {
            return pending;
        }
        return ran.value() ? job_->take() : output(failure(ran.value().error()));
    }

   private:
    friend class blocking_pool;

    blocking_future(std::shared_ptr<detail::blocking_queue> queue,
                    std::shared_ptr<detail::blocking_call<F>> job) noexcept
        : queue_(std::move(queue)), job_(std::move(job)) {}

    std::shared_ptr<detail::blocking_queue> queue_;
    std::shared_ptr<detail::blocking_call<F>> job_;
};

/// A few threads for work that would hold up a loop, such as hashing a password. Bounded: when
/// queue_jobs_max jobs wait already, the next is refused at once. Its threads take no signals.
/// Any thread may call run(), and a future may outlive the pool.
class blocking_pool {
   public:
    /// Starts the threads. Throws std::system_error when one cannot be had.
    explicit blocking_pool(blocking_pool_options options = {});
    blocking_pool(const blocking_pool&) = delete;
    blocking_pool& operator=(const blocking_pool&) = delete;
    /// Cancels what waits, lets what is under way come to its end, and ends the threads.
    ~blocking_pool();

    /// Calls `function()` on a thread of the pool, after the first poll: a future of its result.
    /// Errors: errc::limit_exceeded when the queue is full; errc::cancelled when the pool has
    /// ended. What the function throws comes out of the poll. Throws bad_alloc.
    ///
    /// Dropping the future takes the job out of the queue; one that is under way comes to its end,
    /// and its result is dropped there. So the function owns all that it uses, and it and its
    /// result may be destroyed on any thread.
    template <class F>
    [[nodiscard]] blocking_future<F> run(F function) {
        return {queue_, std::make_shared<detail::blocking_call<F>>(std::move(function))};
    }

    /// How many jobs wait for a thread now.
    [[nodiscard]] std::size_t waiting_jobs() const noexcept { return queue_->size(); }

   private:
    void stop() noexcept;

    std::shared_ptr<detail::blocking_queue> queue_;
    std::vector<std::thread> threads_;
};

}  // namespace rouse
