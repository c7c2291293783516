// How asio_reactor goes on with an operation whose descriptor may be ready.

#include <cstddef>
#include <optional>
#include <span>

#include "runtime/reactor/asio/asio_reactor.hpp"
#include "runtime/reactor/asio/attempt.hpp"

namespace rouse {

bool asio_reactor::step_read(watch& waiting, operation& op) noexcept {
    return op.kind == operation_kind::accept ? step_accept(op) : step_receive(waiting, op);
}

bool asio_reactor::step_accept(operation& op) noexcept {
    while (!op.cancel_requested) {
        const auto answer = epoll::attempt_accept(op.file->fd);
        if (!answer) {
            return false;
        }
        complete(op, {.result = *answer}, *answer < 0);
        if (*answer < 0) {
            break;
        }
    }
    return true;
}

bool asio_reactor::step_receive(watch& waiting, operation& op) noexcept {
    while (!op.cancel_requested) {
        const auto buffer = buffers_->take();
        if (!buffer) {
            starve(op);
            break;
        }
        const std::span<std::byte> into(buffers_->buffer(*buffer), buffers_->buffer_bytes());
        std::optional<completion> answer;
        if (op.kind == operation_kind::receive_from) {
            answer = epoll::attempt_receive_from(op.file->fd, into);
        } else if (const auto bytes = epoll::attempt_receive(op.file->fd, into)) {
            answer = completion{.result = *bytes, .has_buffer = *bytes > 0};
        }
        if (!answer || !answer->has_buffer) {
            buffers_->recycle(*buffer);
        }
        if (!answer) {
            return false;
        }
        answer->buffer = *buffer;
        if (!answer->has_buffer) {
            complete(op, *answer, true);
            break;
        }
        // Less than there was room for is all there is, unless the end is behind it: the call that
        // would say so is saved.
        const bool was_all = op.kind == operation_kind::receive && !waiting.has_ended &&
                             static_cast<std::size_t>(answer->result) < into.size();
        complete(op, *answer, false);
        if (was_all && !op.cancel_requested) {
            return false;
        }
    }
    return true;
}

bool asio_reactor::step_write(one_shot_operation& op) noexcept {
    const bool counts = op.kind == operation_kind::send || op.kind == operation_kind::send_vector;
    for (;;) {
        const auto answer = epoll::attempt(op);
        if (!answer) {
            return false;
        }
        if (!counts || *answer < 0) {
            complete(op, {.result = *answer}, true);
            return true;
        }
        if (advance_send(op, static_cast<std::size_t>(*answer))) {
            complete(op, {}, true);
            return true;
        }
    }
}

}  // namespace rouse
