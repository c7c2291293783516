#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace rouse::server {

/// Lines on their way from one thread to one other, in a bounded ring of bytes: whole lines only,
/// and a line that does not fit is dropped and counted. Neither side waits, and neither makes a
/// system call or takes a lock.
class access_log_ring {
   public:
    /// Holds `bytes`, rounded up to a power of two. Throws bad_alloc.
    explicit access_log_ring(std::size_t bytes)
        : bytes_(std::bit_ceil(bytes)), memory_(std::make_unique_for_overwrite<char[]>(bytes_)) {}
    access_log_ring(const access_log_ring&) = delete;
    access_log_ring& operator=(const access_log_ring&) = delete;

    /// By the one who logs. The line ends with a line break and has no other. False: dropped.
    bool push(std::string_view line) noexcept {
        const std::size_t end = end_.load(std::memory_order_relaxed);
        if (line.size() > bytes_ - (end - known_begin_)) {
            known_begin_ = begin_.load(std::memory_order_acquire);
            if (line.size() > bytes_ - (end - known_begin_)) {
                dropped_.store(dropped_.load(std::memory_order_relaxed) + 1,
                               std::memory_order_relaxed);
                return false;
            }
        }
        const std::size_t at = end & (bytes_ - 1);
        const std::size_t until_wrap = std::min(line.size(), bytes_ - at);
        (void)line.copy(memory_.get() + at, until_wrap);
        (void)line.substr(until_wrap).copy(memory_.get(), line.size() - until_wrap);
        // Sequentially consistent, as empty() is: see access_log_sleep.
        end_.store(end + line.size(), std::memory_order_seq_cst);
        return true;
    }

    /// By the one who logs.
    [[nodiscard]] bool is_half_full() noexcept {
        const std::size_t end = end_.load(std::memory_order_relaxed);
        if (end - known_begin_ <= bytes_ / 2) {
            return false;
        }
        known_begin_ = begin_.load(std::memory_order_acquire);
        return end - known_begin_ > bytes_ / 2;
    }

    /// By the other: takes as many whole lines as fit into `room`, in order, and returns their
    /// bytes. A line that is longer than all of `room` would stay for ever.
    [[nodiscard]] std::size_t pop_lines(std::span<char> room) noexcept {
        const std::size_t begin = begin_.load(std::memory_order_relaxed);
        const std::size_t queued = end_.load(std::memory_order_acquire) - begin;
        std::size_t taken = std::min(queued, room.size());
        const std::size_t at = begin & (bytes_ - 1);
        const std::size_t until_wrap = std::min(taken, bytes_ - at);
        std::copy_n(memory_.get() + at, until_wrap, room.begin());
        std::copy_n(memory_.get(), taken - until_wrap, room.subspan(until_wrap).begin());
        if (taken < queued) {
            taken = std::string_view(room.data(), taken).rfind('\n') + 1;  // 0 when there is none.
        }
        begin_.store(begin + taken, std::memory_order_release);
        return taken;
    }

    /// By the other.
    [[nodiscard]] bool empty() const noexcept {
        return end_.load(std::memory_order_seq_cst) == begin_.load(std::memory_order_relaxed);
    }

    /// By anyone.
    [[nodiscard]] std::uint64_t lines_dropped() const noexcept {
        return dropped_.load(std::memory_order_relaxed);
    }

   private:
    // Each side writes to a cache line of its own.
    static constexpr std::size_t cache_line_bytes = 64;

    const std::size_t bytes_;
    const std::unique_ptr<char[]> memory_;
    // Positions count bytes from the start of time and wrap around with their type.
    alignas(cache_line_bytes) std::atomic<std::size_t> end_{0};
    std::size_t known_begin_ = 0;
    std::atomic<std::uint64_t> dropped_{0};
    alignas(cache_line_bytes) std::atomic<std::size_t> begin_{0};
};

}  // namespace rouse::server
