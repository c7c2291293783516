"""The bugs that the model check of the cross-thread wake must find.

Each is one slip in one place: in `path`, after the text `behind`, `broken` stands for `shipped`.
Exploring `world` must fail, for the reason `found_as`. instrument.py puts them in.
"""

from collections import namedtuple

Bug = namedtuple("Bug", "name world found_as path behind shipped broken")

INBOX = "runtime/executor/inbox.cpp"
INBOX_HEADER = "runtime/executor/inbox.hpp"
OWNER_WAKER = "runtime/task/owner_waker.hpp"
COUNTED = "runtime/task/counted.hpp"
TASK_HEADER = "runtime/executor/task_header.cpp"
EXECUTOR = "runtime/executor/executor.cpp"
CHANNEL = "runtime/sync/thread_channel.hpp"

# Worlds of worlds.cpp.
ONE_TASK = "one task, one thread"
TWO_WAKES = "one task, one thread, two wakes"
TWO_THREADS = "one task, two threads"
OWN_TASKS = "own tasks, two threads"
FINISHED = "finished task, two threads"
ENDED = "ended executor, two threads, one task"
ENDED_TWO = "ended executor, two threads, two tasks"
SHARED = "shared object, two threads"
CHANNEL_OPEN = "channel, one sender"
CHANNEL_CLOSED = "closed channel, one sender"

# What relacy calls them.
RACE = "DATA RACE"
ASLEEP = "DEADLOCK"
LEAK = "MEMORY LEAK"
FREED = "ACCESS TO FREED MEMORY"

MARK = "queued_.exchange(true, std::memory_order_acq_rel)"
UNMARK = "waker.queued_.exchange(false, std::memory_order_acq_rel);"

BUGS = [
    Bug("the push publishes nothing", OWN_TASKS, RACE,
        INBOX, "bool inbox::push", "std::memory_order_release", "std::memory_order_relaxed"),
    Bug("the drain acquires nothing", OWN_TASKS, RACE,
        INBOX, "std::uint32_t inbox::drain", "std::memory_order_acquire",
        "std::memory_order_relaxed"),
    Bug("the close acquires nothing", ENDED_TWO, RACE,
        INBOX, "void inbox::close", "std::memory_order_acquire", "std::memory_order_relaxed"),
    Bug("a wake that coalesces publishes nothing", TWO_THREADS, ASLEEP,
        INBOX, "void remote_waker::wake", MARK,
        "queued_.exchange(true, std::memory_order_acquire)"),
    Bug("a wake links itself anew before the drain has read its link", TWO_WAKES, RACE,
        INBOX, "void remote_waker::wake", MARK,
        "queued_.exchange(true, std::memory_order_release)"),
    Bug("a wake is queued twice", TWO_THREADS, RACE,
        INBOX, "void remote_waker::wake", MARK, "(" + MARK + " && false)"),
    Bug("the drain says too early that a wake is out", TWO_WAKES, RACE,
        INBOX, "std::uint32_t inbox::drain", UNMARK,
        "waker.queued_.exchange(false, std::memory_order_acquire);"),
    Bug("the drain does not see what a coalesced wake announces", TWO_THREADS, ASLEEP,
        INBOX, "std::uint32_t inbox::drain", UNMARK,
        "waker.queued_.exchange(false, std::memory_order_release);"),
    Bug("a wake that is out stays marked as queued", TWO_WAKES, ASLEEP,
        INBOX, "std::uint32_t inbox::drain", UNMARK, ";"),
    Bug("the mark goes after the owner", FINISHED, FREED,
        INBOX, "std::uint32_t inbox::drain", "waker.drop_owner();",
        "waker.drop_owner(); " + UNMARK),
    Bug("only who finds others in the inbox raises the signal", ONE_TASK, ASLEEP,
        INBOX, "bool inbox::push", "head == nullptr", "head != nullptr"),
    Bug("the inbox owns nothing", ONE_TASK, FREED,
        INBOX, "void remote_waker::wake", "add_owner();", ";"),
    Bug("a wake that is turned away keeps its owner", ENDED, LEAK,
        INBOX, "if (!inbox_->push(*this))", "drop_owner();", ";"),
    Bug("a closed inbox takes wakes", ENDED, LEAK,
        INBOX, "void inbox::close", "closed_mark()", "nullptr"),
    Bug("a push does not look whether the inbox is closed", ENDED, LEAK,
        INBOX, "bool inbox::push", "head == closed_mark()", "false"),
    Bug("the close forgets what is in the inbox", ENDED, LEAK,
        INBOX, "void inbox::release", "first != nullptr", "false"),
    Bug("the close reads the link of what it has freed", ENDED_TWO, RACE,
        INBOX, "void inbox::release", "std::exchange(first, first->next_)->drop_owner();",
        "first->drop_owner(); first = first->next_;"),
    Bug("owners are dropped in no order", ENDED, RACE,
        INBOX_HEADER, "void drop_owner()", "std::memory_order_acq_rel",
        "std::memory_order_relaxed"),
    Bug("the last owner frees without seeing the others' work", ENDED, RACE,
        INBOX_HEADER, "void drop_owner()", "std::memory_order_acq_rel",
        "std::memory_order_release"),
    Bug("an owner drops without showing its work to the last", ENDED, RACE,
        INBOX_HEADER, "void drop_owner()", "std::memory_order_acq_rel",
        "std::memory_order_acquire"),
    Bug("a waker drops its owner before it wakes", FINISHED, RACE,
        OWNER_WAKER, "static void wake(", "of(data).wake();\n        of(data).drop_owner();",
        "of(data).drop_owner(); of(data).wake();"),
    Bug("a clone owns nothing", ENDED, RACE,
        OWNER_WAKER, "static raw_waker clone", "of(data).add_owner();", ";"),
    Bug("a finished task stays known to its waker", FINISHED, FREED,
        TASK_HEADER, "void task_header::finish", "remote_->detach();", ";"),
    Bug("the executor ends without closing its inbox", ENDED, LEAK,
        EXECUTOR, "executor::~executor()", "inbox_->close();", ";"),
    Bug("the executor does not look into its inbox after a sleep", ONE_TASK, ASLEEP,
        EXECUTOR, "result<> executor::turn()", "inbox_->drain()", "0"),
    Bug("a shared object's owners are dropped in no order", SHARED, RACE,
        COUNTED, "owners_.fetch_sub(1", "std::memory_order_acq_rel", "std::memory_order_relaxed"),
    Bug("the receiver leaves its waker after it has let the channel go", CHANNEL_OPEN, ASLEEP,
        CHANNEL, "poll_recv(context& cx)", "receiver_ = cx.waker();",
        "mutex_.unlock(); mutex_.lock(); receiver_ = cx.waker();"),
    Bug("a value is counted outside of the lock", CHANNEL_OPEN, RACE,
        CHANNEL, "try_send(T&& value)", "++size_;", "mutex_.unlock(); ++size_; mutex_.lock();"),
    Bug("a send wakes nobody", CHANNEL_OPEN, ASLEEP,
        CHANNEL, "try_send(T&& value)", "woken.swap(receiver_);", ";"),
    Bug("the close of a channel wakes nobody", CHANNEL_CLOSED, ASLEEP,
        CHANNEL, "void close()", "woken.swap(receiver_);", ";"),
]
