#pragma once

#include <optional>
#include <string>

namespace rouse::server {

/// How many processors' time this process may use, rounded up, 1 or more; none without a limit. The
/// least cpu.max of its control group and those above it, as a container engine, Kubernetes and
/// systemd (CPUQuota=) set it. Version 2 of control groups only; what cannot be read is no limit.
/// See cgroup-v2.rst of the kernel. The arguments are for tests. Throws bad_alloc.
[[nodiscard]] std::optional<unsigned> cpu_quota(const std::string& membership = "/proc/self/cgroup",
                                                const std::string& mounted_at = "/sys/fs/cgroup");

}  // namespace rouse::server
