#include "runtime/reactor/uring/uring_reactor.hpp"

#include <netinet/in.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <utility>

#include "runtime/reactor/file_call.hpp"
#include "runtime/reactor/send_file.hpp"
#include "runtime/reactor/uring/datagram.hpp"

namespace rouse {
namespace {

// User data that is no operation: records are aligned, so small numbers are free.
constexpr std::uint64_t ignored_data = 0;  // A close or a cancel: nobody waits for its answer.
constexpr std::uint64_t signal_data = 1;

// How long after its bytes a stream is asked for an end that the kernel may have kept back, and how
// many streams are asked with one system call, once a turn.
constexpr milliseconds look_interval{250};
constexpr std::size_t looks_at_once = 256;

// Room for the sender of a datagram: the largest address that a UDP socket has.
constexpr socklen_t datagram_address_bytes = sizeof(sockaddr_in6);

}  // namespace

std::expected<std::unique_ptr<uring_reactor>, setup_failure> uring_reactor::make(
    const reactor_options& options) {
    auto made_ring = uring::ring::make(options.entries, options.completion_entries);
    if (!made_ring) {
        return std::unexpected(std::move(made_ring.error()));
    }
    std::unique_ptr<uring_reactor> made(new uring_reactor(std::move(*made_ring), options.limits));
    auto made_buffers =
        uring::buffer_ring::make(made->ring_, {.buffers = options.buffers,
                                               .buffers_max = options.buffers_max,
                                               .buffer_bytes = options.buffer_bytes});
    if (!made_buffers) {
        return std::unexpected(std::move(made_buffers.error()));
    }
    made->buffers_ = std::move(*made_buffers);
    made->ring_.bound_file_workers();
    return made;
}

uring_reactor::uring_reactor(uring::ring made, reactor_limits limits)
    : reactor(limits), ring_(std::move(made)) {
    datagram_header_.msg_namelen = datagram_address_bytes;
}

uring_reactor::~uring_reactor() {
    in_flight_.splice_back(active_);
    orphan_all();
    // The ring must outlive every completion: records and buffers belong to the kernel until then.
    while (!in_flight_.empty() || ring_.unsubmitted() > 0) {
        if (!turn(in_flight_.empty() ? std::optional(duration::zero()) : std::nullopt)) {
            break;  // The ring is broken; closing it ends what is left.
        }
    }
}

reactor_description uring_reactor::describe() const {
    return {.backend = "io_uring", .features = ring_.features(), .missing = ring_.missing()};
}

io_uring_sqe* uring_reactor::next_entry() noexcept {
    io_uring_sqe* entry = ring_.next_entry();
    if (entry == nullptr) {
        (void)ring_.submit();  // A broken ring is reported by the turn's own call.
        entry = ring_.next_entry();
    }
    return entry;
}

result<> uring_reactor::turn(std::optional<duration> wait) {
    ++counters_.turns;
    if (!signal_watched_) {
        watch_signal();
    }
    if (cancels_delayed_ > 0) {
        retry_cancels();
    }
    feed();  // Before the sleep: leases that came back since the last turn end no operation that
             // would wake it.
    const std::uint64_t wakes = counters_.wakes;
    prepare_waiting();
    if (counters_.wakes != wakes) {
        wait = duration::zero();  // Who has its answer already is not kept waiting.
    }
    if (!active_.empty()) {
        const time_point now = clock::now();
        if (now >= next_look_) {
            look_for_ends(now);
        }
        const duration until_look = std::max(next_look_ - now, duration::zero());
        if (!active_.empty()) {
            wait = wait ? std::min(*wait, until_look) : until_look;
        }
    }
    if (!waiting_.empty() || cancels_delayed_ > 0) {
        wait = duration::zero();  // The kernel takes the rest when it has handed over what is
                                  // complete.
    }
    if (auto entered = ring_.enter(wait); !entered) {
        return entered;
    }
    if (ring_.has_overflowed()) {
        ++counters_.queue_overflows;
    }
    ring_.reap([this](const io_uring_cqe& cqe) { handle(cqe); });
    return {};
}

void uring_reactor::watch_signal() noexcept {
    if (io_uring_sqe* entry = next_entry()) {
        io_uring_prep_poll_multishot(entry, signal()->fd(), POLLIN);
        io_uring_sqe_set_data64(entry, signal_data);
        signal_watched_ = true;
    }
}

void uring_reactor::prepare_waiting() noexcept {
    while (!waiting_.empty()) {
        operation& op = waiting_.front();
        if (op.kind == operation_kind::stat) {
            // Not through the ring: Linux would hand it to a thread, for ten times the time.
            mark_in_flight(op);
            complete_file(with_arguments(op), call_stat(with_arguments(op)));
            continue;
        }
        if (op.kind == operation_kind::send_file) {
            if (const auto answer = step_send_file(op.file->fd, with_arguments(op))) {
                mark_in_flight(op);
                complete(op, {.result = *answer}, true);
                continue;
            }
        }
        io_uring_sqe* entry = next_entry();
        if (entry == nullptr) {
            return;
        }
        prepare(op, *entry);
        io_uring_sqe_set_data64(entry, reinterpret_cast<std::uint64_t>(&op));
        mark_in_flight(op);
    }
}

void uring_reactor::prepare(operation& op, io_uring_sqe& entry) noexcept {
    const int fd = op.file->fd;
    switch (op.kind) {
        case operation_kind::accept:
            io_uring_prep_multishot_accept(&entry, fd, nullptr, nullptr, SOCK_CLOEXEC);
            break;
        case operation_kind::receive:
            io_uring_prep_recv_multishot(&entry, fd, nullptr, 0, 0);
            entry.flags |= IOSQE_BUFFER_SELECT;
            entry.buf_group = uring::buffer_group;
            break;
        case operation_kind::receive_from:
            io_uring_prep_recvmsg_multishot(&entry, fd, &datagram_header_, MSG_TRUNC);
            entry.flags |= IOSQE_BUFFER_SELECT;
            entry.buf_group = uring::buffer_group;
            break;
        case operation_kind::send: {
            const auto& bytes = std::get<owned_bytes>(with_arguments(op).arguments);
            const std::size_t sent = with_arguments(op).progress;
            io_uring_prep_send(&entry, fd, bytes.data() + sent, bytes.size() - sent,
                               MSG_NOSIGNAL | MSG_WAITALL);
            break;
        }
        case operation_kind::send_vector:
            io_uring_prep_sendmsg(
                &entry, fd,
                &std::get<std::unique_ptr<send_parts>>(with_arguments(op).arguments)->header,
                MSG_NOSIGNAL | MSG_WAITALL);
            break;
        case operation_kind::send_to:
            io_uring_prep_sendmsg(
                &entry, fd,
                &std::get<std::unique_ptr<outgoing_datagram>>(with_arguments(op).arguments)->header,
                MSG_NOSIGNAL);
            break;
        case operation_kind::connect: {
            auto& target = *std::get<std::unique_ptr<connect_target>>(with_arguments(op).arguments);
            io_uring_prep_connect(&entry, fd, reinterpret_cast<sockaddr*>(&target.address),
                                  target.address_bytes);
            break;
        }
        case operation_kind::shutdown:
            io_uring_prep_shutdown(&entry, fd, std::get<int>(with_arguments(op).arguments));
            break;
        case operation_kind::send_file:
            io_uring_prep_poll_add(&entry, fd, POLLOUT);
            break;
        case operation_kind::open_at:
        case operation_kind::stat:
        case operation_kind::read:
            prepare_file(with_arguments(op), entry);
            break;
    }
}

void uring_reactor::prepare_file(one_shot_operation& op, io_uring_sqe& entry) noexcept {
    const int fd = op.file->fd;
    if (op.kind == operation_kind::open_at) {
        auto& request = *std::get<std::unique_ptr<open_request>>(op.arguments);
        io_uring_prep_openat2(&entry, fd, request.path.c_str(), &request.how);
    } else {
        auto& wanted = std::get<file_read>(op.arguments);
        io_uring_prep_read(&entry, fd, wanted.block.room().data(),
                           static_cast<unsigned>(wanted.bytes_max), wanted.offset);
    }
}

void uring_reactor::request_cancel(operation& op) noexcept {
    io_uring_sqe* entry = next_entry();
    if (entry == nullptr) {
        op.cancel_requested = false;
        op.cancel_delayed = true;
        ++cancels_delayed_;
        return;
    }
    op.cancel_delayed = false;
    // -ENOENT and -EALREADY are normal: the last completion is on its way. See
    // io_uring_cancelation(7).
    io_uring_prep_cancel(entry, &op, 0);
    io_uring_sqe_set_data64(entry, ignored_data);
    entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
}

void uring_reactor::retry_cancels() noexcept {
    cancels_delayed_ = 0;
    const auto retry = [this](operation& op) {
        if (std::exchange(op.cancel_delayed, false)) {
            op.cancel_requested = true;
            request_cancel(op);
        }
    };
    in_flight_.for_each(retry);
    active_.for_each(retry);
}

// Linux (seen on 6.18; liburing issue 1549) can lose the end of a stream that comes on the heels of
// bytes: the multishot receive takes the bytes, is told that nothing more is there, and goes back
// to wait for an event that has passed. A reset is lost so about once in 5,000 times, the end of a
// unix stream more often. So streams that had bytes are asked, once each and later, whether they
// have ended, and if so the receive is begun anew, which tells.
void uring_reactor::look_for_ends(time_point now) noexcept {
    std::array<pollfd, looks_at_once> asked;
    std::array<operation*, looks_at_once> receives{};
    std::size_t count = 0;
    while (count < asked.size() && !active_.empty()) {
        operation& op = *active_.pop_front();
        in_flight_.push_back(op);
        op.active = false;
        if (!op.orphaned && !op.cancel_requested) {
            asked[count] = {.fd = op.file->fd, .events = POLLRDHUP, .revents = 0};
            receives[count++] = &op;
        }
    }
    if (::poll(asked.data(), count, 0) > 0) {
        for (std::size_t i = 0; i < count; ++i) {
            if ((asked[i].revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) {
                ++counters_.receives_restarted;
                restart(*receives[i]);
            }
        }
    }
    if (active_.empty()) {
        next_look_ = now + look_interval;
    }
}

void uring_reactor::close(unique_fd fd) noexcept {
    io_uring_sqe* entry = next_entry();
    if (entry == nullptr) {
        return;  // unique_fd closes it here and now.
    }
    io_uring_prep_close(entry, fd.release());
    io_uring_sqe_set_data64(entry, ignored_data);
    entry->flags |= IOSQE_CQE_SKIP_SUCCESS;
}

void uring_reactor::handle(const io_uring_cqe& cqe) noexcept {
    if (cqe.user_data == ignored_data) {
        return;
    }
    if (cqe.user_data == signal_data) {
        signal()->clear();
        signal_watched_ = (cqe.flags & IORING_CQE_F_MORE) != 0;
        return;
    }
    handle_operation(*reinterpret_cast<operation*>(cqe.user_data), cqe);
}

void uring_reactor::handle_operation(operation& op, const io_uring_cqe& cqe) noexcept {
    const bool last = (cqe.flags & IORING_CQE_F_MORE) == 0;
    completion answer{.result = cqe.res};
    if ((cqe.flags & IORING_CQE_F_BUFFER) != 0) {
        answer.has_buffer = true;
        answer.buffer = static_cast<std::uint16_t>(cqe.flags >> IORING_CQE_BUFFER_SHIFT);
        buffers_->taken();
    }
    switch (op.kind) {
        case operation_kind::send:
        case operation_kind::send_vector:
            complete_send(with_arguments(op), cqe.res);
            return;
        case operation_kind::open_at:
            if (cqe.res >= 0) {
                clear_open_flags(cqe.res);
            }
            complete_file(with_arguments(op), cqe.res);
            return;
        case operation_kind::stat:
        case operation_kind::read:
            complete_file(with_arguments(op), cqe.res);
            return;
        case operation_kind::send_file:
            resume_send_file(with_arguments(op), cqe.res);
            return;
        case operation_kind::receive:
        case operation_kind::receive_from:
            if (cqe.res == -ENOBUFS && !answer.has_buffer) {
                starve(op);
                return;
            }
            break;
        case operation_kind::accept:
        case operation_kind::send_to:
        case operation_kind::connect:
        case operation_kind::shutdown:
            break;
    }
    if (op.kind == operation_kind::receive_from && answer.has_buffer) {
        uring::read_datagram_header(buffers_->buffer(answer.buffer), datagram_header_, answer);
    }
    if (op.kind == operation_kind::receive && !last && !op.active && !op.orphaned) {
        if (active_.empty()) {
            next_look_ = std::max(next_look_, clock::now() + look_interval);
        }
        op.unlink();
        active_.push_back(op);
        op.active = true;
    }
    complete(op, answer, last);
}

void uring_reactor::feed() noexcept {
    if (!has_starved()) {
        return;
    }
    if (buffers_->free() == 0) {
        (void)buffers_->grow();  // At its largest: go on when leases return.
    }
    feed_starved(buffers_->free());
}

}  // namespace rouse
