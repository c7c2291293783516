#include "server/access_log.hpp"

#include <poll.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

#include "runtime/base/blocked_signals.hpp"
#include "server/logging.hpp"

namespace rouse::server {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How soon a thread whose target takes nothing notices that rings overflow, and that it has to end.
constexpr milliseconds blocked_look = 100ms;

std::chrono::sys_time<milliseconds> last_tick() noexcept {
    timespec now{};
    (void)::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return std::chrono::sys_time<milliseconds>(
        std::chrono::seconds(now.tv_sec) +
        std::chrono::floor<milliseconds>(std::chrono::nanoseconds(now.tv_nsec)));
}

}  // namespace

void access_log_writer::answered(const http::access_record& record) noexcept {
    if (record.is_quiet && !with_quiet_) {
        return;
    }
    time_.set(last_tick());
    if (ring_.push(write_access_line(format_, record, time_, room_))) {
        reader_.queued(ring_);
    }
}

result<std::unique_ptr<access_log>> access_log::open(const access_log_settings& chosen,
                                                     std::size_t writers) {
    auto target = access_log_target::open(chosen.target);
    if (!target) {
        return failure(target.error());
    }
    return start(chosen, writers, std::move(*target));
}

std::unique_ptr<access_log> access_log::start(const access_log_settings& chosen,
                                              std::size_t writers, access_log_target target) {
    return std::unique_ptr<access_log>(new access_log(chosen, writers, std::move(target)));
}

access_log::access_log(const access_log_settings& chosen, std::size_t writers,
                       access_log_target target)
    : target_(std::move(target)) {
    for (std::size_t index = 0; index < writers; ++index) {
        writers_.push_back(std::make_unique<access_log_writer>(chosen, sleep_));
    }
    const blocked_signals blocked;
    thread_ = std::thread(&access_log::run, this);
}

access_log::~access_log() {
    is_stopping_.store(true, std::memory_order_release);
    sleep_.signal().raise();
    thread_.join();
}

void access_log::reopen() noexcept {
    is_to_reopen_.store(true, std::memory_order_release);
    sleep_.signal().raise();
}

std::uint64_t access_log::lines_dropped() const noexcept {
    std::uint64_t dropped = lines_lost_.load(std::memory_order_relaxed);
    for (const auto& each : writers_) {
        dropped += each->ring().lines_dropped();
    }
    return dropped;
}

void access_log::run() noexcept {
    (void)::pthread_setname_np(::pthread_self(), "roused-access");
    steady_clock::time_point deadline = steady_clock::time_point::max();
    while (true) {
        // Read before the rings are, so that what was queued before the end is seen.
        const bool is_stopping = is_stopping_.load(std::memory_order_acquire);
        if (is_stopping && deadline == steady_clock::time_point::max()) {
            deadline = steady_clock::now() + access_log_stop_wait;
        }
        if (is_to_reopen_.exchange(false, std::memory_order_acq_rel)) {
            reopen_target();
        }
        const progress made = write_queued();
        report_dropped(access_log_report_interval);
        if (is_stopping && (made == progress::nothing || steady_clock::now() >= deadline)) {
            break;
        }
        if (!is_stopping || made == progress::blocked) {
            sleep_after(made);
        }
    }
    drop_queued();
    report_dropped(0ms);
}

// Writes at most one batch, so that reopening, the end and reports have their turn.
access_log::progress access_log::write_queued() noexcept {
    fill_batch();
    if (batch_.empty()) {
        return progress::nothing;
    }
    const bool was_full = batch_.is_full();
    while (!batch_.unwritten().empty()) {
        const auto written = target_.write(batch_.unwritten());
        if (!written) {
            last_error_ = written.error();
            count_dropped(batch_.drop());
            break;
        }
        if (*written == 0) {
            return progress::blocked;
        }
        batch_.advance(*written);
    }
    return was_full ? progress::more : progress::some;
}

// Each time another ring comes first, so that none starves behind a busy one.
void access_log::fill_batch() noexcept {
    for (std::size_t step = 0; step < writers_.size(); ++step) {
        batch_.fill(writers_[(first_ring_ + step) % writers_.size()]->ring());
    }
    first_ring_ = (first_ring_ + 1) % std::max<std::size_t>(writers_.size(), 1);
}

void access_log::sleep_after(progress made) noexcept {
    switch (made) {
        case progress::more:
            return;
        case progress::blocked:
            wait(static_cast<int>(blocked_look.count()), true);
            return;
        case progress::some:
            sleep_.enter(access_log_sleep::depth::gathering);
            wait(static_cast<int>(access_log_gather_time.count()), false);
            break;
        case progress::nothing:
            sleep_.enter(access_log_sleep::depth::idle);
            if (are_rings_empty()) {
                wait(static_cast<int>(report_due().count()), false);
            }
            break;
    }
    sleep_.enter(access_log_sleep::depth::awake);
}

void access_log::wait(int timeout_milliseconds, bool for_target) noexcept {
    // poll(2) passes over a descriptor below 0.
    std::array<pollfd, 2> watched{pollfd{sleep_.signal().fd(), POLLIN, 0},
                                  pollfd{for_target ? target_.fd() : -1, POLLOUT, 0}};
    if (::poll(watched.data(), watched.size(), timeout_milliseconds) > 0 &&
        watched[0].revents != 0) {
        sleep_.signal().clear();
    }
}

bool access_log::are_rings_empty() const noexcept {
    return std::ranges::all_of(writers_, [](const auto& each) { return each->ring().empty(); });
}

void access_log::drop_queued() noexcept {
    do {
        count_dropped(batch_.drop());
        fill_batch();
    } while (!batch_.empty());
}

void access_log::count_dropped(std::uint64_t lines) noexcept {
    lines_lost_.fetch_add(lines, std::memory_order_relaxed);
}

void access_log::reopen_target() noexcept {
    if (target_.is_standard_output()) {
        return;
    }
    if (const auto opened = target_.reopen(); !opened) {
        log_error("access_log_reopen_failed",
                  {{"target", target_.path()}, {"reason", opened.error()}});
        return;
    }
    count_dropped(batch_.change_target());
    log_info("access_log_reopened", {{"target", target_.path()}});
}

void access_log::report_dropped(milliseconds interval) noexcept {
    const std::uint64_t dropped = lines_dropped();
    const auto now = steady_clock::now();
    if (dropped == reported_ || now - reported_at_ < interval) {
        return;
    }
    const log_value reason =
        last_error_ ? log_value(last_error_) : log_value("the target is too slow");
    log_warn("access_log_lines_dropped",
             {{"count", dropped - reported_}, {"target", target_.path()}, {"reason", reason}});
    reported_ = dropped;
    reported_at_ = now;
    last_error_.clear();
}

// -1, for ever, when there is nothing to report.
milliseconds access_log::report_due() const noexcept {
    if (lines_dropped() == reported_) {
        return -1ms;
    }
    const auto due = reported_at_ + access_log_report_interval - steady_clock::now();
    return std::max(std::chrono::ceil<milliseconds>(due), 0ms);
}

}  // namespace rouse::server
