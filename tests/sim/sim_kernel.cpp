// What the simulated kernel does for each kind of operation.
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tests/sim/allocations.hpp"
#include "tests/sim/sim_reactor.hpp"

namespace rouse::sim {
namespace {

// Between two pieces of a send that the kernel takes slowly.
constexpr std::int64_t slow_send_microseconds = 100;

std::string_view text_of(const void* begin, std::size_t bytes) noexcept {
    return {static_cast<const char*>(begin), bytes};
}

// The first bytes of a send that come after `sent`, as far as they lie in one piece.
std::string_view rest_of(const operation& record, std::size_t sent) noexcept {
    const auto& op = static_cast<const one_shot_operation&>(record);
    if (op.kind == operation_kind::send) {
        const auto& bytes = std::get<owned_bytes>(op.arguments);
        return text_of(bytes.data(), bytes.size()).substr(op.progress + sent);
    }
    const msghdr& header = std::get<std::unique_ptr<send_parts>>(op.arguments)->header;
    for (std::size_t i = 0; i < header.msg_iovlen; ++i) {
        const iovec& part = header.msg_iov[i];
        if (sent < part.iov_len) {
            return text_of(part.iov_base, part.iov_len).substr(sent);
        }
        sent -= part.iov_len;
    }
    return {};
}

}  // namespace

bool sim_reactor::can_progress(const kernel_operation& each) {
    const socket_record& file = network_.at(each.fd);
    switch (each.record->kind) {
        case operation_kind::accept:
            return !file.backlog.empty();
        case operation_kind::receive:
            return file.stream->has_input();
        case operation_kind::receive_from:
            return !file.arrived.empty();
        case operation_kind::send:
        case operation_kind::send_vector:
            return file.stream->can_send() || rest_of(*each.record, each.sent).empty();
        case operation_kind::send_file:
            return file.stream->can_send();
        case operation_kind::send_to:
        case operation_kind::connect:
        case operation_kind::shutdown:
        case operation_kind::open_at:
        case operation_kind::stat:
            return true;
        case operation_kind::read:
            return file.node->is != file_node::kind::fifo;  // Nobody writes to it.
    }
    return false;
}

void sim_reactor::deliver(std::size_t index) {
    kernel_operation& each = flight_[index];
    const bool is_due = each.is_ready && each.ready_at <= simulation_.now();
    if (each.cancel_at <= simulation_.now() && (!is_due || draw_.coin())) {
        deliver_cancel(index);
        return;
    }
    switch (each.record->kind) {
        case operation_kind::accept:
            deliver_accept(index);
            break;
        case operation_kind::receive:
            deliver_receive(index);
            break;
        case operation_kind::receive_from:
            deliver_datagram(index);
            break;
        case operation_kind::send:
        case operation_kind::send_vector:
            deliver_send(index);
            break;
        case operation_kind::send_to:
            deliver_send_to(index);
            break;
        case operation_kind::connect:
            give(index, {.result = -ECONNREFUSED}, true);
            break;
        case operation_kind::shutdown:
            deliver_shutdown(index);
            break;
        case operation_kind::open_at:
        case operation_kind::stat:
        case operation_kind::read:
            deliver_file(index);
            break;
        case operation_kind::send_file:
            deliver_send_file(index);
            break;
    }
}

void sim_reactor::deliver_cancel(std::size_t index) {
    if (flight_[index].sent > 0 && flight_[index].record->kind != operation_kind::send_file) {
        finish_send(index, static_cast<std::int32_t>(flight_[index].sent));
        return;
    }
    give(index, {.result = -ECANCELED}, true);
}

void sim_reactor::deliver_accept(std::size_t index) {
    socket_record& listener = network_.at(flight_[index].fd);
    if (simulation_.strike(fault::no_descriptors)) {
        give(index, {.result = -EMFILE}, true);
    } else if (simulation_.strike(fault::no_kernel_memory)) {
        give(index, {.result = -ENOMEM}, true);
    } else if (simulation_.strike(fault::connection_aborted)) {
        listener.backlog.front()->break_path(ECONNRESET, true);
        listener.backlog.pop_front();
        give(index, {.result = -ECONNABORTED}, true);
    } else {
        give(index, {.result = network_.accept(flight_[index].fd)}, false);
    }
}

void sim_reactor::deliver_receive(std::size_t index) {
    connection& from = *network_.at(flight_[index].fd).stream;
    if (from.has_error()) {
        give(index, {.result = from.take_error()}, true);
        return;
    }
    const std::string_view there = from.input();
    if (there.empty()) {
        give(index, {.result = 0}, true);
        return;
    }
    if (buffers_.free() == 0 || simulation_.strike(fault::no_buffers, from.number())) {
        operation& op = *flight_[index].record;
        take_out(index);
        starve(op);
        return;
    }
    std::size_t bytes = std::min(there.size(), buffers_.buffer_bytes());
    if (bytes > 1 && simulation_.strike(fault::short_receive, from.number())) {
        bytes = 1 + simulation_.detail(fault::short_receive, bytes - 1);
    }
    const std::uint16_t buffer = buffers_.take();
    std::memcpy(buffers_.buffer(buffer), there.data(), bytes);
    from.consume(bytes);
    give(index, {.result = static_cast<std::int32_t>(bytes), .buffer = buffer, .has_buffer = true},
         false);
}

void sim_reactor::deliver_datagram(std::size_t index) {
    socket_record& socket = network_.at(flight_[index].fd);
    if (buffers_.free() == 0 || simulation_.strike(fault::no_buffers)) {
        operation& op = *flight_[index].record;
        take_out(index);
        starve(op);
        return;
    }
    const datagram_record arrived = std::move(socket.arrived.front());
    socket.arrived.pop_front();
    sockaddr_in sender{};
    static_assert(sizeof sender == sender_bytes);
    sender.sin_family = AF_INET;
    sender.sin_port = htons(arrived.port);
    sender.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const std::size_t bytes =
        std::min(arrived.bytes.size(), buffers_.buffer_bytes() - sizeof sender);
    const std::uint16_t buffer = buffers_.take();
    std::memcpy(buffers_.buffer(buffer), &sender, sizeof sender);
    std::memcpy(buffers_.buffer(buffer) + sizeof sender, arrived.bytes.data(), bytes);
    give(index,
         {.result = static_cast<std::int32_t>(bytes),
          .buffer = buffer,
          .has_buffer = true,
          .truncated = bytes < arrived.bytes.size(),
          .address_offset = 0,
          .address_bytes = sizeof sender,
          .payload_offset = sizeof sender},
         false);
}

void sim_reactor::deliver_send(std::size_t index) {
    kernel_operation& each = flight_[index];
    connection& to = *network_.at(each.fd).stream;
    std::string_view rest = rest_of(*each.record, each.sent);
    bool slow = false;
    while (!rest.empty() && !slow) {
        std::size_t bytes = rest.size();
        if (!to.is_failing()) {
            bytes = std::min(bytes, to.send_space());
            if (bytes == 0) {
                break;
            }
            if (bytes > 1 && simulation_.strike(fault::slow_send, to.number())) {
                bytes = 1 + simulation_.detail(fault::slow_send, bytes - 1);
                slow = true;
            }
        }
        if (each.sent == 0) {
            to.begin_send();
        }
        const std::int32_t sent = to.accept_output(rest.substr(0, bytes));
        if (sent < 0) {
            // What is out counts first; the next send gets the error.
            finish_send(index, each.sent > 0 ? static_cast<std::int32_t>(each.sent) : sent);
            return;
        }
        each.sent += static_cast<std::size_t>(sent);
        rest = rest_of(*each.record, each.sent);
        if (!rest.empty() && simulation_.strike(fault::short_send, to.number())) {
            finish_send(index, static_cast<std::int32_t>(each.sent));
            return;
        }
    }
    if (rest.empty()) {
        finish_send(index, static_cast<std::int32_t>(each.sent));
        return;
    }
    each.is_ready = slow;  // Otherwise when there is room again.
    each.ready_at =
        simulation_.now() + std::chrono::microseconds(slow ? slow_send_microseconds : 0);
}

void sim_reactor::finish_send(std::size_t index, std::int32_t sent) {
    operation& op = *flight_[index].record;
    const int fd = flight_[index].fd;
    if (sent < 0) {
        network_.at(fd).stream->tell_failure();
    }
    simulation_.log(event::complete, static_cast<std::uint64_t>(op.kind),
                    static_cast<std::uint64_t>(fd - descriptor_base),
                    static_cast<std::uint64_t>(std::int64_t{sent}), 0);
    keep_waker(op);
    take_out(index);
    const tested_part inside;
    complete_send(with_arguments(op), sent);
}

void sim_reactor::deliver_send_to(std::size_t index) {
    const auto& op = with_arguments(*flight_[index].record);
    const auto& leaving = *std::get<std::unique_ptr<outgoing_datagram>>(op.arguments);
    sockaddr_in receiver{};
    std::memcpy(&receiver, &leaving.address, sizeof receiver);
    network_.at(flight_[index].fd)
        .sent.push_back({std::string(text_of(leaving.bytes.data(), leaving.bytes.size())),
                         ntohs(receiver.sin_port)});
    give(index, {.result = static_cast<std::int32_t>(leaving.bytes.size())}, true);
}

void sim_reactor::deliver_shutdown(std::size_t index) {
    connection& of = *network_.at(flight_[index].fd).stream;
    const int how = std::get<int>(with_arguments(*flight_[index].record).arguments);
    if (how == SHUT_RD) {
        of.end_input();
        give(index, {.result = 0}, true);
        return;
    }
    give(index, {.result = of.end_server_side()}, true);
}

}  // namespace rouse::sim
