#pragma once

#include <array>
#include <optional>
#include <utility>

#include "runtime/executor/executor.hpp"
#include "tests/model/checked.hpp"
#include "tests/model/explore.hpp"

// The shipped executor with its inbox on thread 0, and threads that wake its tasks. Each task is
// polled once before the threads start, so that they have its waker.
namespace rouse::model {

/// A future out of a function of the world, which outlives it.
template <class World>
class polled_by {
   public:
    using poll_function = rouse::poll<> (World::*)(context&, unsigned);
    polled_by(World& world, poll_function function, unsigned task) noexcept
        : world_(&world), function_(function), task_(task) {}
    [[nodiscard]] rouse::poll<> poll(context& cx) { return (world_->*function_)(cx, task_); }

   private:
    World* world_;
    poll_function function_;
    unsigned task_;
};

/// Thread 0 and `Wakers` more.
template <class World, unsigned Wakers>
class inbox_world : public world {
   protected:
    void spawn(typename polled_by<World>::poll_function function, unsigned task = 0) {
        executor_->spawn(polled_by<World>(static_cast<World&>(*this), function, task)).detach();
        executor_->run_until_stalled();
    }

    /// The last act of thread 0.
    void end_executor(unsigned wakes_max) {
        RL_ASSERT(executor_->counters().wakes_remote <= wakes_max);
        executor_.reset();
        reactor_.reset();
    }

    std::optional<reactor> reactor_{std::in_place};
    std::optional<executor> executor_{std::in_place, *reactor_};
    std::array<std::optional<waker>, Wakers> wakers_;
};

/// One task, and threads that each change something and wake it, `Rounds` times. It ends when it
/// has seen all of it, so a wake that is lost, or whose poll does not see the change, leaves it
/// asleep for ever. It may see changes before their wakes, which then meet its end, or the
/// executor's.
template <unsigned Wakers, unsigned Rounds>
class shared_task_world final : public inbox_world<shared_task_world<Wakers, Rounds>, Wakers> {
   public:
    void before() override { this->spawn(&shared_task_world::poll_changes); }

    void thread(unsigned index) override {
        if (index == 0) {
            (void)this->executor_->run();
            RL_ASSERT(polls_ <= 1 + Wakers * Rounds);
            this->end_executor(Wakers * Rounds);
            return;
        }
        std::optional<waker>& mine = this->wakers_[index - 1];
        for (unsigned round = 1; round < Rounds; ++round) {
            changes_[index - 1].value.store(round, std::memory_order_relaxed);
            mine->wake_by_ref();
        }
        changes_[index - 1].value.store(Rounds, std::memory_order_relaxed);
        std::move(*mine).wake();
    }

   private:
    struct change {
        atomic<unsigned> value = 0U;
    };

    rouse::poll<> poll_changes(context& cx, unsigned /*task*/) {
        if (++polls_ == 1) {
            for (std::optional<waker>& each : this->wakers_) {
                each = cx.waker();
            }
        }
        bool all = true;
        for (const change& each : changes_) {
            all = each.value.load(std::memory_order_relaxed) == Rounds && all;
        }
        return all ? rouse::poll<>::ready() : rouse::poll<>(pending);
    }

    std::array<change, Wakers> changes_;
    unsigned polls_ = 0;
};

/// A task for each thread, and a plain message for each task: written before the wake, read by the
/// poll after it.
template <unsigned Wakers>
class own_task_world final : public inbox_world<own_task_world<Wakers>, Wakers> {
   public:
    void before() override {
        for (unsigned task = 0; task < Wakers; ++task) {
            this->spawn(&own_task_world::poll_message, task);
        }
    }

    void thread(unsigned index) override {
        if (index == 0) {
            (void)this->executor_->run();
            this->end_executor(Wakers);
            return;
        }
        messages_[index - 1].text = index;
        std::move(*this->wakers_[index - 1]).wake();
    }

   private:
    struct message {
        plain<unsigned> text = 0U;
    };

    rouse::poll<> poll_message(context& cx, unsigned task) {
        if (!std::exchange(polled_[task], true)) {
            this->wakers_[task] = cx.waker();
            return pending;
        }
        RL_ASSERT(messages_[task].text == task + 1);
        return rouse::poll<>::ready();
    }

    std::array<message, Wakers> messages_;
    std::array<bool, Wakers> polled_{};
};

/// Each thread wakes one task, which ends with its next poll; the executor then looks into its
/// inbox once more, and ends.
template <unsigned Wakers>
class finished_task_world final : public inbox_world<finished_task_world<Wakers>, Wakers> {
   public:
    void before() override { this->spawn(&finished_task_world::poll_twice); }

    void thread(unsigned index) override {
        if (index == 0) {
            (void)this->executor_->run();
            this->executor_->run_until_stalled();
            RL_ASSERT(polls_ == 2);
            this->end_executor(Wakers);
            return;
        }
        std::move(*this->wakers_[index - 1]).wake();
    }

   private:
    rouse::poll<> poll_twice(context& cx, unsigned /*task*/) {
        if (++polls_ == 2) {
            return rouse::poll<>::ready();
        }
        for (std::optional<waker>& each : this->wakers_) {
            each = cx.waker();
        }
        return pending;
    }

    unsigned polls_ = 0;
};

/// The executor looks into its inbox once and ends, while each thread wakes a task that never ends:
/// through a clone, and then without one. Thread n wakes task n % Tasks.
template <unsigned Wakers, unsigned Tasks>
class closing_world final : public inbox_world<closing_world<Wakers, Tasks>, Wakers> {
   public:
    void before() override {
        for (unsigned task = 0; task < Tasks; ++task) {
            this->spawn(&closing_world::poll_never, task);
        }
    }

    void thread(unsigned index) override {
        if (index == 0) {
            this->executor_->run_until_stalled();
            this->end_executor(2 * Wakers);
            return;
        }
        std::optional<waker>& mine = this->wakers_[index - 1];
        mine->clone().wake();
        mine.reset();
    }

   private:
    rouse::poll<> poll_never(context& cx, unsigned task) {
        for (unsigned i = task; i < Wakers; i += Tasks) {
            if (!this->wakers_[i]) {
                this->wakers_[i] = cx.waker();
            }
        }
        return pending;
    }
};

}  // namespace rouse::model
