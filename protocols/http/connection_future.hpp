#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

#include "protocols/http/connection.hpp"

namespace rouse::http {

/// What is waited for besides the peer, a handler or a piece of a response: meanwhile what was
/// gathered is sent. Where that fails, the wait is over: errc::closed.
template <future F>
class connection::flushing_future {
    using awaited = future_output_t<F>;
    using output = std::conditional_t<std::is_same_v<awaited, response>, result<response>, awaited>;

   public:
    flushing_future(connection& owner, F& waited_for) noexcept
        : owner_(owner), waited_for_(waited_for) {}

    [[nodiscard]] rouse::poll<output> poll(context& cx) {
        auto answer = waited_for_.poll(cx);
        if (answer.is_ready()) {
            return output(std::move(answer).value());
        }
        if (owner_.settle_send(cx)) {
            owner_.flush();
            if (owner_.settle_send(cx)) {
                return pending;
            }
        }
        return output(failure(errc::closed));
    }

   private:
    connection& owner_;
    F& waited_for_;
};

/// Ready when everything that was gathered is sent; errc::timed_out.
class connection::sent_future {
   public:
    explicit sent_future(connection& owner) noexcept : owner_(owner) {}
    [[nodiscard]] rouse::poll<result<std::size_t>> poll(context& cx) {
        return owner_.poll_flushed(cx);
    }

   private:
    connection& owner_;
};

/// The time of the present turn.
class connection::now_future {
   public:
    [[nodiscard]] rouse::poll<time_point> poll(context& cx) const noexcept {
        return cx.timers()->now();
    }
};

}  // namespace rouse::http
