#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "runtime/executor/wake_signal.hpp"
#include "runtime/reactor/operation.hpp"

namespace asio {
class thread_pool;
}  // namespace asio

namespace rouse::epoll {

/// Threads of one reactor that wait for disks, at most; they start with the first file that is not
/// in memory.
inline constexpr std::size_t file_threads_max = 4;

/// Opens and reads that have to wait, on a few threads. What waits for a thread is bounded by the
/// reactor's operations.
class file_threads {
   public:
    /// `answered` is raised, from a thread, when there is something to take.
    explicit file_threads(std::shared_ptr<const wake_signal> answered) noexcept;
    file_threads(const file_threads&) = delete;
    file_threads& operator=(const file_threads&) = delete;
    /// All answers have been taken.
    ~file_threads();

    struct answer {
        one_shot_operation* op;
        std::int32_t result;
    };

    /// Hands over an open or a read, whose record stays where it is until its answer is taken.
    /// False when there is no memory or no thread for it.
    [[nodiscard]] bool start(one_shot_operation& op) noexcept;

    /// How many have not been taken yet.
    [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }

    /// One that is done, if any is.
    [[nodiscard]] std::optional<answer> take() noexcept;

   private:
    void run(one_shot_operation& op) noexcept;

    std::shared_ptr<const wake_signal> answered_;
    std::size_t under_way_ = 0;
    std::mutex mutex_;
    std::vector<answer> answers_;  ///< Under the mutex; has room for all that are under way.
    std::unique_ptr<asio::thread_pool> threads_;  ///< Last: its threads use the others.
};

}  // namespace rouse::epoll
