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
        if (here.out.size() >= output_bytes_high_water || !here.tail.empty() ||
            here.gathered >= service_.limits_.pipelined_requests_max) {
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
                here.terms = {};  // Not those of the request before.
                refuse(here.parser.failure(), now);
                return progress::finish;
            }
            case parse_status::done:
                break;
        }
        answered_ = true;
        here.is_understood = true;
        here.began = now;
        here.user = {};
        if (!answer_head(now)) {
            return progress::answer;
        }
        here.in.consume(here.parser.head_bytes());
        here.parser.reset();
        here.is_understood = false;
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
    if (head.verb == method::other) {
        // RFC 9110, 9.1 and 15.6.2: not known for any resource, so no route is asked. And closed,
        // as after CONNECT: it may be one whose messages end otherwise.
        refuse(make_parse_failure(parse_error::method_unknown), now);
        return true;
    }
    if (head.framing == body_framing::length &&
        head.content_length > service_.limits_.body_bytes_max) {
        refuse(413, "the body is larger than this server takes", now);
        return true;
    }
    if (head.framing == body_framing::chunked || head.content_length > 0) {
        return false;
    }
    request asked(head, *this);
    const router& routes = service_.routes_.for_host(head.host);
    const handler* const chosen = routes.find(asked);
    here.is_asked_once = false;
    if (chosen != nullptr && std::holds_alternative<async_handler>(*chosen)) {
        return false;
    }
    here.body.begin_without();
    std::optional<response> made =
        chosen != nullptr ? call_now(*chosen, asked) : std::optional(routes.refusal(asked));
    if (!made) {
        here.is_asked_once = true;
        return false;  // answer() asks again.
    }
    ++service_.counters_.requests;
    check(*made);
    if (!append_whole(*made, made->content_type, now)) {
        // It leaves in pieces: by the coroutine, when the text of the request is gone.
        here.content_type = made->content_type;
        here.waiting_response = std::move(made);
        return false;
    }
    return true;
}

// Nothing when it has to be asked later.
std::optional<response> connection::call_now(const handler& chosen, request& asked) {
    try {
        return call_at_once(chosen, asked);
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

void connection::refuse(parse_failure failed, time_point now) {
    ++service_.counters_.refused_by[static_cast<std::size_t>(failed.reason)];
    refuse(failed.status, failed.text(), now);
}

void connection::refuse(int status, std::string_view reason, time_point now) {
    ++service_.counters_.refused_requests;
    exchange_->terms.keep_alive = false;
    lingering_ = true;
    std::string text = std::to_string(status);
    text.append(" ").append(reason_phrase(status)).append(": ").append(reason).append("\n");
    const response refusal{.status = status, .content_type = text_plain, .body = std::move(text)};
    append_fixed(refusal, refusal.content_type, now);
}

// Into the output buffer, or behind it; false when it has to leave in pieces.
bool connection::append_whole(const response& made, std::string_view content_type, time_point now) {
    if (fits_behind_head(made)) {
        append_fixed(made, content_type, now);
        return true;
    }
    const auto* shared = std::get_if<shared_bytes>(&made.body);
    if (shared == nullptr || shared->bytes().size() > shared_body_bytes_max) {
        return false;
    }
    const std::uint64_t size = shared->bytes().size();
    const bool has_content = exchange_->terms.with_body && !status_forbids_content(made.status);
    owned_bytes tail = has_content ? shared->share() : owned_bytes();
    append_head(made, content_type, true, size, now);
    exchange_->tail = std::move(tail);
    observe(has_content ? size : 0, now);
    return true;
}

void connection::append_fixed(const response& made, std::string_view content_type, time_point now) {
    const std::string_view body = text_of(made);
    const bool has_content = exchange_->terms.with_body && !status_forbids_content(made.status);
    append_head(made, content_type, true, body.size(), now);
    if (has_content) {
        exchange_->out.append(body);
    }
    observe(has_content ? body.size() : 0, now);
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
    ++here.gathered;
    ++requests_;
    here.status = made.status;
    here.is_quiet = made.quiet;
    closing_ = closing_ || !here.terms.keep_alive || made.close || service_.is_drain_announced() ||
               !delimited || requests_ >= service_.limits_.requests_max;
    // The peer does not expect the close, and may be sending the next request.
    lingering_ = lingering_ || (closing_ && here.terms.keep_alive);
    response_head head{.status = made.status,
                       .framing = has_length ? response_framing::length : response_framing::chunked,
                       .connection = connection_option::implied,
                       .content_length = length,
                       .content_type = content_type,
                       .date = service_.date(now),
                       .lines_before = made.shared ? made.shared->lines() : std::string_view(),
                       .extra_headers = extra,
                       .lines_behind = made.common ? made.common->lines() : std::string_view()};
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

void connection::observe(std::uint64_t body_bytes, time_point now) noexcept {
    if (service_.observer_ == nullptr) {
        return;
    }
    const exchange& here = *exchange_;
    service_.observer_->answered({.head = here.is_understood ? &here.parser.head() : nullptr,
                                  .peer = peer_ip(),
                                  .user = here.is_understood ? here.user : std::string_view(),
                                  .status = here.status,
                                  .body_bytes = body_bytes,
                                  .took = here.is_understood ? now - here.began : duration::zero(),
                                  .is_quiet = here.is_quiet,
                                  .is_cut = cut_ || broken_});
}

ip_address connection::peer_ip() {
    if (!std::exchange(peer_known_, true)) {
        peer_ = ip_address(peer_address());
    }
    return peer_;
}

void connection::flush() {
    if (!exchange_ || exchange_->out.empty() || is_sending()) {
        return;
    }
    exchange& here = *exchange_;
    if (here.tail.empty()) {
        send(here.out.take());
        return;
    }
    std::vector<owned_bytes> parts;
    parts.reserve(2);
    parts.push_back(here.out.take());
    parts.push_back(std::exchange(here.tail, {}));
    send(std::move(parts));
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

}  // namespace rouse::http
