#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "protocols/http/request_body.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/leased_buffers.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::http;
using rouse::buffer_lease;
using rouse::context;
using rouse::errc;
using rouse::local_waker;
using rouse::owned_bytes;
using rouse::result;
using rouse::fuzz::byte_reader;
using rouse::fuzz::leased_buffers;
using rouse::fuzz::require;

// What a body must be, by the decoder alone, which has a fuzz target of its own.
struct reference {
    std::string body;
    std::size_t consumed = 0;
    bool complete = false;
    parse_error wrong = parse_error::none;
};

reference read_all(std::string_view bytes, const request_head& head) {
    reference all;
    if (head.framing != body_framing::chunked) {
        all.consumed = std::min<std::size_t>(bytes.size(), head.content_length);
        all.body = bytes.substr(0, all.consumed);
        all.complete = all.consumed == head.content_length;
        return all;
    }
    chunked_decoder decoder;
    chunk_status status = chunk_status::data;
    while (status == chunk_status::data) {
        const chunk_result decoded = decoder.decode(bytes.substr(all.consumed));
        status = decoded.status;
        all.consumed += decoded.consumed;
        all.body += decoded.data;
    }
    all.complete = status == chunk_status::done;
    all.wrong = decoder.failure().reason;
    return all;
}

// The peer: its bytes come in pieces, one byte longer than `cuts` says, and not at once.
class peer final : public body_transport {
   public:
    peer(std::string_view bytes, std::string_view cuts) noexcept : bytes_(bytes), cuts_(cuts) {}

    [[nodiscard]] std::string_view take_piece() noexcept {
        const auto cut = static_cast<std::uint8_t>(cuts_[at_++ % cuts_.size()]);
        const std::string_view piece = bytes_.substr(0, std::size_t{cut} + 1);
        bytes_.remove_prefix(piece.size());
        return piece;
    }
    [[nodiscard]] rouse::poll<result<buffer_lease>> poll_body_bytes(context& /*cx*/) override {
        is_late_ = !is_late_;
        if (is_late_) {
            return rouse::pending;
        }
        const std::string_view piece = take_piece();
        return piece.empty() ? result<buffer_lease>() : result<buffer_lease>(buffers.lease(piece));
    }
    void send_continue() override { ++continues; }

    [[nodiscard]] std::string_view unsent() const noexcept { return bytes_; }

    leased_buffers buffers;
    int continues = 0;

   private:
    std::string_view bytes_;
    std::string_view cuts_;
    std::size_t at_ = 0;
    bool is_late_ = false;
};

// Reads the body to its end. The error that it ended with, if it did.
std::optional<std::error_code> read_body(request_body& tested, std::string& body) {
    const local_waker waker = local_waker::noop();
    while (true) {
        context cx(waker);
        auto polled = tested.poll_next(cx);
        if (polled.is_pending()) {
            continue;
        }
        const result<owned_bytes>& piece = polled.value();
        if (!piece) {
            require(tested.error() == piece.error() && !tested.is_complete());
            return piece.error();
        }
        if (piece->empty()) {
            require(tested.is_complete() && !tested.error());
            return std::nullopt;
        }
        body.append(reinterpret_cast<const char*>(piece->data()), piece->size());
    }
}

void check(std::string_view bytes, std::string_view cuts, const request_head& head,
           std::uint64_t bytes_max, bool keep_first) {
    const reference expected = read_all(bytes, head);
    const bool chunked = head.framing == body_framing::chunked;
    const bool too_long = chunked && expected.body.size() > bytes_max;
    peer from(bytes, cuts);
    input arrived;
    if (const std::string_view first = from.take_piece(); !first.empty()) {
        arrived.add(from.buffers.lease(first));
    }
    if (keep_first) {
        arrived.keep();
    }
    const bool waits_for_continue = head.expect_continue && arrived.empty();
    request_body tested(arrived);
    tested.begin(head, from, bytes_max);
    require(tested.length() == (chunked ? std::nullopt : std::optional(head.content_length)));

    std::string body;
    const auto error = read_body(tested, body);
    require(expected.body.starts_with(body) && (!chunked || body.size() <= bytes_max));
    require(from.continues <= (waits_for_continue ? 1 : 0));
    if (!error) {
        require(expected.complete && body == expected.body && !too_long);
        arrived.end_of_views();
        const std::string rest = std::string(arrived.view()) + std::string(from.unsent());
        require(rest == bytes.substr(expected.consumed));
    } else if (*error == errc::limit_exceeded) {
        require(too_long);
    } else if (*error == std::errc::protocol_error) {
        require(expected.wrong != parse_error::none);
        require(tested.wrong_chunks().reason == expected.wrong);
    } else {
        require(*error == errc::closed && !expected.complete && !too_long &&
                expected.wrong == parse_error::none);
        require(from.unsent().empty());
    }
    arrived.clear();
}

}  // namespace

// However the bytes are cut, and whether they are kept or in a buffer: the body is what the decoder
// says, no longer than it may be, and what follows it is left for the next request.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    byte_reader reader(data, size);
    request_head head;
    head.framing = reader.flag() ? body_framing::chunked : body_framing::length;
    head.expect_continue = reader.flag();
    const bool keep_first = reader.flag();
    const std::uint64_t bytes = reader.number<std::uint16_t>();
    head.content_length = head.framing == body_framing::length ? bytes : 0;
    const std::string_view cuts = reader.text(reader.below(4) + 1);
    const std::string_view body = reader.rest();
    if (cuts.empty()) {
        return 0;
    }
    check(body, cuts, head, bytes, keep_first);
    check(body, std::string_view("\0", 1), head, bytes, keep_first);
    return 0;
}
