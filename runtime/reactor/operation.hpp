#pragma once

#include <linux/openat2.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "runtime/base/intrusive_list.hpp"
#include "runtime/base/owned_bytes.hpp"
#include "runtime/fs/file_block.hpp"
#include "runtime/reactor/completion.hpp"
#include "runtime/reactor/descriptor.hpp"
#include "runtime/task/waker.hpp"

namespace rouse {

/// What the kernel is asked to do.
enum class operation_kind : std::uint8_t {
    accept,   ///< accept4(2), a completion for each connection until it ends: the result is a
              ///< descriptor.
    receive,  ///< recv(2), a completion with a buffer for each piece of bytes until it ends: 0 is
              ///< the peer's close.
    receive_from,  ///< recvmsg(2), a completion with a buffer for each datagram until it ends.
    send,          ///< send(2) of all bytes.
    send_vector,   ///< sendmsg(2) of all bytes of several parts.
    send_to,       ///< sendmsg(2) of one datagram to an address.
    connect,       ///< connect(2).
    shutdown,      ///< shutdown(2).
    open_at,       ///< openat2(2): the result is a descriptor.
    stat,          ///< statx(2) of the descriptor itself.
    read,          ///< pread(2) of one piece into a block: 0 is the end of the file.
    send_file,     ///< sendfile(2) of a part of a file, behind bytes that are given with it: the
                   ///< result is how much of the part is out.
};

/// Where an operation is. Its future is its only owner until it is orphaned, then the reactor is.
enum class operation_state : std::uint8_t {
    idle,     ///< The kernel does not know of it: not submitted yet, or its last completion is in.
    waiting,  ///< In the reactor's queue of what the next turn hands to the kernel.
    in_flight,  ///< The kernel has it; at least one more completion comes.
    starved,    ///< A receive that found no free buffer: submitted again when buffers come back.
};

/// The parts of one vectored send, kept where the kernel can read them.
struct send_parts {
    std::vector<owned_bytes> parts;
    std::vector<iovec> vector;
    msghdr header{};
};

/// One datagram and where it goes.
struct outgoing_datagram {
    owned_bytes bytes;
    sockaddr_storage address{};
    iovec vector{};
    msghdr header{};
};

/// Where a connect goes.
struct connect_target {
    sockaddr_storage address{};
    socklen_t address_bytes = 0;
};

/// What is opened beneath a directory, and how.
struct open_request {
    std::string path;
    open_how how{};
};

/// Where a read begins, and the block behind whose bytes the next ones go.
struct file_read {
    file_block block;
    std::uint64_t offset = 0;
    std::size_t bytes_max = 0;
};

/// A part of a file that goes out behind bytes of its sender's own.
struct file_send {
    owned_bytes head;
    descriptor_handle source;
    std::uint64_t offset = 0;  ///< Of what goes out next.
    std::size_t left = 0;
    std::size_t sent = 0;  ///< Of the file.
};

struct operations_of_reactor;

/// A record of work for the kernel: what is asked, who is woken, and what has come back. It lives
/// in a slab of the reactor and never moves; its address is the user data of the submission.
/// Futures are handles to records. Whatever memory the kernel may touch belongs to the record, so
/// that a future, its task and its connection can be dropped at any time: then the record is
/// orphaned, and the reactor keeps it until the last completion is in.
struct operation : intrusive_link<operations_of_reactor> {
    operation(operation_kind what, descriptor& target) noexcept : kind(what), file(&target) {}

    operation_kind kind;
    operation_state state = operation_state::idle;
    bool orphaned = false;  ///< Nobody owns it any more: free it after the last completion.
    bool cancel_requested =
        false;  ///< The kernel was asked to end it; reset when it is submitted again.
    bool cancel_delayed =
        false;  ///< To be asked for in the next turn: the submission queue was full.
    bool paused =
        false;  ///< Being ended because nobody takes what comes; goes on when somebody does.
    bool active = false;           ///< Has received since the reactor last looked for its end.
    bool wanted = false;           ///< A future waits for a completion.
    bool lost = false;             ///< A completion could not be stored: the next take() is ENOMEM.
    std::uint16_t queued = 0;      ///< Completions in `completions`.
    descriptor* file;              ///< One owner of it.
    local_waker waker;             ///< Of the future that waits.
    completion_queue completions;  ///< Not taken yet.
};

/// An operation with arguments: every kind but the multishot ones, of which each idle connection
/// has one.
struct one_shot_operation : operation {
    using operation::operation;

    std::size_t progress = 0;  ///< Bytes of a send, or of a file's head, that are out.
    std::uint8_t retries = 0;  ///< Of an open, stat or read that was interrupted.
    std::variant<std::monostate, owned_bytes, std::unique_ptr<send_parts>,
                 std::unique_ptr<outgoing_datagram>, std::unique_ptr<connect_target>, int,
                 std::unique_ptr<open_request>, std::unique_ptr<struct statx>, file_read,
                 std::unique_ptr<file_send>>
        arguments;
};

/// The arguments of an operation that is no multishot one.
[[nodiscard]] inline one_shot_operation& with_arguments(operation& op) noexcept {
    return static_cast<one_shot_operation&>(op);
}

/// Counts `sent` more bytes of a send or send_vector as out. True when that was all; otherwise what
/// is left stands ready to be submitted again.
[[nodiscard]] bool advance_send(one_shot_operation& op, std::size_t sent) noexcept;

/// An operation that has many completions for one submission, and that is submitted again as long
/// as someone wants more.
[[nodiscard]] constexpr bool is_multishot(operation_kind kind) noexcept {
    return kind == operation_kind::accept || kind == operation_kind::receive ||
           kind == operation_kind::receive_from;
}

/// An operation whose answer is a descriptor, which is somebody's to close.
[[nodiscard]] constexpr bool brings_descriptor(operation_kind kind) noexcept {
    return kind == operation_kind::accept || kind == operation_kind::open_at;
}

/// An operation whose answer is in its arguments: they are kept until its future takes them.
[[nodiscard]] constexpr bool answers_in_arguments(operation_kind kind) noexcept {
    return kind == operation_kind::stat || kind == operation_kind::read;
}

}  // namespace rouse
