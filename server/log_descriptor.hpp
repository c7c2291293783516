#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string_view>

namespace rouse::server {

/// Writes lines to a pipe, terminal, socket or file, waiting as long as it takes no bytes; once
/// told to finish, waits no longer than until the deadline. One thread writes; SIGPIPE must be
/// blocked or ignored there.
class log_descriptor {
   public:
    explicit log_descriptor(int descriptor) noexcept : descriptor_(descriptor) {}

    /// A line that could not be written, or only in part, counts as dropped.
    void write(std::string_view line) noexcept;

    /// May be called from any thread.
    void finish_by(std::chrono::steady_clock::time_point deadline) noexcept;
    [[nodiscard]] std::uint64_t lines_dropped() const noexcept;

   private:
    [[nodiscard]] bool wait_writable() const noexcept;
    [[nodiscard]] bool is_late() const noexcept;

    int descriptor_;
    std::atomic<std::chrono::steady_clock::time_point> deadline_{
        std::chrono::steady_clock::time_point::max()};
    std::atomic<std::uint64_t> lines_dropped_{0};
};

}  // namespace rouse::server
