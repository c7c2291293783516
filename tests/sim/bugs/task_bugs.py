"""Bugs in tasks, wakes, the executor and its timers."""

from bug import Bug

HEADER = "runtime/executor/task_header.cpp"
EXECUTOR = "runtime/executor/executor.cpp"
READY = "runtime/executor/ready_queue.hpp"
INBOX = "runtime/executor/inbox.cpp"
CONTEXT = "runtime/task/context.hpp"
CHANNEL = "runtime/sync/thread_channel.hpp"
WHEEL = "runtime/time/timer_wheel.cpp"
DEADLINE = "runtime/time/deadline.hpp"
SLEEP = "runtime/time/sleep.hpp"

TASK_BUGS = [
    Bug("running-wake-lost", "a wake that comes while the task is polled is lost", HEADER,
        "    if ((state_ & task_state::queued) != 0) {",
        "    if ((state_ & task_state::queued) != 0 ||\n"
        "        (PLANTED && (state_ & task_state::running) != 0)) {",
        "echo"),
    Bug("queue-owner-forgotten", "the ready queue does not count as an owner of a task", EXECUTOR,
        "    task.add_owner();  // The ready queue's.",
        "    if (!PLANTED) {\n        task.add_owner();\n    }",
        "echo"),
    Bug("batch-unbounded", "tasks run until none is ready, however long the kernel waits",
        EXECUTOR,
        "    while (ran < options_.batch_tasks_max && !ready_.empty()) {",
        "    while ((ran < options_.batch_tasks_max || PLANTED) && !ready_.empty()) {",
        "echo"),
    Bug("sleeps-past-deadline", "the sleep is as long as the deadline is, and a minute", EXECUTOR,
        "    return std::max(*deadline - reactor_.now(), duration::zero());",
        "    return std::max(*deadline - reactor_.now(), duration::zero()) +\n"
        "           milliseconds(PLANTED ? 60'000 : 0);",
        "http"),
    Bug("sleeps-with-ready", "the executor sleeps although a task is ready", EXECUTOR,
        "    if (!ready_.empty()) {\n        return duration::zero();",
        "    if (!ready_.empty() && !PLANTED) {\n        return duration::zero();",
        "http"),
    Bug("inbox-not-drained", "wakes from outside are not looked for after a sleep", EXECUTOR,
        "    counters_.wakes_remote += inbox_->drain();\n    return turned;",
        "    if (!PLANTED) {\n        counters_.wakes_remote += inbox_->drain();\n    }\n"
        "    return turned;",
        "http"),
    Bug("remote-wake-once", "a waker from outside wakes once", INBOX,
        "        waker.queued_.exchange(false, std::memory_order_acq_rel);",
        "        if (!PLANTED) {\n"
        "            waker.queued_.exchange(false, std::memory_order_acq_rel);\n        }",
        "http"),
    Bug("inbox-owner-leaked", "a wake from outside that was given on keeps its owner", INBOX,
        "        waker.drop_owner();\n        ++count;",
        "        if (!PLANTED) {\n            waker.drop_owner();\n        }\n        ++count;",
        "http"),
    Bug("ready-reversed", "the task that became ready last is polled first", READY,
        "        task.next_ready_ = nullptr;",
        "        if (PLANTED && head_ != nullptr) {\n"
        "            task.next_ready_ = head_;\n            head_ = &task;\n"
        "            ++size_;\n            return;\n        }\n"
        "        task.next_ready_ = nullptr;",
        "echo"),
    Bug("budget-without-wake", "a task that used its budget up is not queued again", CONTEXT,
        "            local_.wake_by_ref();\n            return false;",
        "            if (!PLANTED) {\n                local_.wake_by_ref();\n            }\n"
        "            return false;",
        "echo"),
    Bug("command-wakes-nobody", "a value sent to a waiting thread wakes nobody", CHANNEL,
        "            ++size_;\n            woken.swap(receiver_);",
        "            ++size_;\n            if (!PLANTED) {\n"
        "                woken.swap(receiver_);\n            }",
        "echo"),
    Bug("extend-ignored", "a deadline that is put off passes at its old time", WHEEL,
        "    entry.deadline_tick_ = tick;",
        "    if (!PLANTED) {\n        entry.deadline_tick_ = tick;\n    }",
        "echo"),
    Bug("lost-in-cascade", "a timer that moves to a finer level is forgotten", WHEEL,
        "            link(*entry);\n            continue;",
        "            if (!PLANTED) {\n                link(*entry);\n            }\n"
        "            continue;",
        "http"),
    Bug("fires-with-slot", "all timers of a coarse slot fire with its first", WHEEL,
        "        if (entry->deadline_tick_ > tick_) {",
        "        if (entry->deadline_tick_ > tick_ && !PLANTED) {",
        "http"),
    Bug("fires-early", "a deadline is rounded down to its tick", WHEEL,
        "std::chrono::ceil<milliseconds>(deadline - start_).count());",
        "(PLANTED ? std::chrono::floor<milliseconds>(deadline - start_)\n"
        "         : std::chrono::ceil<milliseconds>(deadline - start_)).count());",
        "http"),
    Bug("coarse-forgotten", "timers beyond the finest level do not bound the sleep", WHEEL,
        "    return next ? std::optional(time_of(next->tick)) : std::nullopt;",
        "    return next && !(PLANTED && next->level > 0) ? std::optional(time_of(next->tick))\n"
        "                                                  : std::nullopt;",
        "http"),
    Bug("earlier-deadline-ignored", "a deadline that is moved to an earlier time stays", DEADLINE,
        "        if (entry_.is_linked() && when >= when_) {",
        "        if (PLANTED && entry_.is_linked() && when < when_) {\n            return;\n        }\n"
        "        if (entry_.is_linked() && when >= when_) {",
        "http"),
    Bug("deadline-wakes-nobody", "a deadline keeps no waker", DEADLINE,
        "        entry_.set_waker(cx);",
        "        if (!PLANTED) {\n            entry_.set_waker(cx);\n        }",
        "echo"),
    Bug("sleep-wakes-nobody", "a sleep keeps no waker", SLEEP,
        "        entry_.set_waker(cx);",
        "        if (!PLANTED) {\n            entry_.set_waker(cx);\n        }",
        "http"),
]
