#include "protocols/http/connection.hpp"

#include <cassert>
#include <exception>
#include <utility>

#include "protocols/http/response_head.hpp"
#include "protocols/http/status.hpp"

namespace rouse::http {

connection::connection(service& shared) noexcept : service_(shared) {
    ++service_.counters_.connections_accepted;
    ++service_.counters_.connections_open;
}

connection::connection(connection&& other) noexcept
    : intrusive_link(), service_(other.service_), counted_(std::exchange(other.counted_, false)) {
    assert(!other.is_linked() && "a connection moves before its first poll only");
}

connection::~connection() {
    drop_coroutine();
    if (exchange_) {
        close_exchange();
    }
    if (is_linked()) {
        unlink();
    }
    if (counted_) {
        --service_.counters_.connections_open;
        service_.closed_.notify_one();
    }
}

rouse::poll<> connection::poll(context& cx) {
    if (!is_linked()) {
        service_.connections_.push_back(*this);
    }
    while (true) {
        if (coroutine_) {
            if (coroutine_->poll(cx).is_pending()) {
                return pending;
            }
            coroutine_.reset();
            if (finishing_ || broken_) {
                return rouse::poll<>::ready();
            }
        }
        const auto step = poll_requests(cx);
        if (step.is_pending()) {
            return pending;
        }
        switch (step.value()) {
            case connection_step::answer:
                coroutine_.emplace(answer());
                break;
            case connection_step::finish:
                coroutine_.emplace(finish());
                finishing_ = true;
                break;
            case connection_step::closed:
                return rouse::poll<>::ready();
        }
    }
}

void connection::open_exchange() {
    if (!exchange_) {
        exchange_ = service_.take_exchange();
    }
}

void connection::close_exchange() noexcept {
    service_.give_back(std::move(exchange_));
}

void connection::drain(timer_wheel& timers) noexcept {
    if (waiting_for_ == wait_kind::idle) {
        deadline_.bring_forward(timers);
    }
}

rouse::poll<connection_step> connection::poll_requests(context& cx) {
    if (!settle_send(cx)) {
        return connection_step::closed;
    }
    const time_point now = cx.timers()->now();
    while (!closing_) {
        if (exchange_) {
            const progress made = answer_ready(now);
            if (made == progress::answer) {
                return connection_step::answer;
            }
            if (made == progress::full) {
                flush();
                if (!settle_send(cx)) {
                    return connection_step::closed;
                }
                if (!is_sending()) {
                    continue;
                }
                exchange_->in
                    .keep();  // A peer that does not read holds no buffer of the pool either.
                break;
            }
            if (made != progress::starved) {
                break;
            }
        }
        auto received = poll_receive(cx);
        if (received.is_pending()) {
            break;
        }
        if (!received.value()) {
            return connection_step::closed;
        }
        if (received.value()->empty()) {
            closing_ = true;  // It may still read what it asked for.
            break;
        }
        open_exchange();
        exchange_->in.add(std::move(*received.value()));
    }
    if (closing_) {
        return connection_step::finish;
    }
    return wait(cx);
}

// Parses and answers what is there. `starved`: all of it is dealt with.
connection::progress connection::answer_ready(time_point now) {
    exchange& here = *exchange_;
    while (true) {
        if (here.out.size() >= output_bytes_high_water) {
            return progress::full;
        }
        const std::string_view bytes = here.in.view();
        if (bytes.empty()) {
            return progress::starved;
        }
        switch (here.parser.parse(bytes)) {
            case parse_status::need_more:
                here.in.keep();
                return progress::starved;
            case parse_status::bad: {
                const parse_failure failed = here.parser.failure();
                here.terms = {};  // Not those of the request before.
                refuse(failed.status, failed.text(), now);
                return progress::finish;
            }
            case parse_status::done:
                break;
        }
        answered_ = true;
        if (!answer_head(now)) {
            return progress::answer;
        }
        here.in.consume(here.parser.head_bytes());
        here.parser.reset();
        if (closing_) {
            return progress::finish;
        }
    }
}

// Answers a request that needs no coroutine; false when it needs one.
bool connection::answer_head(time_point now) {
    exchange& here = *exchange_;
    const request_head& head = here.parser.head();
    here.terms = {.with_body = head.verb != method::head,
                  .keep_alive = head.keep_alive,
                  .http_1_0 = head.minor_version == 0};
    if (head.framing == body_framing::length &&
        head.content_length > service_.limits_.body_bytes_max) {
        refuse(413, "the body is larger than this server takes", now);
        return true;
    }
    if (head.framing == body_framing::chunked || head.content_length > 0) {
        return false;
    }
    const route_match matched = service_.routes_.match(head.verb, head.path);
    if (matched.kind != route_outcome::found) {
        ++service_.counters_.requests;
        response refusal = service_.routes_.refusal(head, matched);
        append_fixed(refusal, now);
        return true;
    }
    const auto* plain = std::get_if<plain_handler>(&service_.routes_.handler_of(matched));
    if (plain == nullptr) {
        return false;  // answer() counts it.
    }
    ++service_.counters_.requests;
    request asked(head, matched.params, *this);
    here.body.begin_without();
    response made = call_plain(*plain, asked);
    check(made);
    if (!fits_behind_head(made)) {
        // It leaves in pieces: by the coroutine, when the text of the request is gone.
        here.content_type = made.content_type;
        here.waiting_response = std::move(made);
        return false;
    }
    append_fixed(made, now);
    return true;
}

response connection::call_plain(const plain_handler& function, request& asked) {
    try {
        return function(asked);
    } catch (...) {
        ++service_.counters_.handler_exceptions;
        return response::of_status(500);
    }
}

// What a handler made and cannot be written becomes a 500.
void connection::check(response& made) {
    if (!is_writable(made)) {
        ++service_.counters_.handler_exceptions;
        made = response::of_status(500);
    }
}

void connection::refuse(int status, std::string_view reason, time_point now) {
    ++service_.counters_.refused_requests;
    exchange_->terms.keep_alive = false;
    lingering_ = true;
    std::string text = std::to_string(status);
    text.append(" ").append(reason_phrase(status)).append(": ").append(reason).append("\n");
    response refusal{.status = status, .content_type = text_plain, .body = std::move(text)};
    append_fixed(refusal, now);
}

void connection::append_fixed(const response& made, time_point now) {
    const std::string_view body = text_of(made);
    append_head(made, made.content_type, true, body.size(), now);
    if (exchange_->terms.with_body && !status_forbids_content(made.status)) {
        exchange_->out.append(body);
    }
}

void connection::append_head(const response& made, std::string_view content_type, bool has_length,
                             std::uint64_t length, time_point now) {
    exchange& here = *exchange_;
    std::vector<header_field> extra;
    extra.reserve(made.headers.size());  // No allocation for none.
    for (const response_header& header : made.headers) {
        extra.push_back({.name = header.name, .value = header.value});
    }
    const bool delimited = has_length || !here.terms.http_1_0;
    closing_ = closing_ || !here.terms.keep_alive || made.close || service_.is_drain_announced() ||
               !delimited;
    // The peer does not expect the close, and may be sending the next request.
    lingering_ = lingering_ || (closing_ && here.terms.keep_alive);
    response_head head{.status = made.status,
                       .framing = has_length ? response_framing::length : response_framing::chunked,
                       .connection = connection_option::implied,
                       .content_length = length,
                       .content_type = content_type,
                       .date = service_.date(now),
                       .extra_headers = extra};
    if (status_forbids_content(made.status) || !delimited) {
        head.framing = response_framing::none;
    }
    if (closing_) {
        head.connection = connection_option::close;
    } else if (here.terms.http_1_0) {
        head.connection = connection_option::keep_alive;
    }
    char* const begin = here.out.reserve(response_head_bytes_bound(head));
    here.out.commit(write_response_head(begin, head));
}

void connection::flush() {
    if (exchange_ && !exchange_->out.empty() && !is_sending()) {
        send(exchange_->out.take());
    }
}

// Takes the result of a send that has ended, and keeps the waker of one that has not. False: it
// failed.
bool connection::settle_send(context& cx) {
    if (!is_sending()) {
        return !broken_;
    }
    const auto sent = poll_sent(cx);
    broken_ = sent.is_ready() && !sent.value();
    return !broken_;
}

rouse::poll<connection_step> connection::wait(context& cx) {
    flush();
    if (!settle_send(cx)) {
        return connection_step::closed;
    }
    if (is_sending()) {
        return await_until(cx, wait_kind::write, false) ? rouse::poll<connection_step>(pending)
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
            return limits.write_timeout;
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

}  // namespace rouse::http
