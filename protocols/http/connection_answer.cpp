// From a request to its response, and to the end of the connection.
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include "protocols/http/connection.hpp"
#include "protocols/http/connection_future.hpp"

namespace rouse::http {

/// Bytes that nobody will read, with the deadline of lingering.
class connection::received_future {
   public:
    explicit received_future(connection& owner) noexcept : owner_(owner) {}
    [[nodiscard]] rouse::poll<result<buffer_lease>> poll(context& cx) {
        auto received = owner_.poll_receive(cx);
        const bool first = !std::exchange(asked_, true);
        if (received.is_pending() && !owner_.await_until(cx, wait_kind::linger, first)) {
            return result<buffer_lease>(failure(errc::timed_out));
        }
        return received;
    }

   private:
    connection& owner_;
    bool asked_ = false;
};

rouse::poll<result<std::size_t>> connection::poll_flushed(context& cx) {
    result<std::size_t> last = 0;
    while (true) {
        if (is_sending()) {
            auto sent = poll_sent(cx);
            if (sent.is_pending()) {
                if (await_sent(cx)) {
                    return pending;
                }
                ++service_.counters_.timeouts;
                return result<std::size_t>(failure(errc::timed_out));
            }
            waiting_for_ = wait_kind::none;
            last = std::move(sent).value();
            if (!last) {
                return last;
            }
        }
        if (!exchange_ || exchange_->out.empty()) {
            return last;
        }
        flush();
    }
}

rouse::poll<result<buffer_lease>> connection::poll_body_bytes(context& cx) {
    if (!settle_send(cx)) {
        return result<buffer_lease>(failure(errc::closed));
    }
    flush();
    // Of a send that has just begun too: when it fails, nobody else would tell.
    if (!settle_send(cx)) {
        return result<buffer_lease>(failure(errc::closed));
    }
    auto received = poll_receive(cx);
    if (received.is_ready()) {
        if (std::exchange(waiting_for_, wait_kind::none) == wait_kind::body) {
            exchange_->body_waited += cx.timers()->now() - exchange_->body_asked_at;
        }
        exchange_->body_received += received.value() ? received.value()->size() : 0;
        return received;
    }
    if (!await_body(cx)) {
        ++service_.counters_.timeouts;
        return result<buffer_lease>(failure(errc::timed_out));
    }
    return pending;
}

void connection::send_continue() {
    exchange_->out.append("HTTP/1.1 100 Continue\r\n\r\n");
    flush();
}

task<response> connection::call(const handler& chosen, request& first, request& asked) {
    if (!std::exchange(exchange_->is_asked_once, false)) {
        if (auto made = call_now(chosen, first)) {
            co_return std::move(*made);
        }
    }
    try {
        co_return co_await call_later(chosen, asked);
    } catch (...) {
        ++service_.counters_.handler_exceptions;
        co_return response::of_status(500);
    }
}

namespace {

// What a request gets whose body could not be read; nothing when the peer has gone.
struct body_refusal {
    int status = 0;
    std::string_view reason;
    parse_failure wrong{};
};

body_refusal refusal_of(const request_body& body) noexcept {
    if (body.error() == errc::limit_exceeded) {
        return {413, "the body is larger than this server takes"};
    }
    if (body.error() == errc::timed_out) {
        return {408, "the body did not come in time"};
    }
    if (body.error() == std::errc::protocol_error) {
        const parse_failure wrong = body.wrong_chunks();
        return {wrong.status, wrong.text(), wrong};
    }
    return {};
}

}  // namespace

// What answer_ready() had a response for, but one that leaves in pieces.
task<> connection::answer_waiting() {
    exchange& here = *exchange_;
    response made = std::move(*here.waiting_response);
    here.waiting_response.reset();
    here.is_understood = service_.observer_ != nullptr;
    if (here.is_understood) {
        read_head_again();  // Which the access log has to tell of.
    } else {
        here.in.consume(here.parser.head_bytes());
        here.parser.reset();
        here.in.keep();
    }
    co_await write(std::move(made), here.content_type);
}

// Moves the head to memory of our own, so that a slow handler holds no buffer of the pool.
void connection::read_head_again() {
    exchange& here = *exchange_;
    here.in.keep();
    here.parser.reset();
    (void)here.parser.parse(here.in.view());
    here.in.consume(here.parser.head_bytes());
}

task<> connection::answer() {
    exchange& here = *exchange_;
    if (here.waiting_response) {
        co_await answer_waiting();
    } else {
        co_await answer_later();
    }
    here.in.end_of_views();
    here.parser.reset();
    here.is_understood = false;
}

task<> connection::answer_later() {
    exchange& here = *exchange_;
    read_head_again();
    const request_head& head = here.parser.head();
    here.body.begin(head, *this, service_.limits_.body_bytes_max);
    here.body_waited = {};
    here.body_received = 0;
    flush();  // Answers to earlier requests do not wait for this handler.

    ++service_.counters_.requests;
    request first(head, *this);  // For at_once: see either_handler.
    request asked(head, *this);
    const router& routes = service_.routes_.for_host(head.host);
    response made;
    if (const handler* const chosen = routes.find(asked)) {
        first.set_match(asked.match());
        task<response> handling = call(*chosen, first, asked);
        auto answered = co_await flushing_future(*this, handling);
        if (!answered) {
            co_return;
        }
        made = std::move(*answered);
        check(made);
    } else {
        made = routes.refusal(asked);
    }
    if (here.body.error()) {
        const body_refusal refused = refusal_of(here.body);
        if (refused.status == 0) {
            // This request gets no answer. Those before it may be on their way still.
            closing_ = true;
            lingering_ = true;
            co_return;
        }
        if (refused.wrong.reason != parse_error::none) {
            refuse(refused.wrong, co_await now_future());
        } else {
            refuse(refused.status, refused.reason, co_await now_future());
        }
        co_return;
    }
    // Nobody asked for the body with 100 Continue, unless the response is a stream, which may be
    // made of it.
    made.close = made.close || (here.body.is_unasked() &&
                                !std::holds_alternative<std::unique_ptr<body_source>>(made.body));
    const std::string_view content_type = made.content_type;
    co_await write(std::move(made), content_type);
    co_await drop_unread_body();
}

task<> connection::drop_unread_body() {
    auto& body = exchange_->body;
    if (body.is_complete() || broken_ || cut_) {
        co_return;
    }
    if (body.is_unasked()) {
        // It waits for 100 Continue and may send the body or not: where the next request begins is
        // not known.
        closing_ = true;
        lingering_ = true;
        co_return;
    }
    std::uint64_t dropped = 0;
    while (!body.is_complete() && dropped <= unread_body_bytes_max) {
        const auto piece = co_await next(body);
        if (!piece) {
            break;
        }
        dropped += piece->size();
    }
    if (!body.is_complete()) {
        closing_ = true;
        lingering_ = true;
    }
}

task<> connection::finish() {
    if (broken_) {
        co_return;
    }
    if (exchange_) {
        lingering_ = lingering_ || !exchange_->in.empty();
        exchange_->in.clear();
    }
    if (const auto sent = co_await sent_future(*this); !sent || !lingering_) {
        co_return;
    }
    if (exchange_) {
        close_exchange();
    }
    co_await linger();
}

// A close with bytes unread is a reset, which may reach the peer before our answer: so the end is
// announced, and what the peer still sends is read. RFC 9112, 9.6.
task<> connection::linger() {
    if (const auto shut = co_await shutdown_write(); !shut) {
        co_return;
    }
    received_future receiving(*this);
    std::uint64_t dropped = 0;
    while (dropped <= linger_bytes_max) {
        const auto received = co_await receiving;
        if (!received || received->empty()) {
            co_return;
        }
        dropped += received->size();
    }
}

}  // namespace rouse::http
