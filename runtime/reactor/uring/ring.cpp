#include "runtime/reactor/uring/ring.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <utility>

namespace rouse::uring {
namespace {

// Multishot receive has no probe of its own; SEND_ZC came with the same kernel, 6.0.
constexpr std::array needed_operations{IORING_OP_SEND_ZC, IORING_OP_OPENAT2, IORING_OP_STATX,
                                       IORING_OP_READ};

std::string kernel_release() {
    utsname name{};
    return ::uname(&name) == 0 ? std::string(name.release) : std::string("unknown");
}

// 0: allowed, 1: only for a group, 2: forbidden; nothing before Linux 6.6. See
// kernel.io_uring_disabled in sysctl/kernel.rst.
int io_uring_disabled() {
    std::ifstream file("/proc/sys/kernel/io_uring_disabled");
    int value = 0;
    return (file >> value) ? value : 0;
}

__kernel_timespec to_timespec(duration wait) noexcept {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait);
    return {
        .tv_sec = seconds.count(),
        .tv_nsec = std::chrono::duration_cast<std::chrono::nanoseconds>(wait - seconds).count()};
}

}  // namespace

// One step of the ladder: flags, and what they are for.
struct ring::rung {
    unsigned flags;
    const char* feature;
};

std::string explain_setup_error(int error) {
    const std::string cause = std::string("io_uring_setup: ") + errno_text(error) + ": ";
    switch (error) {
        case EPERM:
            if (io_uring_disabled() != 0) {
                return cause +
                       "forbidden by sysctl kernel.io_uring_disabled; allow it with `sysctl "
                       "kernel.io_uring_disabled=0`";
            }
            return cause +
                   "forbidden by a seccomp profile, as Docker's default one does; allow "
                   "io_uring_setup, "
                   "io_uring_enter and io_uring_register (--security-opt seccomp=PROFILE)";
        case ENOSYS:
            return cause + "the kernel (" + kernel_release() +
                   ") has no io_uring, or a seccomp profile hides it, as "
                   "podman's default one does; run Linux " +
                   kernel_version_min +
                   " or newer, or allow io_uring_setup, io_uring_enter and io_uring_register";
        case ENOMEM:
            return cause +
                   "the memory that this user may lock is used up; raise the memlock limit (ulimit "
                   "-l, "
                   "LimitMEMLOCK=, --ulimit memlock), or lower uring.entries";
        case EMFILE:
        case ENFILE:
            return cause +
                   "no descriptor is free; raise the nofile limit (ulimit -n, LimitNOFILE=)";
        default:
            return cause + "kernel " + kernel_release();
    }
}

std::expected<ring, setup_failure> ring::make(unsigned entries, unsigned completion_entries) {
    ring made;
    int error = 0;
    for (unsigned size = entries;; size /= 2) {
        error = made.set_up(size, completion_entries * size / entries);
        if (error != ENOMEM || size / 2 < entries_min) {
            break;
        }
        made.missing_.push_back(std::to_string(size) + " entries: memlock limit");
    }
    if (error != 0) {
        return std::unexpected(setup_failure{errno_code(error), explain_setup_error(error)});
    }
    made.live_ = true;
    if (auto failed = made.check_kernel()) {
        return std::unexpected(std::move(*failed));
    }
    made.register_descriptor();
    return made;
}

int ring::set_up(unsigned entries, unsigned completion_entries) {
    // Best first. DEFER_TASKRUN (6.1): completions run only when this thread asks, so they never
    // interrupt it and come in batches. COOP_TASKRUN (5.19): they wait for the next system call.
    // TASKRUN_FLAG tells that some wait.
    constexpr unsigned common = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP | IORING_SETUP_SUBMIT_ALL;
    static constexpr std::array ladder{
        rung{common | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                 IORING_SETUP_TASKRUN_FLAG,
             "single_issuer+defer_taskrun"},
        rung{common | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN |
                 IORING_SETUP_TASKRUN_FLAG,
             "single_issuer+coop_taskrun"},
        rung{common | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG, "coop_taskrun"},
        rung{IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP, "plain"},
    };
    int error = EINVAL;
    for (const rung& step : ladder) {
        io_uring_params params{};
        params.flags = step.flags;
        params.cq_entries = completion_entries;
        error = -io_uring_queue_init_params(entries, &ring_, &params);
        if (error == 0) {
            features_.emplace_back(step.feature);
            if ((params.features & feature_no_iowait) != 0) {
                enter_flags_ = enter_no_iowait;
                features_.emplace_back("no_iowait");
            } else {
                missing_.emplace_back("no_iowait: needs Linux 6.15");
            }
            return 0;
        }
        if (error != EINVAL) {
            return error;
        }
        missing_.push_back(std::string(step.feature) + ": unknown to kernel " + kernel_release());
    }
    return error;
}

