#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/unique_fd.hpp"
#include "runtime/net/address.hpp"

namespace rouse::test {

/// One end of a stream connection. Its calls wait for the other end, and fail the test when that
/// takes too long.
class client {
   public:
    /// Connects.
    explicit client(const address& server);
    /// The same with a receive buffer of about so many bytes, and no more.
    client(const address& server, int receive_buffer_bytes);

    [[nodiscard]] int fd() const noexcept { return socket_.get(); }
    [[nodiscard]] address local_address() const noexcept;

    /// Sends all of it.
    void send(std::string_view bytes);
    /// Sends until the socket takes no more at this moment, or the other end is gone; returns how
    /// much that was.
    std::size_t send_what_fits(std::string_view bytes);
    /// Ends this side; receiving goes on.
    void shutdown_write();
    /// Closes with a reset.
    void reset();
    void close() noexcept { socket_.reset(); }

    /// What one recv(2) gives, beside what was left over; empty when the other end has closed.
    [[nodiscard]] std::string receive();
    /// So many bytes.
    [[nodiscard]] std::string receive_exactly(std::size_t bytes);
    /// Up to and with the mark.
    [[nodiscard]] std::string receive_until(std::string_view mark);
    /// Everything until the other end closes, be it with a reset.
    [[nodiscard]] std::string receive_to_end();

    /// What is received and not taken; for those who parse it.
    std::string& pending() noexcept { return pending_; }
    /// Appends to what is pending; false when the other end has closed.
    [[nodiscard]] bool receive_more();
    [[nodiscard]] bool was_reset() const noexcept { return was_reset_; }
    /// True when bytes, or the end, can be received at this moment.
    [[nodiscard]] bool has_more() const;

   private:
    unique_fd socket_;
    std::string pending_;
    bool was_reset_ = false;
};

/// Bytes through a connection in both directions at the same time: sends `bytes` in pieces of these
/// sizes, over and over, then ends the side, and fails the test unless the very same bytes come
/// back, and then the end.
void echo_through(client& through, std::string_view bytes,
                  const std::vector<std::size_t>& piece_sizes);

/// A connected datagram socket.
class datagram_client {
   public:
    explicit datagram_client(const address& server);

    void send(std::string_view bytes);
    /// One datagram.
    [[nodiscard]] std::string receive();

   private:
    unique_fd socket_;
};

/// Raises the soft limit of descriptors of this process; fails the test when the hard one is lower.
void need_descriptors(std::size_t count);

}  // namespace rouse::test
