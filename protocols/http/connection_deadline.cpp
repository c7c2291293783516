// How long a connection waits, and what for.
#include <algorithm>
#include <chrono>
#include <utility>

#include "protocols/http/connection.hpp"

namespace rouse::http {

rouse::poll<connection_step> connection::wait(context& cx) {
    flush();
    if (!settle_send(cx)) {
        return connection_step::closed;
    }
    if (is_sending()) {
        return await_sent(cx) ? rouse::poll<connection_step>(pending)
                              : expire(cx, wait_kind::write);
    }
    if (exchange_ && exchange_->parser.in_head()) {
        return await_until(cx, wait_kind::head, std::exchange(answered_, false))
                   ? rouse::poll<connection_step>(pending)
                   : expire(cx, wait_kind::head);
    }
    // Empty lines may be there: they are kept, since the last may be half of one, and the
    // connection is idle all the same.
    if (exchange_ && exchange_->in.empty()) {
        close_exchange();
    }
    return wait_idle(cx);
}

rouse::poll<connection_step> connection::wait_idle(context& cx) {
    return await_until(cx, wait_kind::idle, std::exchange(answered_, false))
               ? rouse::poll<connection_step>(pending)
               : connection_step::closed;
}

rouse::poll<connection_step> connection::expire(context& cx, wait_kind kind) {
    ++service_.counters_.timeouts;
    if (kind != wait_kind::head) {
        return connection_step::closed;
    }
    exchange_->terms = {};
    refuse(408, "the request head did not come in time", cx.timers()->now());
    return connection_step::finish;
}

milliseconds connection::timeout_of(wait_kind kind) const noexcept {
    const service_limits& limits = service_.limits_;
    switch (kind) {
        case wait_kind::none:
        case wait_kind::idle:
            return service_.is_draining() ? drain_look : limits.idle_timeout;
        case wait_kind::head:
            return limits.header_timeout;
        case wait_kind::body:
            return limits.body_timeout;
        case wait_kind::write:
            return limits.write_timeout / write_looks;
        case wait_kind::linger:
            return limits.linger_timeout;
    }
    return limits.idle_timeout;
}

// Sets the deadline when it is for something new, or to be renewed. False when it has passed.
bool connection::await_until(context& cx, wait_kind kind, bool renew) noexcept {
    if (renew || kind != waiting_for_) {
        waiting_for_ = kind;
        deadline_.set(cx, cx.timers()->now() + timeout_of(kind));
        return true;
    }
    return !deadline_.has_passed();
}

// A peer that takes bytes, however slowly, is no stalled one. The kernel is asked a few times in
// write_timeout whether the peer has taken any since: an ordinary send is over before the first.
bool connection::await_sent(context& cx) noexcept {
    const time_point now = cx.timers()->now();
    if (waiting_for_ != wait_kind::write) {
        exchange_->moved_at = now;
    }
    if (await_until(cx, wait_kind::write, false)) {
        return true;
    }
    const auto now_delivered = delivered();
    if (now_delivered && now_delivered != exchange_->delivered) {
        exchange_->delivered = now_delivered;
        exchange_->moved_at = now;
    }
    const time_point end = exchange_->moved_at + service_.limits_.write_timeout;
    if (now >= end) {
        return false;
    }
    deadline_.set(cx, std::min(end, now + timeout_of(wait_kind::write)));
    return true;
}

// The time that the handler takes between two pieces is not the peer's.
bool connection::await_body(context& cx) noexcept {
    if (waiting_for_ == wait_kind::body) {
        return await_until(cx, wait_kind::body, false);
    }
    exchange& here = *exchange_;
    const service_limits& limits = service_.limits_;
    duration allowed = limits.body_timeout;
    if (limits.body_rate_min > 0) {
        const auto earned = std::chrono::seconds(here.body_received / limits.body_rate_min);
        allowed = std::min(allowed, limits.body_grace + earned - here.body_waited);
    }
    waiting_for_ = wait_kind::body;
    here.body_asked_at = cx.timers()->now();
    deadline_.set(cx, here.body_asked_at + std::max(allowed, duration::zero()));
    return true;
}

}  // namespace rouse::http
