#pragma once

#include <utility>

#include "runtime/net/address.hpp"
#include "runtime/net/one_shot.hpp"
#include "runtime/reactor/buffer_lease.hpp"
#include "runtime/reactor/reactor.hpp"

namespace rouse {

/// One datagram that arrived.
struct datagram {
    buffer_lease payload;  ///< May be empty: so can a datagram be.
    address sender;
    bool truncated = false;  ///< It was longer than a buffer; the rest is lost.
};

/// Waits for the next datagram. Dropping it loses none.
class [[nodiscard]] receive_from_future {
   public:
    receive_from_future(reactor& io, operation& receiving) noexcept
        : reactor_(io), operation_(receiving) {}
    [[nodiscard]] rouse::poll<result<datagram>> poll(context& cx) noexcept;

   private:
    reactor& reactor_;
    operation& operation_;
};
static_assert(future<receive_from_future>);

/// A bound UDP socket. What arrives while nobody takes it stays in the kernel beyond
/// reactor_limits::receive_queue_max datagrams, and beyond SO_RCVBUF is lost, as UDP does.
class udp_socket {
   public:
    /// Errors: of socket(2) and bind(2). Unix addresses are EAFNOSUPPORT.
    [[nodiscard]] static result<udp_socket> bind(reactor& io, const address& where,
                                                 bool reuse_port = false);
    /// Takes over a bound descriptor.
    [[nodiscard]] static result<udp_socket> adopt(reactor& io, unique_fd bound);

    udp_socket(udp_socket&& other) noexcept
        : file_(std::move(other.file_)), receiving_(std::exchange(other.receiving_, nullptr)) {}
    udp_socket& operator=(udp_socket&&) = delete;
    ~udp_socket() { close(); }

    [[nodiscard]] receive_from_future recv_from() noexcept { return {file_.io(), *receiving_}; }

    /// Sends one datagram: result<>, or errno of sendmsg(2), such as EMSGSIZE.
    [[nodiscard]] one_shot_future send_to(owned_bytes payload, const address& receiver);

    [[nodiscard]] address local_address() const noexcept;

    void close() noexcept;

   private:
    udp_socket(descriptor_handle file, operation& receiving) noexcept
        : file_(std::move(file)), receiving_(&receiving) {}

    descriptor_handle file_;
    operation* receiving_;
};

/// Creates and binds; what udp_socket::bind does before it has a reactor.
[[nodiscard]] result<unique_fd> open_udp_socket(const address& where, bool reuse_port);

}  // namespace rouse
