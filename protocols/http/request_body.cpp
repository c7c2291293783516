#include "protocols/http/request_body.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <utility>

namespace rouse::http {

void request_body::begin(const request_head& head, body_transport& transport,
                         std::uint64_t bytes_max) noexcept {
    transport_ = &transport;
    decoder_.reset();
    error_ = {};
    chunked_ = head.framing == body_framing::chunked;
    content_length_ = chunked_ ? 0 : head.content_length;
    left_ = chunked_ ? bytes_max : content_length_;
    state_ = chunked_ || left_ > 0 ? state::reading : state::complete;
    continue_pending_ = head.expect_continue && state_ == state::reading;
}

std::optional<std::uint64_t> request_body::length() const noexcept {
    return chunked_ ? std::nullopt : std::optional(content_length_);
}

std::unexpected<std::error_code> request_body::fail(std::error_code error) noexcept {
    state_ = state::failed;
    error_ = error;
    return failure(error);
}

rouse::poll<result<owned_bytes>> request_body::poll_next(context& cx) {
    try {
        return poll_piece(cx);
    } catch (const std::bad_alloc&) {
        // Bytes may be lost: where the next request begins is not known any more.
        return result<owned_bytes>(fail(std::make_error_code(std::errc::not_enough_memory)));
    }
}

rouse::poll<result<owned_bytes>> request_body::poll_piece(context& cx) {
    while (state_ == state::reading) {
        if (!input_.kept().empty()) {
            auto piece = take_kept();
            if (!piece || !piece->empty()) {
                return piece;
            }
            continue;
        }
        buffer_lease bytes = input_.take_lease();
        if (bytes.empty()) {
            ask();
            auto received = transport_->poll_body_bytes(cx);
            if (received.is_pending()) {
                return pending;
            }
            if (!received.value()) {
                return result<owned_bytes>(fail(received.value().error()));
            }
            bytes = std::move(*received.value());
            if (bytes.empty()) {
                return result<owned_bytes>(fail(errc::closed));
            }
        }
        continue_pending_ = false;  // It sends without being asked.
        auto piece = take_lease(std::move(bytes));
        if (!piece || !piece->empty()) {
            return piece;
        }
    }
    if (state_ == state::failed) {
        return result<owned_bytes>(failure(error_));
    }
    return result<owned_bytes>();
}

std::size_t request_body::take_counted(std::size_t available) noexcept {
    const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(left_, available));
    left_ -= taken;
    if (left_ == 0) {
        state_ = state::complete;
    }
    return taken;
}

result<> request_body::count_decoded(std::size_t bytes) noexcept {
    if (bytes > left_) {
        return fail(errc::limit_exceeded);
    }
    left_ -= bytes;
    return {};
}

result<owned_bytes> request_body::take_kept() {
    continue_pending_ = false;
    if (!chunked_) {
        const std::string_view kept = input_.kept();
        const std::size_t taken = take_counted(kept.size());
        owned_bytes piece = owned_bytes::from_string(std::string(kept.substr(0, taken)));
        input_.consume(taken);
        return piece;
    }
    // The data of all chunks that are there is one piece, as in take_lease.
    std::string data;
    while (state_ == state::reading && !input_.kept().empty()) {
        const chunk_result decoded = decoder_.decode(input_.kept());
        data.append(decoded.data);
        input_.consume(decoded.consumed);
        if (decoded.status == chunk_status::bad) {
            return fail(std::make_error_code(std::errc::protocol_error));
        }
        if (decoded.status == chunk_status::done) {
            state_ = state::complete;
        }
    }
    if (const auto counted = count_decoded(data.size()); !counted) {
        return failure(counted.error());
    }
    return data.empty() ? owned_bytes() : owned_bytes::from_string(std::move(data));
}

result<owned_bytes> request_body::take_lease(buffer_lease bytes) {
    if (!chunked_) {
        const std::size_t taken = take_counted(bytes.size());
        if (taken < bytes.size()) {
            // The next request has begun in the same buffer, which leaves with this piece.
            input_.set_aside(bytes.text().substr(taken));
            bytes.truncate(taken);
        }
        return std::move(bytes).into_bytes();
    }
    // The data of all chunks in the buffer is moved together at its front, so that one piece holds
    // it.
    char* const front = bytes.writable();
    std::size_t decoded_bytes = 0;
    std::string_view rest = bytes.text();
    while (!rest.empty()) {
        const chunk_result decoded = decoder_.decode(rest);
        rest.remove_prefix(decoded.consumed);
        if (!decoded.data.empty()) {  // memmove takes no null pointer, not even for no bytes.
            std::memmove(front + decoded_bytes, decoded.data.data(), decoded.data.size());
            decoded_bytes += decoded.data.size();
        }
        if (decoded.status == chunk_status::bad) {
            return fail(std::make_error_code(std::errc::protocol_error));
        }
        if (decoded.status == chunk_status::done) {
            state_ = state::complete;
            input_.set_aside(rest);
            break;
        }
    }
    if (const auto counted = count_decoded(decoded_bytes); !counted) {
        return failure(counted.error());
    }
    bytes.truncate(decoded_bytes);
    return std::move(bytes).into_bytes();
}

}  // namespace rouse::http
