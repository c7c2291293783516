#pragma once

#include <atomic>
#include <cstdint>

#include "runtime/executor/wake_signal.hpp"

namespace rouse::server {

/// A worker's signs of life, read by another thread: it counts the questions that its tasks have
/// answered, so a worker that does not turn answers none.
class worker_pulse {
   public:
    /// `news` is raised at each answer, and outlives this.
    explicit worker_pulse(const wake_signal& news) noexcept : news_(news) {}

    /// By the worker, from a task.
    void answer(std::uint64_t connections_open) noexcept {
        connections_open_.store(connections_open, std::memory_order_relaxed);
        answers_.fetch_add(1, std::memory_order_release);
        news_.raise();
    }

    [[nodiscard]] std::uint64_t answers() const noexcept {
        return answers_.load(std::memory_order_acquire);
    }
    /// When it last answered.
    [[nodiscard]] std::uint64_t connections_open() const noexcept {
        return connections_open_.load(std::memory_order_relaxed);
    }

   private:
    const wake_signal& news_;
    std::atomic<std::uint64_t> answers_{0};
    std::atomic<std::uint64_t> connections_open_{0};
};

}  // namespace rouse::server