std::optional<setup_failure> ring::check_kernel() {
    io_uring_probe* probe = io_uring_get_probe_ring(&ring_);
    const bool new_enough =
        probe != nullptr &&
        std::ranges::all_of(
            needed_operations,
            [probe](io_uring_op each) { return io_uring_opcode_supported(probe, each) != 0; }) &&
        (ring_.features & IORING_FEAT_EXT_ARG) != 0;
    const bool answered = probe != nullptr;
    io_uring_free_probe(probe);
    if (new_enough) {
        return std::nullopt;
    }
    if (!answered && (ring_.features & IORING_FEAT_EXT_ARG) != 0) {
        // liburing does not say why; a kernel with this feature (5.11) can be probed.
        return setup_failure{errno_code(ENOMEM), explain_setup_error(ENOMEM)};
    }
    return setup_failure{make_error_code(errc::backend_unavailable),
                         "io_uring of kernel " + kernel_release() +
                             " has no multishot receive; run Linux " + kernel_version_min +
                             " or newer"};
}

void ring::register_descriptor() {
    // Saves the look-up of the ring's descriptor in each enter (5.18).
    const int registered = io_uring_register_ring_fd(&ring_);
    if (registered == 1) {
        enter_flags_ |= IORING_ENTER_REGISTERED_RING;
        features_.emplace_back("registered_ring");
    } else {
        missing_.push_back(std::string("registered_ring: ") + errno_text(-registered));
    }
}

void ring::bound_file_workers() {
    // Bounded work is that on files; zero leaves what else there is as it is (5.15).
    std::array<unsigned, 2> most{file_workers_max, 0};
    const int registered = io_uring_register_iowq_max_workers(&ring_, most.data());
    if (registered == 0) {
        features_.emplace_back("file_workers");
    } else {
        missing_.push_back(std::string("file_workers: ") + errno_text(-registered));
    }
}

ring::ring(ring&& other) noexcept
    : ring_(other.ring_),
      live_(std::exchange(other.live_, false)),
      enter_flags_(other.enter_flags_),
      features_(std::move(other.features_)),
      missing_(std::move(other.missing_)) {}

ring::~ring() {
    if (live_) {
        io_uring_queue_exit(&ring_);
    }
}

// Makes the entries visible to the kernel. Returns how many it has not consumed yet.
unsigned ring::flush() noexcept {
    io_uring_sq& queue = ring_.sq;
    unsigned tail = *queue.ktail;
    while (queue.sqe_head != queue.sqe_tail) {
        // Newer versions of liburing ask for IORING_SETUP_NO_SQARRAY by themselves, and there is no
        // array where the kernel has it: it takes the entries in their order.
        if (queue.array != nullptr) {
            queue.array[tail & queue.ring_mask] = queue.sqe_head & queue.ring_mask;
        }
        ++tail;
        ++queue.sqe_head;
    }
    std::atomic_ref<unsigned>(*queue.ktail).store(tail, std::memory_order_release);
    return tail - std::atomic_ref<unsigned>(*queue.khead).load(std::memory_order_acquire);
}

int ring::call_enter(unsigned submit, unsigned complete, unsigned flags,
                     io_uring_getevents_arg* argument) noexcept {
    const int entered = io_uring_enter2(
        static_cast<unsigned>(ring_.enter_ring_fd), submit, complete, flags | enter_flags_,
        reinterpret_cast<sigset_t*>(argument), argument == nullptr ? 0 : sizeof *argument);
    return entered < 0 ? -entered : 0;
}

result<> ring::submit() noexcept {
    const int error = call_enter(flush(), 0, 0, nullptr);
    // EBUSY, EAGAIN: completions must be taken first; the entries stay queued.
    if (error != 0 && error != EBUSY && error != EAGAIN && error != EINTR) {
        return failure(errno_code(error));
    }
    return {};
}

result<> ring::enter(std::optional<duration> wait) noexcept {
    const unsigned submitting = flush();
    const bool sleeps = (!wait || *wait > duration::zero()) && io_uring_cq_ready(&ring_) == 0;
    if (!sleeps && submitting == 0) {
        const unsigned flags =
            std::atomic_ref<unsigned>(*ring_.sq.kflags).load(std::memory_order_relaxed);
        if ((flags & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) == 0) {
            return {};
        }
    }
    int error = 0;
    if (sleeps && wait) {
        __kernel_timespec limit = to_timespec(*wait);
        io_uring_getevents_arg argument{};
        argument.ts = reinterpret_cast<std::uint64_t>(&limit);
        error = call_enter(submitting, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &argument);
    } else {
        error = call_enter(submitting, sleeps ? 1 : 0, IORING_ENTER_GETEVENTS, nullptr);
    }
    switch (error) {
        case 0:
        case ETIME:
        case EINTR:
        case EBUSY:   // The kernel holds completions back until we take what is there.
        case EAGAIN:  // No memory for requests right now; the entries stay queued.
            return {};
        default:
            return failure(errno_code(error));
    }
}

}  // namespace rouse::uring
