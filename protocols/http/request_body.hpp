#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "protocols/http/body_source.hpp"
#include "protocols/http/chunked_decoder.hpp"
#include "protocols/http/input.hpp"
#include "protocols/http/request_head.hpp"

namespace rouse::http {

/// Where a request body gets its bytes from, and tells the client to send them.
class body_transport {
   public:
    /// As byte_stream::recv, with the deadline of a body: errc::timed_out.
    [[nodiscard]] virtual rouse::poll<result<buffer_lease>> poll_body_bytes(context& cx) = 0;
    /// Sends `100 Continue` (RFC 9110, 10.1.1).
    virtual void send_continue() = 0;

   protected:
    ~body_transport() = default;
};

/// The body of the request that is being answered: delimited by Content-Length or chunked, read
/// from what came with the head and then from the connection. A piece is the reactor's buffer
/// itself, so echoing it copies nothing.
///
/// Errors: errc::limit_exceeded (413), errc::timed_out (408), std::errc::protocol_error for wrong
/// chunks (400, or 431 for trailers that are too long), errc::closed when the peer ended in the
/// middle, or what the connection failed with.
class request_body final : public body_source {
   public:
    explicit request_body(input& bytes) noexcept : input_(bytes) {}

    /// The request has no body. On the path of most requests, so it costs a few stores.
    void begin_without() noexcept {
        content_length_ = 0;
        chunked_ = false;
        continue_pending_ = false;
        state_ = state::complete;
        if (error_) {
            error_.clear();
        }
    }
    /// Begins the body of `head`, whose own bytes are consumed from the input already.
    void begin(const request_head& head, body_transport& transport,
               std::uint64_t bytes_max) noexcept;

    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_next(context& cx) override;
    [[nodiscard]] std::optional<std::uint64_t> length() const noexcept override;

    [[nodiscard]] bool is_complete() const noexcept { return state_ == state::complete; }
    /// The client still waits for 100 Continue, and may never send the body.
    [[nodiscard]] bool is_unasked() const noexcept { return continue_pending_; }
    /// Asks for it now, rather than with the first read.
    void ask() {
        if (std::exchange(continue_pending_, false)) {
            transport_->send_continue();
        }
    }
    /// Why it could not be read, once it could not.
    [[nodiscard]] std::error_code error() const noexcept { return error_; }
    /// What was wrong with its chunks, after std::errc::protocol_error.
    [[nodiscard]] parse_failure wrong_chunks() const noexcept { return decoder_.failure(); }

   private:
    enum class state : std::uint8_t { reading, complete, failed };

    [[nodiscard]] rouse::poll<result<owned_bytes>> poll_piece(context& cx);
    [[nodiscard]] result<owned_bytes> take_kept();
    [[nodiscard]] result<owned_bytes> take_lease(buffer_lease bytes);
    [[nodiscard]] std::size_t take_counted(std::size_t available) noexcept;
    [[nodiscard]] result<> count_decoded(std::size_t bytes) noexcept;
    std::unexpected<std::error_code> fail(std::error_code error) noexcept;

    input& input_;
    body_transport* transport_ = nullptr;
    chunked_decoder decoder_;
    std::uint64_t content_length_ = 0;
    std::uint64_t left_ = 0;  // Of a counted body; of a chunked one, what it may still have.
    std::error_code error_;
    state state_ = state::complete;
    bool chunked_ = false;
    bool continue_pending_ = false;
};

}  // namespace rouse::http
