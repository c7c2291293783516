#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/intrusive_list.hpp"
#include "runtime/base/result.hpp"
#include "runtime/base/slab.hpp"
#include "runtime/base/unique_fd.hpp"
#include "runtime/executor/wake_signal.hpp"
#include "runtime/reactor/buffer_lease.hpp"
#include "runtime/reactor/operation.hpp"
#include "runtime/task/context.hpp"
#include "runtime/time/clock.hpp"

namespace rouse {

/// Bounds of one reactor.
struct reactor_limits {
    /// Operation records at one time; one more fails with errc::limit_exceeded.
    std::size_t operations_max = 1U << 20U;
    /// Descriptors at one time.
    std::size_t descriptors_max = 1U << 20U;
    /// Completions of one receive that nobody has taken: at this many buffers the peer is read no
    /// further, until all of them are taken. One turn of the kernel may exceed it by what it had
    /// begun (32 buffers on Linux).
    std::uint16_t receive_queue_max = 16;
    /// Accepted connections that nobody has taken: at this many accepting pauses, and the rest
    /// waits in the backlog.
    std::uint16_t accept_queue_max = 256;
};

/// What a reactor has done since it was made.
struct reactor_counters {
    std::uint64_t turns = 0;
    std::uint64_t submissions = 0;
    std::uint64_t completions = 0;
    std::uint64_t wakes = 0;
    std::uint64_t orphans = 0;  ///< Operations whose future was dropped in flight.
    std::uint64_t receives_paused =
        0;  ///< Ended because nobody took what came (receive_queue_max).
    std::uint64_t receives_restarted = 0;  ///< Whose end the kernel had not told of.
    std::uint64_t receives_starved = 0;    ///< Ended because no buffer was free.
    std::uint64_t queue_overflows =
        0;  ///< The kernel had more completions than the completion queue holds.
    std::uint64_t out_of_memory =
        0;  ///< Completions that ended an operation because no record could be had.
};

/// What is in use, for the log and for --print-config.
struct reactor_description {
    std::string backend;                ///< "io_uring", ...
    std::vector<std::string> features;  ///< In use.
    std::vector<std::string> missing;   ///< Asked for and not had, each with its cause.
};

/// Executes operation records. The interface is a run-time choice between backends, which differ
/// only in how they talk to the kernel: records, completion queues, orphaning and backpressure are
/// here and the same for all.
///
/// One thread, that of its executor. Everything that refers to it (streams, leases, futures, tasks)
/// is destroyed first; the destructor of a backend then waits for the last completion of what was
/// orphaned.
class reactor {
   public:
    reactor(const reactor&) = delete;
    reactor& operator=(const reactor&) = delete;
    virtual ~reactor();

    /// Hands what is waiting to the kernel, and takes in completions: stores them and wakes. Waits
    /// for at least one completion or the signal, up to `wait` (zero: does not wait; none: without
    /// end). Fails only when the backend is unusable.
    [[nodiscard]] virtual result<> turn(std::optional<duration> wait) = 0;

    [[nodiscard]] virtual time_point now() const noexcept = 0;
    [[nodiscard]] virtual buffer_source& buffers() noexcept = 0;
    [[nodiscard]] virtual reactor_description describe() const = 0;

    /// Raise it from any thread to end the present or the next wait.
    [[nodiscard]] const std::shared_ptr<const wake_signal>& signal() const noexcept {
        return signal_;
    }

    /// Takes over a descriptor. Throws bad_alloc; errc::limit_exceeded.
    [[nodiscard]] result<descriptor_handle> adopt(unique_fd fd);
    void drop_owner(descriptor& file) noexcept;

    /// A new idle record. Throws bad_alloc; errc::limit_exceeded.
    [[nodiscard]] result<operation*> make_multishot(operation_kind kind, descriptor& file);
    [[nodiscard]] result<one_shot_operation*> make_one_shot(operation_kind kind, descriptor& file);

    /// Queues an idle record for the next turn.
    void submit(operation& op) noexcept;

    /// Asks for the end of an operation: its last completion comes soon, with whatever it came to.
    void cancel(operation& op) noexcept;

    /// The future is gone: frees the record, or orphans it until its last completion is in. Never
    /// fails, never waits.
    void release(operation& op) noexcept;

    /// Lets an operation go on that nobody waits for: its record is freed after its last
    /// completion. Submits an idle one.
    void detach(operation& op) noexcept;

    /// Takes the oldest completion, or says that one is wanted: then `cx`'s waker is kept, and an
    /// idle record is submitted.
    [[nodiscard]] std::optional<completion> take(operation& op, context& cx) noexcept;

    [[nodiscard]] const reactor_counters& counters() const noexcept { return counters_; }
    /// Records that exist: idle, in flight and orphaned.
    [[nodiscard]] std::size_t operation_count() const noexcept {
        return operations_.size() + one_shots_.size();
    }
    [[nodiscard]] std::size_t descriptor_count() const noexcept { return descriptors_.size(); }

   protected:
    using operation_list = intrusive_list<operation, operations_of_reactor>;

    explicit reactor(reactor_limits limits);

    /// A backend closes a descriptor that nothing uses any more.
    virtual void close(unique_fd fd) noexcept = 0;
    /// A backend asks the kernel to end an operation that is in flight.
    virtual void request_cancel(operation& op) noexcept = 0;

    /// Stores a completion and wakes; `last` tells that no more will come for this submission.
    void complete(operation& op, const completion& answer, bool last) noexcept;
    /// The same for a send or send_vector, of which the kernel has taken `sent` bytes or -errno:
    /// hands it the rest if that was not all.
    void complete_send(one_shot_operation& op, std::int32_t sent) noexcept;
    /// The same for an open, stat or read: asks the kernel again, a bounded number of times, if it
    /// was interrupted or could not answer at once.
    void complete_file(one_shot_operation& op, std::int32_t answer) noexcept;
    /// The same for a send_file that waited for room to send: goes on in the next turn, unless
    /// `answer` is -errno.
    void resume_send_file(one_shot_operation& op, std::int32_t answer) noexcept;
    /// Ends a receive that is in flight and, if more is wanted, begins it anew.
    void restart(operation& op) noexcept;
    /// Ends a receive for which no buffer was free, until feed_starved().
    void starve(operation& op) noexcept;
    /// Submits up to `buffers` of the receives that starve() has put aside, so that free buffers
    /// are not raced for.
    void feed_starved(std::size_t buffers) noexcept;
    [[nodiscard]] bool has_starved() const noexcept { return !starved_.empty(); }
    /// The kernel has it from now on.
    void mark_in_flight(operation& op) noexcept;
    /// Cancels all that is in flight and forgets what is not: the destructor's first step.
    void orphan_all() noexcept;

    operation_list waiting_;
    operation_list in_flight_;
    reactor_counters counters_;

   private:
    void free(operation& op) noexcept;
    void discard(const completion& answer, operation_kind kind) noexcept;
    void apply_backpressure(operation& op) noexcept;
    void wake(operation& op) noexcept;

    reactor_limits limits_;
    std::shared_ptr<const wake_signal> signal_;
    slab<descriptor> descriptors_;
    slab<operation> operations_;
    slab<one_shot_operation> one_shots_;
    slab<completion> completions_;
    operation_list starved_;
};

}  // namespace rouse
