#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include "protocols/http/chunked_encoder.hpp"
#include "protocols/http/connection.hpp"
#include "protocols/http/status.hpp"
#include "protocols/http/text_body.hpp"

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

/// The time of the present turn.
class connection::now_future {
   public:
    [[nodiscard]] rouse::poll<time_point> poll(context& cx) const noexcept {
        return cx.timers()->now();
    }
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

task<response> connection::call(const handler& chosen, request& asked) {
    if (!std::exchange(exchange_->is_asked_once, false)) {
        if (auto made = call_now(chosen, asked)) {
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
    request asked(head, *this);
    const router& routes = service_.routes_.for_host(head.host);
    response made;
    if (const handler* const chosen = routes.find(asked)) {
        task<response> handling = call(*chosen, asked);
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

task<> connection::write(response made, std::string_view content_type) {
    exchange& here = *exchange_;
    const time_point now = co_await now_future();
    if (append_whole(made, content_type, now)) {
        co_return;
    }
    if (auto* owned = std::get_if<std::string>(&made.body)) {
        made.body = std::make_unique<text_body>(std::move(*owned));
    } else if (const auto* literal = std::get_if<std::string_view>(&made.body)) {
        made.body = std::make_unique<text_body>(*literal);
    } else if (auto* shared = std::get_if<shared_bytes>(&made.body)) {
        made.body = std::make_unique<text_body>(std::move(*shared));
    } else {
        // 100 Continue comes before the final head, which says that the body is not wanted (RFC
        // 9110, 10.1.1). The response may be made of it, as an echo is.
        here.body.ask();
    }
    body_source& source = *std::get<std::unique_ptr<body_source>>(made.body);
    const auto length = source.length();
    const bool chunked = !length && !here.terms.http_1_0;
    append_head(made, content_type, length.has_value(), length.value_or(0), now);
    std::uint64_t written = 0;
    if (here.terms.with_body && !status_forbids_content(made.status)) {
        written = co_await write_stream(source, length, chunked);
    }
    observe(written, co_await now_future());
}

// Answers how many bytes of the source have left.
task<std::uint64_t> connection::write_stream(body_source& source,
                                             std::optional<std::uint64_t> length, bool chunked) {
    exchange& here = *exchange_;
    const std::uint64_t whole = length.value_or(UINT64_MAX);
    std::uint64_t left = whole;
    while (true) {
        if (!chunked && can_send_files() && source.next_part()) {
            left -= co_await write_parts(source);
            if (broken_ || cut_) {
                co_return whole - left;
            }
        }
        auto following = next(source);
        auto piece = co_await flushing_future(*this, following);
        // Cut short, so that the peer does not take it for whole, nor what is too much for the next
        // response. What was gathered still leaves: answers to earlier requests may be there.
        if (!piece || piece->size() > left || (piece->empty() && length && left > 0)) {
            cut();
            // By a reset the peer could lose those answers. Where only the end of the connection
            // ends a body, it would take a clean one for the end of the body.
            lingering_ = lingering_ || length || chunked;
            co_return whole - left;
        }
        if (piece->empty()) {
            break;
        }
        left -= piece->size();
        if (chunked) {
            here.out.commit(
                write_chunk_head(here.out.reserve(chunk_head_bytes_max), piece->size()));
        }
        // One send at a time; what is gathered, such as the head, goes with this piece.
        if (is_sending()) {
            owned_bytes gathered = here.out.take();
            if (const auto sent = co_await sent_future(*this); !sent) {
                broken_ = true;
                co_return whole - left;
            }
            if (!gathered.empty()) {
                here.out.append({reinterpret_cast<const char*>(gathered.data()), gathered.size()});
            }
        }
        if (here.out.empty() && !chunked) {
            send(std::move(*piece));
            continue;
        }
        std::vector<owned_bytes> parts;
        parts.push_back(here.out.take());
        parts.push_back(std::move(*piece));
        if (chunked) {
            parts.push_back(owned_bytes::from_static(chunk_end));
        }
        send(std::move(parts));
    }
    if (chunked) {
        here.out.append(last_chunk);
    }
    co_return whole - left;
}

// Nothing may follow the response, which is not whole.
void connection::cut() noexcept {
    closing_ = true;
    cut_ = true;
}

// What of a body goes from its file to the peer, and may be at once. Answers how many bytes of it
// have left.
task<std::uint64_t> connection::write_parts(body_source& source) {
    std::uint64_t written = 0;
    while (const auto part = source.next_part()) {
        owned_bytes gathered = exchange_->out.take();
        if (const auto before = co_await sent_future(*this); !before) {
            broken_ = true;
            break;
        }
        send(std::move(gathered), *part);
        const auto sent = co_await sent_future(*this);
        if (!sent && sent.error() == errno_code(ENODATA)) {
            cut();
            lingering_ = true;
            break;
        }
        if (!sent) {
            broken_ = true;
            break;
        }
        source.part_sent(*sent);
        written += *sent;
        if (*sent < part->bytes) {
            break;
        }
    }
    co_return written;
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
