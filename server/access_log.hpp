#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

#include "protocols/http/access.hpp"
#include "runtime/base/result.hpp"
#include "server/access_line.hpp"
#include "server/access_log_batch.hpp"
#include "server/access_log_ring.hpp"
#include "server/access_log_sleep.hpp"
#include "server/access_log_target.hpp"
#include "server/settings.hpp"

namespace rouse::server {

/// How long the end of an access log waits for a target that takes no bytes before it drops what is
/// left.
inline constexpr std::chrono::milliseconds access_log_stop_wait{2'000};
/// Between two looks at the rings while lines keep coming.
inline constexpr std::chrono::milliseconds access_log_gather_time{50};
/// Between two lines of the daemon's log that say how many lines were dropped here.
inline constexpr std::chrono::milliseconds access_log_report_interval{10'000};

/// Logs what one worker answers. One thread at a time.
///
/// Why this is not the daemon's log (logging.hpp, spdlog): a line of that is an event, this is one
/// a request. For a line of 232 bytes, of a request with eight header lines, the thread that serves
/// pays about 125 ns here, and 590 ns there, where it allocates a string and takes a lock that all
/// workers share (clang 19, -O2, a virtual machine with two cores).
class access_log_writer final : public http::access_observer {
   public:
    access_log_writer(const access_log_settings& chosen, access_log_sleep& reader)
        : format_(chosen.format),
          with_quiet_(chosen.health),
          ring_(chosen.queue_bytes),
          reader_(reader) {}

    /// Formats a line and puts it into the ring: no allocation, no lock, and a system call only as
    /// access_log_sleep says. The time is that of the last tick of the kernel, some milliseconds
    /// old at most, which costs the least to read. See clock_gettime(2), CLOCK_REALTIME_COARSE.
    void answered(const http::access_record& record) noexcept override;

    [[nodiscard]] access_log_ring& ring() noexcept { return ring_; }

   private:
    const access_format format_;
    const bool with_quiet_;
    access_log_ring ring_;
    access_log_sleep& reader_;
    access_time time_;
    std::array<char, access_line_bytes_max> room_;
};

/// The access log of the process: a ring of lines for each worker, and one thread that writes them
/// to the target. A target that is full, slow or gone makes lines drop and the daemon's log say so;
/// it holds up nobody.
class access_log {
   public:
    /// Opens the target, which is not "off", and starts the thread, which takes no signals. Errors:
    /// as access_log_target::open. Throws std::exception when there is no memory or thread for it.
    [[nodiscard]] static result<std::unique_ptr<access_log>> open(const access_log_settings& chosen,
                                                                  std::size_t writers);
    /// The same with a target that is open.
    [[nodiscard]] static std::unique_ptr<access_log> start(const access_log_settings& chosen,
                                                           std::size_t writers,
                                                           access_log_target target);
    access_log(const access_log&) = delete;
    access_log& operator=(const access_log&) = delete;
    /// Nobody logs any more. Writes what is queued, and waits for that about access_log_stop_wait.
    ~access_log();

    /// From 0 to `writers` - 1.
    [[nodiscard]] access_log_writer& writer(std::size_t index) noexcept { return *writers_[index]; }

    /// The thread opens the path anew and goes on there, between two lines, and logs that; when it
    /// cannot, it logs why and keeps the old file. Any thread.
    void reopen() noexcept;

    /// Those that found their ring full, and those that could not be written. Any thread.
    [[nodiscard]] std::uint64_t lines_dropped() const noexcept;

   private:
    enum class progress : std::uint8_t {
        nothing,  ///< No line was queued.
        some,     ///< All lines that were queued are written, or dropped.
        more,     ///< The same, but there may be others.
        blocked,  ///< The target takes nothing now.
    };

    access_log(const access_log_settings& chosen, std::size_t writers, access_log_target target);

    void run() noexcept;
    [[nodiscard]] progress write_queued() noexcept;
    void fill_batch() noexcept;
    void sleep_after(progress made) noexcept;
    void wait(int timeout_milliseconds, bool for_target) noexcept;
    [[nodiscard]] bool are_rings_empty() const noexcept;
    void drop_queued() noexcept;
    void count_dropped(std::uint64_t lines) noexcept;
    void reopen_target() noexcept;
    void report_dropped(std::chrono::milliseconds interval) noexcept;
    [[nodiscard]] std::chrono::milliseconds report_due() const noexcept;

    access_log_sleep sleep_;
    std::vector<std::unique_ptr<access_log_writer>> writers_;
    std::atomic<bool> is_stopping_{false};
    std::atomic<bool> is_to_reopen_{false};
    std::atomic<std::uint64_t> lines_lost_{0};  // That could not be written.

    // Of the thread alone.
    access_log_target target_;
    access_log_batch batch_;
    std::size_t first_ring_ = 0;
    std::error_code last_error_;
    std::uint64_t reported_ = 0;
    std::chrono::steady_clock::time_point reported_at_ =
        std::chrono::steady_clock::now() - access_log_report_interval;

    std::thread thread_;  // Last: it uses all of the above.
};

}  // namespace rouse::server
