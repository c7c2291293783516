#include "runtime/reactor/asio/asio_reactor.hpp"

#include <sys/epoll.h>

#include <cassert>
#include <cerrno>
#include <exception>
#include <string>
#include <utility>

#include <asio/version.hpp>

#include "runtime/reactor/asio/attempt.hpp"
#include "runtime/reactor/file_call.hpp"

namespace rouse {
namespace {

// A busy reactor asks Asio, which then has but the signal, in every so many turns.
constexpr std::uint64_t busy_turns_max = 8;

constexpr auto wait_read = asio::posix::descriptor_base::wait_read;
constexpr auto wait_write = asio::posix::descriptor_base::wait_write;

}  // namespace

asio_reactor::asio_reactor(std::unique_ptr<epoll::buffer_pool> buffers, reactor_limits limits)
    : reactor(limits),
      buffers_(std::move(buffers)),
      context_(ASIO_CONCURRENCY_HINT_UNSAFE),  // One thread uses it: it needs no locks.
      working_(context_.get_executor()),
      reads_watch_(context_.get_executor()),
      signal_watch_(context_.get_executor()),
      watches_(limits.descriptors_max * 2),  // Closed ones may wait for Asio beside as many open.
      files_(signal()) {
    reads_watch_.assign(read_set_.fd());
    signal_watch_.assign(signal()->fd());
}

asio_reactor::~asio_reactor() {
    for (watch* each : watch_by_fd_) {
        if (each != nullptr) {
            in_flight_.splice_back(each->reads);
            in_flight_.splice_back(each->writes);
        }
    }
    orphan_all();
    while (!in_flight_.empty() || !cancelled_.empty()) {
        (void)turn(std::nullopt);
    }
    // They are closed by their owners.
    (void)reads_watch_.release();
    (void)signal_watch_.release();
    context_.poll();  // Asio gives back the waits for what is closed.
    bury_closed();
}

reactor_description asio_reactor::describe() const {
    return {.backend = "epoll",
            .features = {"asio-" + std::to_string(ASIO_VERSION / 100'000) + "." +
                             std::to_string(ASIO_VERSION / 100 % 1'000) + "." +
                             std::to_string(ASIO_VERSION % 100),
                         "file_threads"},
            .missing = {}};
}

result<> asio_reactor::turn(std::optional<duration> wait) {
    ++counters_.turns;
    const std::uint64_t completions = counters_.completions;
    finish_cancelled();
    take_file_answers();
    if (has_starved()) {
        if (buffers_->free() == 0) {
            (void)buffers_->grow();  // At its largest: go on when leases return.
        }
        feed_starved(buffers_->free());
    }
    start_waiting();
    arm_writes();
    const auto is_busy = [&] {
        return counters_.completions != completions || !waiting_.empty() || !cancelled_.empty();
    };
    // Most of a busy turn's peers have answered by the next: to look costs less than to sleep.
    if (reads_last_ > 1 || is_busy() || wait == duration::zero()) {
        look_at_reads();
    }
    if (!is_busy()) {
        sleep(wait);
    } else if (writes_armed_ > 0 || counters_.turns % busy_turns_max == 0) {
        sleep(duration::zero());  // Who has an answer already is not kept waiting.
    }
    take_file_answers();
    bury_closed();
    return {};
}

void asio_reactor::sleep(std::optional<duration> wait) {
    if (!is_signal_watched_) {
        watch_signal();
    }
    if (!are_reads_watched_ && wait != duration::zero()) {
        watch_reads();
    }
    if (!wait) {
        context_.run_one();
    } else if (*wait > duration::zero() && context_.run_one_for(*wait) == 0) {
        return;
    }
    context_.poll();
}

void asio_reactor::watch_signal() {
    is_signal_watched_ = true;
    signal_watch_.async_wait(wait_read, [this](const std::error_code& ended) {
        is_signal_watched_ = false;
        if (!ended) {
            signal()->clear();
        }
    });
}

void asio_reactor::watch_reads() {
    are_reads_watched_ = true;
    reads_watch_.async_wait(wait_read, [this](const std::error_code& ended) {
        are_reads_watched_ = false;
        if (!ended) {
            look_at_reads();
        }
    });
}

void asio_reactor::look_at_reads() noexcept {
    reads_last_ = read_set_.look(
        [this](watch& waiting, std::uint32_t events) { read_ready(waiting, events); });
}

void asio_reactor::read_ready(watch& waiting, std::uint32_t events) noexcept {
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        waiting.has_ended = true;
    }
    while (!waiting.reads.empty() && step_read(waiting, waiting.reads.front())) {
    }
}

void asio_reactor::write_ready(watch& waiting) noexcept {
    waiting.is_write_armed = false;
    --writes_armed_;
    while (!waiting.writes.empty() && step_write(with_arguments(waiting.writes.front()))) {
    }
    if (!waiting.writes.empty() && !waiting.is_linked()) {
        to_arm_.push_back(waiting);
    }
}

void asio_reactor::arm_writes() noexcept {
    while (watch* waiting = to_arm_.pop_front()) {
        arm_write(*waiting);
    }
}

void asio_reactor::arm_write(watch& waiting) noexcept {
    if (waiting.writes.empty()) {
        return;  // Cancelled since.
    }
    std::error_code refused;
    try {
        if (!waiting.to_write.is_open()) {
            waiting.to_write.assign(waiting.writes.front().file->fd, refused);
        }
        if (!refused) {
            // Why it is called does not matter: the operations ask the socket itself.
            waiting.to_write.async_wait(
                wait_write, [this, &waiting](const std::error_code&) { write_ready(waiting); });
            waiting.is_write_armed = true;
            ++writes_armed_;
            return;
        }
    } catch (const std::exception&) {
        refused = errno_code(ENOMEM);
    }
    while (!waiting.writes.empty()) {
        complete(waiting.writes.front(), {.result = -refused.value()}, true);
    }
}

void asio_reactor::request_cancel(operation& op) noexcept {
    if (op.kind == operation_kind::open_at || op.kind == operation_kind::read) {
        return;  // On its thread.
    }
    op.unlink();
    cancelled_.push_back(op);
}

void asio_reactor::finish_cancelled() noexcept {
    // Those that are there now: a pause that is over is submitted again, and may be paused anew.
    operation_list ending;
    ending.splice_back(cancelled_);
    while (!ending.empty()) {
        complete(ending.front(), {.result = -ECANCELED}, true);
    }
}

void asio_reactor::take_file_answers() noexcept {
    while (const auto answered = files_.take()) {
        complete_file(*answered->op, answered->result);
    }
}

void asio_reactor::start_waiting() noexcept {
    while (!waiting_.empty()) {
        operation& op = waiting_.front();
        mark_in_flight(op);
        start(op);
    }
}

void asio_reactor::start(operation& op) noexcept {
    switch (op.kind) {
        case operation_kind::accept:
        case operation_kind::receive:
        case operation_kind::receive_from:
            start_read(op);
            return;
        case operation_kind::stat:
            complete_file(with_arguments(op), call_stat(with_arguments(op)));
            return;
        case operation_kind::open_at:
        case operation_kind::read:
            start_file(with_arguments(op));
            return;
        case operation_kind::send:
        case operation_kind::send_vector:
        case operation_kind::send_to:
        case operation_kind::connect:
        case operation_kind::shutdown:
        case operation_kind::send_file:
            start_write(with_arguments(op));
            return;
    }
}

void asio_reactor::start_file(one_shot_operation& op) noexcept {
    if (const auto answer = call_file_in_memory(op)) {
        complete_file(op, *answer);
    } else if (!files_.start(op)) {
        complete_file(op, -ENOMEM);
    }
}

void asio_reactor::start_read(operation& op) noexcept {
    watch* const waiting = watch_of(op.file->fd);
    std::error_code refused = waiting == nullptr ? errno_code(ENOMEM) : std::error_code();
    if (!refused && !waiting->is_in_read_set) {
        if (op.kind == operation_kind::accept && !epoll::set_nonblocking(op.file->fd)) {
            refused = errno_code(errno);
        } else {
            refused = read_set_.add(op.file->fd, *waiting);
            waiting->is_in_read_set = !refused;
        }
    }
    if (refused) {
        complete(op, {.result = -refused.value()}, true);
        return;
    }
    op.unlink();
    waiting->reads.push_back(op);
    // What came while nobody read told of itself then.
    if (&waiting->reads.front() == &op) {
        (void)step_read(*waiting, op);
    }
}

void asio_reactor::start_write(one_shot_operation& op) noexcept {
    const watch* const before = find_watch(op.file->fd);
    const bool is_first = before == nullptr || before->writes.empty();
    if ((is_first || op.kind == operation_kind::shutdown) && step_write(op)) {
        return;
    }
    watch* const waiting = watch_of(op.file->fd);
    if (waiting == nullptr) {
        complete(op, {.result = -ENOMEM}, true);
        return;
    }
    op.unlink();
    waiting->writes.push_back(op);
    if (!waiting->is_write_armed && !waiting->is_linked()) {
        to_arm_.push_back(*waiting);
    }
}

asio_reactor::watch* asio_reactor::find_watch(int fd) const noexcept {
    const auto index = static_cast<std::size_t>(fd);
    return index < watch_by_fd_.size() ? watch_by_fd_[index] : nullptr;
}

asio_reactor::watch* asio_reactor::watch_of(int fd) noexcept {
    if (watch* const found = find_watch(fd)) {
        return found;
    }
    try {
        const auto index = static_cast<std::size_t>(fd);
        if (index >= watch_by_fd_.size()) {
            watch_by_fd_.resize(index + 1);
        }
        watch_by_fd_[index] = watches_.make(context_);
        return watch_by_fd_[index];
    } catch (const std::exception&) {
        return nullptr;
    }
}

void asio_reactor::close(unique_fd fd) noexcept {
    watch* const closing = find_watch(fd.get());
    if (closing == nullptr) {
        return;  // Never waited for; unique_fd closes it.
    }
    watch_by_fd_[static_cast<std::size_t>(fd.get())] = nullptr;
    assert(closing->reads.empty() && closing->writes.empty());
    if (closing->is_in_read_set) {
        read_set_.remove(fd.get());
    }
    (void)closing->to_write.release();
    if (closing->is_linked()) {
        closing->unlink();
    }
    closing->is_closed = true;
    closed_.push_back(*closing);
}

void asio_reactor::bury_closed() noexcept {
    closed_.for_each([this](watch& closed) {
        if (!closed.is_write_armed) {
            closed.unlink();
            watches_.destroy(closed);
        }
    });
}

}  // namespace rouse
