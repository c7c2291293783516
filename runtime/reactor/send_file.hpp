#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "runtime/reactor/operation.hpp"

namespace rouse {

/// How much of a file goes out in one turn: what others on the reactor wait for.
inline constexpr std::size_t send_file_step_bytes = 512UZ * 1024;

/// Sends of a send_file operation what the socket takes at once, up to send_file_step_bytes. The
/// operation's result: how many bytes of the file are out, or -errno; none when it goes on as soon
/// as the socket takes more. Never waits, neither for the peer nor, but for memory that the kernel
/// takes away in that moment, for a disk. For backends whose kernel has no such operation.
[[nodiscard]] std::optional<std::int32_t> step_send_file(int socket,
                                                         one_shot_operation& op) noexcept;

}  // namespace rouse
