#pragma once

#include <chrono>
#include <expected>
#include <string>

#include "server/health_url.hpp"

namespace rouse::server {

/// From the first connect to the last byte of the answer's status line.
inline constexpr std::chrono::milliseconds health_check_timeout{2'000};

/// Asks, and waits for the answer, without a reactor. Nothing for a status of 200 to 299, or why
/// not, as the end of a sentence that begins with the URL.
[[nodiscard]] std::expected<void, std::string> ask_health(
    const health_question& question, std::chrono::milliseconds timeout = health_check_timeout);

}  // namespace rouse::server
