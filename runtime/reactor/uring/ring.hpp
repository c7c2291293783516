#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/base/result.hpp"
#include "runtime/reactor/setup_failure.hpp"
#include "runtime/reactor/uring/abi.hpp"
#include "runtime/time/clock.hpp"

namespace rouse::uring {

/// The least kernel: multishot receive came with it, and every part of the reactor relies on that.
inline constexpr const char* kernel_version_min = "6.0";

/// The smallest submission queue that is tried when memory is short.
inline constexpr unsigned entries_min = 64;

/// Threads of the kernel that wait for files, at most, for the thread that makes a ring. Linux
/// itself would make four for each processor, for each such thread.
inline constexpr unsigned file_workers_max = 16;

/// One io_uring instance, made with the best set of flags that this kernel accepts. It belongs to
/// the thread that made it: only that one may submit (IORING_SETUP_SINGLE_ISSUER).
///
/// It enters the kernel itself instead of through liburing, whose version 2.3 cannot pass
/// IORING_ENTER_NO_IOWAIT: without that, tools show an idle server as 100 % waiting for disks.
class ring {
   public:
    /// Tries `entries` submission entries with the whole ladder of flags, then fewer entries while
    /// memory is short.
    [[nodiscard]] static std::expected<ring, setup_failure> make(unsigned entries,
                                                                 unsigned completion_entries);

    ring(ring&& other) noexcept;
    ring& operator=(ring&&) = delete;
    ~ring();

    /// Has at most file_workers_max threads wait for files. Of the thread that submits.
    void bound_file_workers();

    /// A cleared entry, or null when the submission queue is full. See io_uring_enter(2).
    [[nodiscard]] io_uring_sqe* next_entry() noexcept { return io_uring_get_sqe(&ring_); }

    /// Entries that have been taken and not submitted.
    [[nodiscard]] unsigned unsubmitted() const noexcept { return io_uring_sq_ready(&ring_); }

    /// Submits all entries without waiting and without running completions.
    [[nodiscard]] result<> submit() noexcept;

    /// Submits all entries, runs deferred work, and waits for one completion up to `wait` (none:
    /// without end; zero: not at all, and no system call when there is nothing to do). EINTR and
    /// ETIME are no failures.
    [[nodiscard]] result<> enter(std::optional<duration> wait) noexcept;

    /// Calls `handle(const io_uring_cqe&)` for each completion that is there. It may take entries
    /// and submit.
    template <class Handle>
    std::uint32_t reap(Handle handle) noexcept {
        std::uint32_t count = 0;
        unsigned head = 0;
        io_uring_cqe* cqe = nullptr;
        io_uring_for_each_cqe(&ring_, head, cqe) {
            handle(*cqe);
            ++count;
        }
        io_uring_cq_advance(&ring_, count);
        return count;
    }

    [[nodiscard]] bool has_overflowed() const noexcept { return io_uring_cq_has_overflow(&ring_); }
    [[nodiscard]] unsigned entries() const noexcept { return ring_.sq.ring_entries; }
    [[nodiscard]] const std::vector<std::string>& features() const noexcept { return features_; }
    [[nodiscard]] const std::vector<std::string>& missing() const noexcept { return missing_; }
    [[nodiscard]] io_uring& raw() noexcept { return ring_; }

   private:
    ring() noexcept = default;

    struct rung;
    [[nodiscard]] int set_up(unsigned entries, unsigned completion_entries);
    void register_descriptor();
    [[nodiscard]] std::optional<setup_failure> check_kernel();
    [[nodiscard]] unsigned flush() noexcept;
    [[nodiscard]] int call_enter(unsigned submit, unsigned complete, unsigned flags,
                                 io_uring_getevents_arg* argument) noexcept;

    io_uring ring_{};
    bool live_ = false;
    unsigned enter_flags_ = 0;
    std::vector<std::string> features_;
    std::vector<std::string> missing_;
};

/// The text for an error of io_uring_setup(2): the likely cause and its cure.
[[nodiscard]] std::string explain_setup_error(int error);

}  // namespace rouse::uring
