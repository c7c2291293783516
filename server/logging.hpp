#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>

#include "server/log_line.hpp"
#include "server/settings.hpp"

namespace rouse::server {

/// Lines that may wait to be written; when more come, the oldest are dropped and counted.
inline constexpr std::size_t log_queue_lines_max = 2048;

/// How long the end of logging waits for a standard error that takes no bytes before it drops what
/// is left.
inline constexpr std::chrono::milliseconds log_stop_wait{2'000};

/// While one lives, log_info and its like write lines to a descriptor through one thread and a
/// bounded queue: they never wait for the descriptor. That thread takes no signals. Its destructor
/// writes what is queued, waits for that at most about log_stop_wait, and ends the thread. There is
/// at most one at a time, and no thread logs while it is made or destroyed. Lines without one go
/// nowhere.
class logging {
   public:
    /// Borrows the descriptor. Throws std::exception when there is no memory or thread for it.
    explicit logging(const log_settings& chosen, int descriptor = 2);
    logging(const logging&) = delete;  // The log functions hold its address.
    logging& operator=(const logging&) = delete;
    ~logging();

    struct implementation;

   private:
    std::unique_ptr<implementation> implementation_;
};

/// Lines that the living logging object could not keep or write; 0 without one. Takes a lock for a
/// moment.
[[nodiscard]] std::uint64_t log_lines_dropped() noexcept;

/// The least important level that is written; -1 without a logging object. Only logging writes it.
inline std::atomic<int> log_threshold{-1};

/// Whether a line of this level would be written: for arguments that cost something to make.
[[nodiscard]] inline bool log_enabled(log_level level) noexcept {
    return static_cast<int>(level) <= log_threshold.load(std::memory_order_relaxed);
}

/// Writes a line whatever its level; the functions below are the ones to call.
void write_log(log_level level, std::string_view event,
               std::initializer_list<log_field> fields) noexcept;

/// log_info("listening", {{"protocol", "http"}, {"address", where}}): the event is a
/// word_like_this, the fields say the rest. A level that is off costs one load and compare. Any
/// thread may call them.
inline void log_error(std::string_view event,
                      std::initializer_list<log_field> fields = {}) noexcept {
    if (log_enabled(log_level::error)) {
        write_log(log_level::error, event, fields);
    }
}
inline void log_warn(std::string_view event,
                     std::initializer_list<log_field> fields = {}) noexcept {
    if (log_enabled(log_level::warn)) {
        write_log(log_level::warn, event, fields);
    }
}
inline void log_info(std::string_view event,
                     std::initializer_list<log_field> fields = {}) noexcept {
    if (log_enabled(log_level::info)) {
        write_log(log_level::info, event, fields);
    }
}
inline void log_debug(std::string_view event,
                      std::initializer_list<log_field> fields = {}) noexcept {
    if (log_enabled(log_level::debug)) {
        write_log(log_level::debug, event, fields);
    }
}

}  // namespace rouse::server
