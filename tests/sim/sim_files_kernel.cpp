// What the simulated kernel does for each operation on a file.
#include <linux/openat2.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "tests/sim/allocations.hpp"
#include "tests/sim/sim_reactor.hpp"

namespace rouse::sim {
namespace {

// The worst that a disk may do.
constexpr std::uint64_t slow_file_milliseconds_max = 5'000;
// Between two looks at what a fault does to the file.
constexpr std::size_t sent_of_file_at_once_max = 4'096;

}  // namespace

bool sim_reactor::is_on_file(const operation& op) noexcept {
    return op.kind == operation_kind::open_at || op.kind == operation_kind::stat ||
           op.kind == operation_kind::read;
}

// As long as a disk takes.
duration sim_reactor::file_delay(const kernel_operation& each) noexcept {
    if (!is_on_file(*each.record) ||
        !simulation_.strike(fault::slow_file,
                            static_cast<std::uint64_t>(each.fd - descriptor_base))) {
        return duration::zero();
    }
    return milliseconds(1 + simulation_.detail(fault::slow_file, slow_file_milliseconds_max));
}

// A thread of the kernel's that waits for a disk may or may not hear of a cancel before it is done.
bool sim_reactor::waits_for_disk(const kernel_operation& each) noexcept {
    return is_on_file(*each.record) && each.is_ready && each.ready_at > simulation_.now() &&
           simulation_.detail(fault::slow_file, 2) == 0;
}

// The error that a fault wants, as -errno; 0 for none.
std::int32_t sim_reactor::strike_file(const operation& op) {
    const auto& struck = *network_.at(op.file->fd).node;
    if (simulation_.strike(fault::file_interrupted, struck.inode)) {
        return -EINTR;
    }
    if (simulation_.strike(fault::no_kernel_memory, struck.inode)) {
        return -ENOMEM;
    }
    if (op.kind != operation_kind::open_at) {
        return simulation_.strike(fault::file_error, struck.inode) ? -EIO : 0;
    }
    if (simulation_.strike(fault::no_descriptors, struck.inode)) {
        return -EMFILE;
    }
    if (simulation_.strike(fault::file_missing, struck.inode)) {
        return -ENOENT;
    }
    return simulation_.strike(fault::file_denied, struck.inode) ? -EACCES : 0;
}

void sim_reactor::deliver_file(std::size_t index) {
    operation& op = *flight_[index].record;
    std::int32_t answer = strike_file(op);
    if (answer == 0) {
        switch (op.kind) {
            case operation_kind::open_at:
                answer = open_file(op);
                break;
            case operation_kind::stat:
                answer = stat_file(op);
                break;
            default:
                answer = read_file(op);
                break;
        }
    }
    finish_file(index, answer);
}

void sim_reactor::finish_file(std::size_t index, std::int32_t answer) {
    operation& op = *flight_[index].record;
    simulation_.log(event::complete, static_cast<std::uint64_t>(op.kind),
                    static_cast<std::uint64_t>(flight_[index].fd - descriptor_base),
                    static_cast<std::uint64_t>(std::int64_t{answer}), 0);
    keep_waker(op);
    take_out(index);
    const tested_part inside;
    complete_file(with_arguments(op), answer);
}

std::int32_t sim_reactor::open_file(operation& op) {
    const auto& request = *std::get<std::unique_ptr<open_request>>(with_arguments(op).arguments);
    if (request.path == sim_files::root_path) {  // By its own path, which nobody has asked for.
        return files_.look_up_root(network_);
    }
    simulation_.require((request.how.resolve & RESOLVE_BENEATH) != 0,
                        "a file is opened that may lie anywhere");
    const bool follows_links = (request.how.resolve & RESOLVE_NO_SYMLINKS) == 0;
    const std::shared_ptr<file_node> from = network_.at(op.file->fd).node;
    simulation_.require(request.path.find('\0') == std::string::npos,
                        "a path has a NUL, where the kernel would end it");
    sim_files::resolved found = files_.resolve(*from, request.path, follows_links);
    if (found.node != nullptr) {
        files_.strike(found.node);
        found = files_.resolve(*from, request.path, follows_links);
    }
    if (found.node == nullptr) {
        return -found.error;
    }
    const int fd = network_.open(socket_record::kind::file);
    network_.at(fd).node = std::move(found.node);
    return fd;
}

std::int32_t sim_reactor::stat_file(operation& op) {
    const std::shared_ptr<file_node> file = network_.at(op.file->fd).node;
    files_.strike(file);
    sim_files::fill_status(*file,
                           *std::get<std::unique_ptr<struct statx>>(with_arguments(op).arguments));
    return 0;
}

std::int32_t sim_reactor::read_file(operation& op) {
    const std::shared_ptr<file_node> file = network_.at(op.file->fd).node;
    if (file->is == file_node::kind::directory) {
        return -EISDIR;
    }
    files_.strike(file);
    const auto& wanted = std::get<file_read>(with_arguments(op).arguments);
    simulation_.require(wanted.bytes_max <= wanted.block.room().size(),
                        "a read is longer than the room for it");
    std::string bytes = file->bytes(wanted.offset, wanted.bytes_max);
    if (bytes.size() > 1 && simulation_.strike(fault::short_read, file->inode)) {
        bytes.resize(1 + simulation_.detail(fault::short_read, bytes.size() - 1));
    }
    std::memcpy(wanted.block.room().data(), bytes.data(), bytes.size());
    return static_cast<std::int32_t>(bytes.size());
}

void sim_reactor::deliver_send_file(std::size_t index) {
    kernel_operation& each = flight_[index];
    if (const auto answer = send_rest(each)) {
        give(index, {.result = *answer}, true);
        return;
    }
    each.is_ready = false;  // Until there is room again.
}

// As step_send_file(): what the socket takes at once. The operation's result, or none.
std::optional<std::int32_t> sim_reactor::send_rest(kernel_operation& each) {
    one_shot_operation& op = with_arguments(*each.record);
    file_send& sending = *std::get<std::unique_ptr<file_send>>(op.arguments);
    connection& to = *network_.at(each.fd).stream;
    while (sending.left > 0) {
        const bool is_head = op.progress < sending.head.size();
        std::int32_t error = 0;
        const std::string next =
            is_head ? std::string(reinterpret_cast<const char*>(sending.head.data()) + op.progress,
                                  sending.head.size() - op.progress)
                    : next_of_file(sending, error);
        if (error != 0) {
            return error;
        }
        if (next.empty()) {
            return static_cast<std::int32_t>(sending.sent);
        }
        const std::size_t bytes =
            to.is_failing() ? next.size() : std::min(next.size(), to.send_space());
        if (bytes == 0) {
            return std::nullopt;
        }
        if (each.sent == 0) {
            to.begin_send();
        }
        const std::int32_t sent = to.accept_output(std::string_view(next).substr(0, bytes));
        if (sent < 0) {
            to.tell_failure();
            return sent;
        }
        const auto count = static_cast<std::size_t>(sent);
        each.sent += count;
        if (is_head) {
            op.progress += count;
        } else {
            sending.offset += count;
            sending.left -= count;
            sending.sent += count;
        }
    }
    return static_cast<std::int32_t>(sending.sent);
}

// A piece of it; empty when a disk would have to be waited for.
std::string sim_reactor::next_of_file(const file_send& sending, std::int32_t& error) {
    const std::shared_ptr<file_node> from = network_.at(sending.source.fd()).node;
    if (simulation_.strike(fault::cold_file, from->inode)) {
        return {};
    }
    if (simulation_.strike(fault::file_error, from->inode)) {
        error = -EIO;
        return {};
    }
    files_.strike(from);
    std::string piece =
        from->bytes(sending.offset, std::min(sending.left, sent_of_file_at_once_max));
    error = piece.empty() ? -ENODATA : 0;
    return piece;
}

}  // namespace rouse::sim
