#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "runtime/base/result.hpp"
#include "runtime/reactor/reactor.hpp"
#include "runtime/task/future.hpp"
#include "runtime/time/timer_wheel.hpp"

namespace rouse {

/// The executor that every text about futures begins with: a queue of tasks; take the first, poll
/// it with the no-op waker, put it back when it is pending, until the queue is empty. Correct and
/// wasteful: nobody wakes it, so it polls what cannot progress. It is kept as the baseline: any
/// future gives the same result here as on executor, and comparing polls() shows what the waker
/// saves.
class simple_executor {
   public:
    /// With a reactor, futures that wait for the kernel make progress: it is asked, without
    /// sleeping, after each round.
    explicit simple_executor(reactor* io = nullptr) noexcept
        : reactor_(io), timers_(io == nullptr ? clock::now() : io->now()) {}
    simple_executor(const simple_executor&) = delete;
    simple_executor& operator=(const simple_executor&) = delete;

    /// Queues `work`, whose output nobody takes. Throws bad_alloc.
    template <future F>
    void spawn(F work) {
        tasks_.push_back(std::make_unique<queued_future<F>>(std::move(work)));
    }

    /// Polls until every task is done. What a task throws comes out here. Fails when the reactor
    /// fails.
    [[nodiscard]] result<> run() {
        while (!tasks_.empty()) {
            if (auto ran = run_round(); !ran) {
                return ran;
            }
        }
        return {};
    }

    /// Polls `work` and all other tasks, in turn, until `work` is done.
    template <future F>
    [[nodiscard]] result<future_output_t<F>> run_until(F work) {
        const local_waker waker = local_waker::noop();
        while (true) {
            context cx(waker, nullptr, &timers_);
            ++polls_;
            if (auto answer = work.poll(cx); answer.is_ready()) {
                if constexpr (std::is_void_v<future_output_t<F>>) {
                    return {};
                } else {
                    return std::move(answer).value();
                }
            }
            if (auto ran = run_round(); !ran) {
                return failure(ran.error());
            }
        }
    }

    [[nodiscard]] std::uint64_t polls() const noexcept { return polls_; }
    [[nodiscard]] timer_wheel& timers() noexcept { return timers_; }

   private:
    /// A future of any type, without its output.
    class any_future {
       public:
        any_future() = default;
        any_future(const any_future&) = delete;
        any_future& operator=(const any_future&) = delete;
        virtual ~any_future() = default;
        [[nodiscard]] virtual bool poll(context& cx) = 0;
    };
    template <class F>
    class queued_future final : public any_future {
       public:
        explicit queued_future(F&& work) : future_(std::move(work)) {}
        [[nodiscard]] bool poll(context& cx) override { return future_.poll(cx).is_ready(); }

       private:
        F future_;
    };

    [[nodiscard]] result<> run_round() {
        const local_waker waker = local_waker::noop();
        for (std::size_t left = tasks_.size(); left > 0; --left) {
            std::unique_ptr<any_future> task = std::move(tasks_.front());
            tasks_.pop_front();
            context cx(waker, nullptr, &timers_);
            ++polls_;
            if (!task->poll(cx)) {
                tasks_.push_back(std::move(task));
            }
        }
        if (reactor_ == nullptr) {
            timers_.advance(clock::now());
            return {};
        }
        auto turned = reactor_->turn(duration::zero());
        timers_.advance(reactor_->now());
        return turned;
    }

    reactor* reactor_;
    timer_wheel timers_;
    std::deque<std::unique_ptr<any_future>> tasks_;
    std::uint64_t polls_ = 0;
};

}  // namespace rouse
