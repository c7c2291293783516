#pragma once

#include <cstdint>

namespace rouse::detail {

/// The state of a spawned task, as bits. One thread reads and writes them, so they are plain.
///
/// | bits set           | where the task is                                           | a wake        | cancel()            |
/// | ------------------ | ----------------------------------------------------------- | ------------- | ------------------- |
/// | (none)             | idle: pending, some future keeps its waker                  | queues it     | drops the future    |
/// | queued             | in the ready queue, once                                    | is coalesced  | drops the future    |
/// | running            | being polled                                                | queues it     | sets cancelled      |
/// | running + queued   | being polled, and woken meanwhile: runs again after this    | is coalesced  | sets cancelled      |
/// | finished           | the future is gone; the output waits for the join_handle    | does nothing  | does nothing        |
/// | finished + queued  | as above; its place in the ready queue is skipped when due  | does nothing  | does nothing        |
///
/// `cancelled` is only seen together with running: the future is dropped as soon as that poll
/// returns. `left` comes with any of them: the join_handle is gone, so the output is dropped as
/// soon as the task has finished. The memory is freed when nobody refers to it: the executor (until
/// finished), the ready queue (while queued), the join_handle and each waker count as one owner.
namespace task_state {
inline constexpr std::uint8_t queued = 1U << 0U;
inline constexpr std::uint8_t running = 1U << 1U;
inline constexpr std::uint8_t finished = 1U << 2U;
inline constexpr std::uint8_t cancelled = 1U << 3U;
inline constexpr std::uint8_t left = 1U << 4U;
}  // namespace task_state

}  // namespace rouse::detail
