#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/fs/file.hpp"
#include "runtime/net/address.hpp"
#include "runtime/net/byte_stream.hpp"
#include "runtime/net/one_shot.hpp"
#include "runtime/net/receive.hpp"
#include "runtime/reactor/descriptor.hpp"
#include "runtime/reactor/reactor.hpp"
#include "runtime/task/task.hpp"

namespace rouse {

/// Parts of one vectored send at most. See IOV_MAX in sysconf(3).
inline constexpr std::size_t send_parts_max = 1024;

/// Bytes of a file in one send at most.
inline constexpr std::size_t send_file_bytes_max = 1U << 30U;

/// A send of a part of a file: how many bytes of it are out. Lazy; dropping it in flight leaves the
/// stream fit only for closing. Errors: ENODATA, the file ends before the part does; those of
/// sendfile(2) and send(2); errc::cancelled, errc::limit_exceeded.
class [[nodiscard]] send_file_future {
   public:
    explicit send_file_future(operation_handle asked) noexcept : operation_(std::move(asked)) {}
    /// Hands the operation over now; nobody is woken until it is polled.
    void start() noexcept { operation_.start(); }
    [[nodiscard]] rouse::poll<result<std::size_t>> poll(context& cx) noexcept;

   private:
    operation_handle operation_;
};

/// A connected stream socket: TCP, or a unix stream. An idle one holds a receive operation that
/// waits in the kernel, and no buffer. Destroying it at any time cancels what is in flight and
/// closes the descriptor when the kernel is done with it. It must not outlive its reactor.
class tcp_stream {
   public:
    /// Takes over a connected descriptor. errc::limit_exceeded; throws bad_alloc.
    [[nodiscard]] static result<tcp_stream> adopt(reactor& io, unique_fd connected);

    /// Connects a new socket to `peer`. Errors: of socket(2) and connect(2).
    [[nodiscard]] static task<result<tcp_stream>> connect(reactor& io, address peer);

    tcp_stream(tcp_stream&& other) noexcept
        : file_(std::move(other.file_)), receiving_(std::exchange(other.receiving_, nullptr)) {}
    tcp_stream& operator=(tcp_stream&& other) noexcept {
        if (this != &other) {
            close();
            file_ = std::move(other.file_);
            receiving_ = std::exchange(other.receiving_, nullptr);
        }
        return *this;
    }
    ~tcp_stream() { close(); }

    /// Receives up to one buffer of bytes; an empty lease means that the peer closed its side. See
    /// recv(2). Errors: errc::cancelled, ENOMEM when bytes had to be dropped, or errno of recv. The
    /// first call starts a receive that then goes on by itself, up to
    /// reactor_limits::receive_queue_max buffers ahead of who takes them.
    [[nodiscard]] receive_future recv() noexcept { return {file_.io(), *receiving_}; }

    /// Sends all of `bytes`, and gives them back when the kernel has them. See send(2).
    [[nodiscard]] one_shot_future send(owned_bytes bytes);
    /// The same for several parts in one system call; at most send_parts_max.
    [[nodiscard]] one_shot_future send(std::vector<owned_bytes> parts);

    /// Sends all of `head`, and then of `from`, a regular file, up to `bytes` from `offset` on,
    /// which nobody reads: the kernel sends them from its own memory. See sendfile(2). It ends
    /// early, maybe with nothing of the file, where a disk would have to be waited for: who reads
    /// the next bytes lets others go on meanwhile. `bytes` is more than none and at most
    /// send_file_bytes_max. What is out may change with the file until the peer has it. Throws
    /// bad_alloc.
    [[nodiscard]] send_file_future send_file(owned_bytes head, const file& from,
                                             std::uint64_t offset, std::size_t bytes);

    /// The peer sees the end of what was sent; receiving goes on. See shutdown(2).
    [[nodiscard]] one_shot_future shutdown_write();
    /// Receiving ends: recv() answers what is there, then an empty lease. Sending goes on.
    [[nodiscard]] one_shot_future shutdown_read();

    /// Whether small sends go out at once (TCP_NODELAY). Unix sockets have no such option:
    /// EOPNOTSUPP.
    [[nodiscard]] result<> set_no_delay(bool on) noexcept;

    /// No address when the kernel does not know (any more).
    [[nodiscard]] address peer_address() const noexcept;

    /// Bytes that the peer has acknowledged since the connection was made; none for what is not
    /// TCP. A system call: tcp(7), TCP_INFO.
    [[nodiscard]] std::optional<std::uint64_t> delivered() const noexcept;
    [[nodiscard]] address local_address() const noexcept;

    [[nodiscard]] reactor& io() const noexcept { return file_.io(); }

   private:
    tcp_stream(descriptor_handle file, operation& receiving) noexcept
        : file_(std::move(file)), receiving_(&receiving) {}
    void close() noexcept;
    [[nodiscard]] one_shot_future shutdown(int how);

    descriptor_handle file_;
    operation* receiving_;
};

static_assert(byte_stream<tcp_stream> && future<send_file_future>);

}  // namespace rouse
