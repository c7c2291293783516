#pragma once

#include <liburing.h>

/// Constants of the kernel's io_uring interface that the header of liburing 2.3 (Debian 12) does
/// not have. They are fixed by the kernel ABI (include/uapi/linux/io_uring.h); whether the running
/// kernel knows them is found out at run time.
namespace rouse::uring {

/// io_uring_params::features, Linux 6.15: enter_no_iowait is understood.
inline constexpr unsigned feature_no_iowait = 1U << 17U;
/// io_uring_enter(2) flag, Linux 6.15: a sleeping ring does not count as waiting for a disk.
inline constexpr unsigned enter_no_iowait = 1U << 7U;

/// The one group that all provided buffers of a ring belong to: ours to choose.
inline constexpr unsigned short buffer_group = 0;

}  // namespace rouse::uring
