#pragma once

#include <cstdint>
#include <string_view>

namespace rouse::http {

/// The ways to look at many bytes at a time, in order of speed. All give the same answers.
enum class scan_path : std::uint8_t { portable, sse2, avx2 };

/// Every path, also those that cannot run here.
inline constexpr scan_path scan_paths[] = {scan_path::portable, scan_path::sse2, scan_path::avx2};

/// True when this program has the path and this processor can run it.
[[nodiscard]] bool is_supported(scan_path path) noexcept;

/// The fastest path that can run here; asks the processor once.
[[nodiscard]] scan_path best_scan_path() noexcept;

[[nodiscard]] std::string_view to_string(scan_path path) noexcept;

}  // namespace rouse::http
