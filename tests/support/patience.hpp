#pragma once

#include <poll.h>

#include <algorithm>
#include <chrono>

namespace rouse::test {

/// How long a test waits for what must happen: long, since it only ends what has gone wrong.
class patience {
   public:
    static constexpr std::chrono::seconds limit{30};

    [[nodiscard]] int milliseconds_left() const {
        const auto left = end_ - std::chrono::steady_clock::now();
        return static_cast<int>(std::max<std::chrono::milliseconds::rep>(
            std::chrono::ceil<std::chrono::milliseconds>(left).count(), 0));
    }
    [[nodiscard]] bool is_over() const { return milliseconds_left() == 0; }

    /// Waits for what poll(2) calls an event, or an error. False when the time is over.
    [[nodiscard]] bool await(int fd, short events) const {
        pollfd watched{.fd = fd, .events = events, .revents = 0};
        return ::poll(&watched, 1, milliseconds_left()) > 0;
    }

   private:
    std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::now() + limit;
};

}  // namespace rouse::test
