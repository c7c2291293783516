#include "server/logging.hpp"

#include <pthread.h>

#include <cassert>
#include <string>

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/sink.h>

#include "runtime/base/blocked_signals.hpp"
#include "server/log_descriptor.hpp"

namespace rouse::server {
namespace {

using namespace std::chrono_literals;

// Between two lines that say how many were dropped, so that these do not add to the flood.
constexpr auto drop_report_interval = 1s;

// Writes finished lines, and from time to time how many the queue dropped before them.
class line_sink final : public spdlog::sinks::sink {
   public:
    line_sink(log_format format, int descriptor) noexcept
        : format_(format), descriptor_(descriptor) {}

    // The queue outlives the thread that calls log.
    void watch(spdlog::details::thread_pool& queue) noexcept { queue_ = &queue; }

    void log(const spdlog::details::log_msg& message) override {
        report_dropped(drop_report_interval);
        descriptor_.write({message.payload.data(), message.payload.size()});
    }

    void report_dropped(std::chrono::steady_clock::duration interval) {
        const std::uint64_t dropped = lines_dropped();
        const auto now = std::chrono::steady_clock::now();
        if (dropped == reported_ || now - reported_at_ < interval) {
            return;
        }
        const log_field count{"count", dropped - reported_};
        descriptor_.write(log_line(format_, log_level::warn, std::chrono::system_clock::now(),
                                   "log_lines_dropped", {&count, 1}));
        reported_ = dropped;
        reported_at_ = now;
    }

    [[nodiscard]] std::uint64_t lines_dropped() const {
        return queue_->overrun_counter() + descriptor_.lines_dropped();
    }

    void finish_by(std::chrono::steady_clock::time_point deadline) noexcept {
        descriptor_.finish_by(deadline);
    }

    // Lines come formatted, and every write goes to the kernel at once.
    void flush() override {}
    void set_pattern(const std::string& /*pattern*/) override {}
    void set_formatter(std::unique_ptr<spdlog::formatter> /*formatter*/) override {}

   private:
    log_format format_;
    log_descriptor descriptor_;
    spdlog::details::thread_pool* queue_ = nullptr;
    std::uint64_t reported_ = 0;
    std::chrono::steady_clock::time_point reported_at_{};
};

std::atomic<logging::implementation*> current{nullptr};

}  // namespace

struct logging::implementation {
    implementation(const log_settings& chosen, int descriptor)
        : format(chosen.format), sink(std::make_shared<line_sink>(chosen.format, descriptor)) {
        const blocked_signals blocked;
        queue = std::make_shared<spdlog::details::thread_pool>(
            log_queue_lines_max, 1,
            [] { (void)::pthread_setname_np(::pthread_self(), "roused-log"); },
            [out = sink] { out->report_dropped(0s); });
        sink->watch(*queue);
        logger = std::make_shared<spdlog::async_logger>(
            "roused", sink, queue, spdlog::async_overflow_policy::overrun_oldest);
        // Otherwise spdlog writes to standard error by itself, from the thread that logs.
        logger->set_error_handler([this](const std::string& /*what*/) { count_failed(); });
    }
    implementation(const implementation&) = delete;
    implementation& operator=(const implementation&) = delete;
    ~implementation() = default;

    void count_failed() noexcept { lines_failed.fetch_add(1, std::memory_order_relaxed); }

    log_format format;
    std::atomic<std::uint64_t> lines_failed{0};
    std::shared_ptr<line_sink> sink;
    std::shared_ptr<spdlog::details::thread_pool>
        queue;  // Its end writes what it holds to the sink.
    std::shared_ptr<spdlog::async_logger> logger;
};

logging::logging(const log_settings& chosen, int descriptor)
    : implementation_(std::make_unique<implementation>(chosen, descriptor)) {
    [[maybe_unused]] const auto* const before = current.exchange(implementation_.get());
    assert(before == nullptr && "one logging object at a time");
    log_threshold.store(static_cast<int>(chosen.level), std::memory_order_relaxed);
}

logging::~logging() {
    log_threshold.store(-1, std::memory_order_relaxed);
    current.store(nullptr);
    implementation_->sink->finish_by(std::chrono::steady_clock::now() + log_stop_wait);
}

std::uint64_t log_lines_dropped() noexcept {
    const logging::implementation* const target = current.load(std::memory_order_acquire);
    return target != nullptr ? target->sink->lines_dropped() + target->lines_failed.load() : 0;
}

void write_log(log_level level, std::string_view event,
               std::initializer_list<log_field> fields) noexcept {
    logging::implementation* const target = current.load(std::memory_order_acquire);
    if (target == nullptr) {
        return;
    }
    try {
        const std::string line = log_line(target->format, level, std::chrono::system_clock::now(),
                                          event, {fields.begin(), fields.size()});
        target->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
    } catch (...) {
        target->count_failed();
    }
}

}  // namespace rouse::server
