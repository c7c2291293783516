#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace rouse::server {

/// Reads a whole number and its unit: "250ms", "10s", "5m" or "2h". No unit, sign, space, fraction
/// or sum of parts; nothing beyond what a count of milliseconds holds.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(
    std::string_view text) noexcept;

/// The shortest text that parse_duration reads back as the same duration; the duration is not
/// negative.
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

}  // namespace rouse::server
