#include "runtime/reactor/reactor.hpp"

#include <cassert>
#include <cerrno>
#include <new>
#include <utility>

namespace rouse {
namespace {

// How often an open, stat or read is tried again: after EINTR, and after the EAGAIN of openat2(2)
// when a rename raced with "..". But a lease on a file (fcntl(2), F_SETLEASE) is EAGAIN for as long
// as its holder likes.
constexpr std::uint8_t file_retries_max = 16;

}  // namespace

void descriptor_handle::reset() noexcept {
    if (descriptor_ != nullptr) {
        reactor_->drop_owner(*std::exchange(descriptor_, nullptr));
    }
}

reactor::reactor(reactor_limits limits)
    : limits_(limits),
      signal_(std::make_shared<const wake_signal>()),
      descriptors_(limits.descriptors_max),
      operations_(limits.operations_max),
      one_shots_(limits.operations_max),
      completions_(SIZE_MAX) {}

reactor::~reactor() = default;

result<descriptor_handle> reactor::adopt(unique_fd fd) {
    descriptor* made = descriptors_.make(descriptor{.fd = fd.get(), .owners = 1});
    if (made == nullptr) {
        return failure(errc::limit_exceeded);
    }
    (void)fd.release();
    return descriptor_handle(*this, *made);
}

void reactor::drop_owner(descriptor& file) noexcept {
    if (--file.owners == 0) {
        close(unique_fd(file.fd));
        descriptors_.destroy(file);
    }
}

result<operation*> reactor::make_multishot(operation_kind kind, descriptor& file) {
    assert(is_multishot(kind));
    if (operation_count() == limits_.operations_max) {
        return failure(errc::limit_exceeded);
    }
    operation* made = operations_.make(kind, file);
    ++file.owners;
    return made;
}

result<one_shot_operation*> reactor::make_one_shot(operation_kind kind, descriptor& file) {
    assert(!is_multishot(kind));
    if (operation_count() == limits_.operations_max) {
        return failure(errc::limit_exceeded);
    }
    one_shot_operation* made = one_shots_.make(kind, file);
    ++file.owners;
    return made;
}

void reactor::free(operation& op) noexcept {
    descriptor& file = *op.file;
    if (is_multishot(op.kind)) {
        operations_.destroy(op);
    } else {
        one_shots_.destroy(with_arguments(op));
    }
    drop_owner(file);
}

void reactor::submit(operation& op) noexcept {
    assert(op.state == operation_state::idle);
    op.state = operation_state::waiting;
    op.cancel_requested = false;
    op.cancel_delayed = false;  // It was for the submission before this one.
    op.paused = false;
    waiting_.push_back(op);
}

void reactor::mark_in_flight(operation& op) noexcept {
    op.unlink();
    op.state = operation_state::in_flight;
    in_flight_.push_back(op);
    ++counters_.submissions;
}

void reactor::cancel(operation& op) noexcept {
    switch (op.state) {
        case operation_state::idle:
            break;
        case operation_state::waiting:
        case operation_state::starved:
            complete(op, {.result = -ECANCELED}, true);
            break;
        case operation_state::in_flight:
            op.paused = false;
            if (!std::exchange(op.cancel_requested, true)) {
                request_cancel(op);
            }
            break;
    }
}

void reactor::release(operation& op) noexcept {
    op.waker = local_waker();
    while (completion* stale = op.completions.pop()) {
        discard(*stale, op.kind);
        completions_.destroy(*stale);
    }
    if (op.state == operation_state::in_flight) {
        ++counters_.orphans;
        op.orphaned = true;
        cancel(op);
        return;
    }
    if (op.is_linked()) {
        op.unlink();
    }
    free(op);
}

void reactor::detach(operation& op) noexcept {
    op.waker = local_waker();
    if (op.state == operation_state::idle) {
        if (!op.completions.empty()) {
            release(op);  // It is over already.
            return;
        }
        submit(op);
    }
    op.orphaned = true;
}

std::optional<completion> reactor::take(operation& op, context& cx) noexcept {
    if (!op.completions.empty()) {
        if (!cx.consume_budget()) {
            return std::nullopt;
        }
        completion* oldest = op.completions.pop();
        const completion answer = *oldest;
        completions_.destroy(*oldest);
        --op.queued;
        return answer;
    }
    if (std::exchange(op.lost, false)) {
        return completion{.result = -ENOMEM};
    }
    op.wanted = true;
    store_waker(op.waker, cx);
    if (op.state == operation_state::idle) {
        submit(op);
    }
    return std::nullopt;
}

void reactor::wake(operation& op) noexcept {
    if (std::exchange(op.wanted, false)) {
        ++counters_.wakes;
        op.waker.wake_by_ref();
    }
}

void reactor::complete(operation& op, const completion& answer, bool last) noexcept {
    ++counters_.completions;
    const bool was_paused = op.paused;
    if (last) {
        op.unlink();
        op.state = operation_state::idle;
        op.active = false;
        op.paused = false;
        op.cancel_requested = false;
        if (!is_multishot(op.kind) && !answers_in_arguments(op.kind)) {
            // The kernel is done with the bytes; their owner need not wait for the future to be
            // polled.
            with_arguments(op).arguments = std::monostate();
        }
    }
    if (op.orphaned) {
        discard(answer, op.kind);
        if (last) {
            free(op);
        }
        return;
    }
    if (last && was_paused && answer.result == -ECANCELED) {
        // The pause has taken effect. If everything was taken meanwhile, it is over.
        if (op.wanted) {
            submit(op);
        }
        return;
    }
    try {
        op.completions.push(*completions_.make(answer));
        ++op.queued;
    } catch (const std::bad_alloc&) {
        // Bytes are lost here, so the stream has a hole: its owner is told with the next take.
        ++counters_.out_of_memory;
        discard(answer, op.kind);
        op.lost = true;
    }
    wake(op);
    if (!last) {
        apply_backpressure(op);
    }
}

void reactor::apply_backpressure(operation& op) noexcept {
    const std::uint16_t bound =
        op.kind == operation_kind::accept ? limits_.accept_queue_max : limits_.receive_queue_max;
    if ((op.queued >= bound || op.lost) && !op.cancel_requested) {
        ++counters_.receives_paused;
        restart(op);
    }
}

void reactor::restart(operation& op) noexcept {
    op.paused = true;
    op.cancel_requested = true;
    request_cancel(op);
}

void reactor::complete_send(one_shot_operation& op, std::int32_t sent) noexcept {
    if (sent > 0 && !advance_send(op, static_cast<std::size_t>(sent))) {
        if (!op.cancel_requested) {
            // Cut short, by a signal for example: the kernel gets the rest.
            op.unlink();
            op.state = operation_state::idle;
            submit(op);
            return;
        }
        sent = -ECANCELED;
    }
    complete(op, {.result = sent < 0 ? sent : 0}, true);
}

void reactor::complete_file(one_shot_operation& op, std::int32_t answer) noexcept {
    if (answer == -EINTR || answer == -EAGAIN) {
        if (!op.cancel_requested && !op.orphaned && op.retries < file_retries_max) {
            ++op.retries;
            op.unlink();
            op.state = operation_state::idle;
            submit(op);
            return;
        }
        if (op.cancel_requested) {
            answer = -ECANCELED;
        }
    }
    complete(op, {.result = answer}, true);
}

void reactor::resume_send_file(one_shot_operation& op, std::int32_t answer) noexcept {
    if (answer >= 0 && !op.cancel_requested) {
        op.unlink();
        op.state = operation_state::idle;
        submit(op);
        return;
    }
    complete(op, {.result = answer < 0 ? answer : -ECANCELED}, true);
}

void reactor::starve(operation& op) noexcept {
    ++counters_.completions;
    op.unlink();
    op.active = false;
    op.paused = false;
    op.cancel_requested = false;
    op.state = operation_state::idle;
    if (op.orphaned) {
        free(op);
        return;
    }
    ++counters_.receives_starved;
    // Nobody waits: the next take submits it again.
    if (op.wanted) {
        op.state = operation_state::starved;
        starved_.push_back(op);
    }
}

void reactor::feed_starved(std::size_t buffers) noexcept {
    for (std::size_t i = 0; i < buffers && !starved_.empty(); ++i) {
        operation& op = *starved_.pop_front();
        op.state = operation_state::idle;
        submit(op);
    }
}

void reactor::orphan_all() noexcept {
    // Futures and streams are gone by contract, so whatever is left is orphaned or was detached.
    while (operation* op = starved_.pop_front()) {
        op->state = operation_state::idle;
        free(*op);
    }
    while (operation* op = waiting_.pop_front()) {
        op->state = operation_state::idle;
        free(*op);
    }
    operation_list all;
    all.splice_back(in_flight_);
    while (operation* op = all.pop_front()) {
        in_flight_.push_back(*op);
        op->orphaned = true;
        cancel(*op);
    }
}

void reactor::discard(const completion& answer, operation_kind kind) noexcept {
    if (answer.has_buffer) {
        buffers().recycle(answer.buffer);
    }
    if (brings_descriptor(kind) && answer.result >= 0) {
        close(unique_fd(answer.result));  // What nobody wants any more must not leak.
    }
}

}  // namespace rouse
