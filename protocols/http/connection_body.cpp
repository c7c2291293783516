// How a response leaves that waits for its body, or does not fit into one send.
#include <cerrno>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "protocols/http/chunked_encoder.hpp"
#include "protocols/http/connection.hpp"
#include "protocols/http/connection_future.hpp"
#include "protocols/http/status.hpp"
#include "protocols/http/text_body.hpp"

namespace rouse::http {

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

}  // namespace rouse::http
