#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "runtime/base/intrusive_list.hpp"
#include "runtime/base/result.hpp"
#include "runtime/executor/inbox.hpp"
#include "runtime/executor/join_handle.hpp"
#include "runtime/executor/ready_queue.hpp"
#include "runtime/executor/task_header.hpp"
#include "runtime/reactor/reactor.hpp"
#include "runtime/time/timer_wheel.hpp"

namespace rouse {

struct executor_options {
    /// How many tasks run between two turns of the reactor, so that a busy queue does not keep
    /// completions waiting.
    std::size_t batch_tasks_max = 256;
    /// How many operations one task may finish in one poll before it goes to the back of the queue
    /// (coop_budget).
    std::uint32_t task_budget = 128;
};

/// What an executor has done since it was made. Plain numbers, read on its own thread.
struct executor_counters {
    std::uint64_t tasks_spawned = 0;
    std::uint64_t tasks_failed = 0;  ///< Ended with an exception, whether or not anyone takes it.
    std::uint64_t polls = 0;
    std::uint64_t wakes = 0;            ///< That queued a task.
    std::uint64_t wakes_coalesced = 0;  ///< That found it queued already.
    std::uint64_t wakes_remote = 0;     ///< That came from another thread.
    std::uint64_t budget_yields = 0;    ///< Polls that used their whole budget.
    std::uint64_t turns = 0;            ///< Of the reactor.
    std::uint64_t timers_fired = 0;
    std::size_t ready_high_water = 0;  ///< The longest the ready queue has been.
};

/// Runs tasks on one thread: a task is polled when it is spawned and after each wake, never
/// otherwise. With no task ready it sleeps in the reactor until a completion, the next deadline or
/// a wake from another thread.
///
/// Its tasks must not outlive the reactor: destroy the executor first. All of it belongs to the
/// thread that runs it; from another thread only a waker may be used.
class executor {
   public:
    explicit executor(reactor& io, executor_options options = {});
    executor(const executor&) = delete;
    executor& operator=(const executor&) = delete;
    /// Drops all tasks that have not finished, the latest spawned first.
    ~executor();

    /// Takes over `work` and queues it for its first poll. Throws bad_alloc.
    template <future F>
    join_handle<future_output_t<F>> spawn(F work) {
        auto* spawned = new detail::spawned_task<F>(*this, std::move(work));
        adopt(*spawned);
        spawned->add_owner();
        return join_handle<future_output_t<F>>(*spawned);
    }

    /// Runs until no task is left or stop() is called. Fails when the reactor fails.
    [[nodiscard]] result<> run();

    /// Runs everything until `work` is done, and gives its result. Fails when the reactor fails.
    template <future F>
    [[nodiscard]] result<future_output_t<F>> run_until(F work) {
        auto handle = spawn(std::move(work));
        run_batch();
        while (!handle.is_finished()) {
            if (const auto turned = turn(); !turned) {
                return failure(turned.error());
            }
            run_batch();
        }
        const local_waker noop = local_waker::noop();
        context cx(noop);
        return handle.poll(cx).value();
    }

    /// One batch of ready tasks and one turn of the reactor, which sleeps if no task is ready.
    [[nodiscard]] result<> run_once();

    /// Runs ready tasks until none is left, without asking the reactor. Returns how many polls that
    /// were.
    std::size_t run_until_stalled();

    /// Makes the present run() return after the current batch, without sleeping, or else the next
    /// one at once. The tasks stay. run_until is not ended by it.
    void stop() noexcept { stopped_ = true; }

    [[nodiscard]] reactor& io() noexcept { return reactor_; }
    [[nodiscard]] timer_wheel& timers() noexcept { return timers_; }
    [[nodiscard]] std::size_t task_count() const noexcept { return task_count_; }
    [[nodiscard]] const executor_counters& counters() const noexcept { return counters_; }

   private:
    friend class detail::task_header;

    void adopt(detail::task_header& task) noexcept;
    void make_ready(detail::task_header& task) noexcept;
    void run_task(detail::task_header& task) noexcept;
    /// Runs up to batch_tasks_max ready tasks; tells how many.
    std::size_t run_batch() noexcept;
    /// One turn of the reactor, which sleeps if no task is ready, and what it brings: wakes,
    /// timers.
    [[nodiscard]] result<> turn();
    [[nodiscard]] std::optional<duration> sleep_bound() noexcept;

    reactor& reactor_;
    executor_options options_;
    timer_wheel timers_;
    detail::ready_queue ready_;
    intrusive_list<detail::task_header, detail::all_tasks> tasks_;
    std::shared_ptr<detail::inbox> inbox_;
    executor_counters counters_;
    std::size_t task_count_ = 0;
    bool stopped_ = false;
};

}  // namespace rouse
