#pragma once

#include <optional>
#include <utility>

#include "protocols/echo/echo_service.hpp"
#include "runtime/net/byte_stream.hpp"
#include "runtime/net/tcp_stream.hpp"
#include "runtime/task/task.hpp"

namespace rouse::echo {

/// One connection of the echo protocol: what is received is sent back from the very buffer that it
/// arrived in. See RFC 862.
///
/// It is a hand-written future. The state is one send in flight and one piece that waits for it;
/// while both are there the peer is read no further, so a peer that does not read holds at most two
/// buffers here, and in the reactor what reactor_limits::receive_queue_max allows.
template <byte_stream Stream>
class [[nodiscard]] echo_future : public echo_connection {
   public:
    echo_future(echo_service& shared, Stream& stream) noexcept
        : echo_connection(shared), stream_(stream) {}

    /// Ready when the peer has ended and everything it sent is sent back, or with why that cannot
    /// be.
    [[nodiscard]] rouse::poll<result<>> poll(context& cx) {
        bool moved = false;
        while (true) {
            if (sending_) {
                auto sent = sending_->poll(cx);
                if (sent.is_pending()) {
                    if (!waiting_.empty() || ended_) {
                        break;  // The peer is read no further until it has read.
                    }
                } else {
                    sending_.reset();
                    if (!sent.value()) {
                        return sent;
                    }
                    moved = true;
                }
            }
            if (!sending_ && !waiting_.empty()) {
                sending_.emplace(stream_.send(std::move(waiting_).into_bytes())).start();
                moved = true;
                continue;
            }
            if (ended_) {
                return result<>();
            }
            auto received = stream_.recv().poll(cx);
            if (received.is_pending()) {
                break;
            }
            if (!received.value()) {
                return result<>(failure(received.value().error()));
            }
            moved = true;
            waiting_ = std::move(*received.value());
            ended_ = waiting_.empty();
        }
        return wait(cx, moved);
    }

   private:
    [[nodiscard]] rouse::poll<result<>> wait(context& cx, bool moved) {
        if (service_.is_draining() && !sending_) {
            return look_again(cx, moved);
        }
        if (moved || !started_) {
            started_ = true;
            const echo_limits& limits = service_.limits();
            deadline_.set(
                cx, cx.timers()->now() + (sending_ ? limits.write_timeout : limits.idle_timeout));
        } else if (deadline_.has_passed() && !service_.is_draining()) {
            ++service_.counters().timeouts;
            return result<>(failure(errc::timed_out));
        }
        return pending;
    }

    // While a peer does not read, the kernel is not asked for what it sends: so a connection that
    // was busy during a drain looks once more.
    [[nodiscard]] rouse::poll<result<>> look_again(context& cx, bool moved) {
        if (moved) {
            looking_ = true;
            deadline_.set(cx, cx.timers()->now() + drain_look);
        } else if (!looking_ || deadline_.has_passed()) {
            return result<>();
        }
        return pending;
    }

    Stream& stream_;
    buffer_lease waiting_;
    bool ended_ = false;
    bool started_ = false;
    bool looking_ = false;
    std::optional<decltype(std::declval<Stream&>().send(owned_bytes()))> sending_;
};

static_assert(future<echo_future<tcp_stream>>);

namespace detail {

// The stream closes before its place is free.
template <byte_stream Stream>
task<> serve_in(echo_place place, Stream stream) {
    echo_future<Stream> echoing(place.service(), stream);
    if (co_await echoing) {
        (void)co_await stream
            .shutdown_write();  // The close would say the same to a peer that has ended.
    }
}

}  // namespace detail

/// Echoes until the peer has ended its side, sends back what is left, and ends ours. The connection
/// counts as open from now on. The service outlives the task.
template <byte_stream Stream>
[[nodiscard]] task<> serve(echo_service& shared, Stream stream) {
    return detail::serve_in(echo_place(shared), std::move(stream));
}

}  // namespace rouse::echo
