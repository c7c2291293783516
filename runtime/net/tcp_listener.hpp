#pragma once

#include <string>
#include <utility>

#include "runtime/net/address.hpp"
#include "runtime/net/tcp_stream.hpp"

namespace rouse {

struct listen_options {
    int backlog =
        1024;  ///< Connections that wait for accept; the kernel's bound is net.core.somaxconn.
    bool reuse_port =
        false;             ///< Several listeners on one port share its connections (SO_REUSEPORT).
    bool no_delay = true;  ///< TCP_NODELAY, which accepted connections inherit.
};

/// Waits for the next connection. Dropping it loses none.
class [[nodiscard]] accept_future {
   public:
    accept_future(reactor& io, operation& accepting) noexcept
        : reactor_(io), operation_(accepting) {}
    [[nodiscard]] rouse::poll<result<tcp_stream>> poll(context& cx);

   private:
    reactor& reactor_;
    operation& operation_;
};
static_assert(future<accept_future>);

/// A listening socket: IPv4, IPv6, or a unix path. Accepting goes on by itself after the first
/// accept(), up to reactor_limits::accept_queue_max connections ahead. Destroying it closes those
/// that nobody took.
class tcp_listener {
   public:
    /// Binds and listens. Errors: of socket(2), bind(2), listen(2): EADDRINUSE, EACCES... A unix
    /// path that a dead process left is taken over; one that a live process listens on is
    /// EADDRINUSE.
    [[nodiscard]] static result<tcp_listener> bind(reactor& io, const address& where,
                                                   listen_options options = {});

    /// Takes over a descriptor that listens already.
    [[nodiscard]] static result<tcp_listener> adopt(reactor& io, unique_fd listening);

    tcp_listener(tcp_listener&& other) noexcept
        : file_(std::move(other.file_)),
          accepting_(std::exchange(other.accepting_, nullptr)),
          unix_path_(std::exchange(other.unix_path_, {})) {}
    tcp_listener& operator=(tcp_listener&& other) noexcept;
    ~tcp_listener() { close(); }

    /// Errors: errno of accept4(2). EMFILE, ENFILE, ENOBUFS, ENOMEM and ECONNABORTED pass: wait and
    /// call again.
    [[nodiscard]] accept_future accept() noexcept { return {file_.io(), *accepting_}; }

    /// With the port that the kernel picked, if port 0 was asked for.
    [[nodiscard]] address local_address() const noexcept;

    /// Leaves the file of a unix path where it is at the end: for a socket that somebody else made
    /// and goes on with.
    void keep_path() noexcept { unix_path_.clear(); }

    /// Stops listening: who has not been accepted is refused.
    void close() noexcept;

   private:
    tcp_listener(descriptor_handle file, operation& accepting) noexcept
        : file_(std::move(file)), accepting_(&accepting) {}

    descriptor_handle file_;
    operation* accepting_;
    std::string unix_path_;  // Removed at the end.
};

/// Creates, binds and starts to listen; what tcp_listener::bind does before it has a reactor. With
/// it a daemon holds all its ports before it starts anything.
[[nodiscard]] result<unique_fd> open_listening_socket(const address& where, listen_options options);

}  // namespace rouse
