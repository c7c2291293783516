#include "server/heartbeat.hpp"

#include <algorithm>

namespace rouse::server {

using std::chrono::milliseconds;

heartbeat::decision heartbeat::look(time_point now, bool answered) noexcept {
    decision made;
    const bool is_asked = state_ == state::waiting || state_ == state::late;
    if (is_asked && answered) {
        state_ = state::answered;
        made.beat = true;
    }
    const bool is_over = interval_ && now - asked_ >= *interval_;
    if (state_ == state::fresh || (state_ == state::answered && is_over)) {
        state_ = state::waiting;
        asked_ = now;
        made.ask = true;
    } else if (state_ == state::waiting && is_over) {
        state_ = state::late;
        made.late = true;
    }
    return made;
}

std::optional<milliseconds> heartbeat::due(time_point now) const noexcept {
    if (state_ == state::fresh) {
        return milliseconds::zero();
    }
    if (!interval_ || state_ == state::late) {
        return std::nullopt;
    }
    // Rounded up: a wait that ends too early finds nothing to do.
    return std::max(std::chrono::ceil<milliseconds>(asked_ + *interval_ - now),
                    milliseconds::zero());
}

}  // namespace rouse::server
