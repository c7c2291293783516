#pragma once

#include <cstdint>
#include <optional>

#include "runtime/reactor/operation.hpp"

namespace rouse {

/// statx(2) of an open file: zero or -errno. At once: AT_STATX_DONT_SYNC asks no server, and what
/// is open has its status in memory.
[[nodiscard]] std::int32_t call_stat(one_shot_operation& op) noexcept;

/// openat2(2) or pread(2), for as long as it takes: a descriptor, bytes or -errno.
[[nodiscard]] std::int32_t call_file(one_shot_operation& op) noexcept;

/// The same where it needs no disk and no server; none where it may, or where this kernel or this
/// file system cannot tell (RESOLVE_CACHED: Linux 5.12; RWF_NOWAIT: 4.14).
[[nodiscard]] std::optional<std::int32_t> call_file_in_memory(one_shot_operation& op) noexcept;

/// O_NONBLOCK was for the open. Reads of a file that has it are not the same for all kernels where
/// its file system may have to wait: EAGAIN for ever (REQ_F_NOWAIT), or an attempt on this thread
/// (io_file_get_flags, both in io_uring's sources).
void clear_open_flags(int opened) noexcept;

}  // namespace rouse
