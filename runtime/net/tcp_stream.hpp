#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

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

static_assert(byte_stream<tcp_stream>);

}  // namespace rouse
