#pragma once

#include <chrono>
#include <optional>

namespace rouse::server {

/// Decides when to ask the workers for a sign of life, and when systemd may be told that all is
/// well: after each question that every worker has answered, and only then. With one question every
/// half of the watchdog's time, a worker that stops for as long ends the beats, and the service
/// with them. Times are given, so that it needs no clock.
class heartbeat {
   public:
    using time_point = std::chrono::steady_clock::time_point;

    struct decision {
        bool ask = false;   ///< Ask every worker now.
        bool beat = false;  ///< Every worker has answered the last question.
        bool late = false;  ///< Somebody has not, for a whole interval. Said once a question.
    };

    /// Without an interval there is one question, at the start: what answers it serves.
    explicit heartbeat(std::optional<std::chrono::milliseconds> interval) noexcept
        : interval_(interval) {}

    /// To be called when something happened and when due() is over. `answered`: by all, or nothing
    /// was asked.
    [[nodiscard]] decision look(time_point now, bool answered) noexcept;

    /// How long nothing is to be done if no answer comes; none: for ever.
    [[nodiscard]] std::optional<std::chrono::milliseconds> due(time_point now) const noexcept;

   private:
    enum class state : unsigned char { fresh, waiting, late, answered };

    std::optional<std::chrono::milliseconds> interval_;
    time_point asked_;
    state state_ = state::fresh;
};

}  // namespace rouse::server
