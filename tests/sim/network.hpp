#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/simulation.hpp"

namespace rouse::sim {

/// Descriptors of the simulated kernel begin here: no real one is that large.
inline constexpr int descriptor_base = 1'000'000'000;

/// A TCP connection: the client's end, and what the server's kernel holds for the server's end.
class connection {
   public:
    connection(simulation& owner, unsigned number, std::size_t send_buffer_bytes) noexcept
        : simulation_(owner),
          number_(number),
          place_(number),
          send_buffer_bytes_(send_buffer_bytes) {}
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    [[nodiscard]] unsigned number() const noexcept { return number_; }

    /// Connections of one place come from one address: they are one client's, as far as a server
    /// can tell. Each has a place of its own, unless somebody says so.
    [[nodiscard]] unsigned place() const noexcept { return place_; }
    void set_place(unsigned place) noexcept { place_ = place; }

    // The client's end.
    /// The bytes arrive at once; they are lost when nobody can read them any more.
    void send(std::string_view bytes);
    /// What can be read.
    [[nodiscard]] std::string_view readable() const noexcept {
        return std::string_view(to_client_).substr(read_by_client_);
    }
    void take(std::size_t bytes);
    /// Bytes that were taken so far: what its kernel has acknowledged.
    [[nodiscard]] std::uint64_t bytes_taken() const noexcept { return bytes_taken_; }
    /// Everything is read, and the server has ended its side.
    [[nodiscard]] bool at_end() const noexcept { return server_ended_ && readable().empty(); }
    /// The server's kernel, or a fault, has reset the connection.
    [[nodiscard]] bool is_reset() const noexcept { return client_sees_reset_; }
    void end_client_side();
    /// As close(2): by reset when something was not read.
    void close_client(bool by_reset);

    /// Why the server may close before it has answered everything; true is for ever.
    void excuse() noexcept { excused_ = true; }
    [[nodiscard]] bool is_excused() const noexcept { return excused_; }
    /// Something happened that the client can see.
    [[nodiscard]] bool has_news() const noexcept { return news_; }
    [[nodiscard]] bool take_news() noexcept;

    // The server's end.
    [[nodiscard]] bool has_input() const noexcept {
        return !to_server_.empty() || client_ended_ || error_ != 0;
    }
    [[nodiscard]] std::string_view input() const noexcept {
        return std::string_view(to_server_).substr(read_by_server_);
    }
    void consume(std::size_t bytes);
    [[nodiscard]] std::size_t send_space() const noexcept;
    /// The server reads from it: it has let the client in.
    void let_in() noexcept { let_in_ = true; }
    /// The server has closed it at once, without a look at what comes.
    [[nodiscard]] bool is_turned_away() const noexcept { return server_closed_ && !let_in_; }
    /// A send of the server's begins to leave.
    void begin_send() noexcept { ++sends_begun_; }
    [[nodiscard]] std::uint64_t sends_begun() const noexcept { return sends_begun_; }
    /// A send answers with an error, or its bytes get lost.
    [[nodiscard]] bool is_failing() const noexcept {
        return error_ != 0 || broken_ || output_ended_ || output_broken_ || client_closed_;
    }
    [[nodiscard]] bool can_send() const noexcept { return is_failing() || send_space() > 0; }
    /// Bytes of a send on their way: -errno, or how many the kernel took.
    [[nodiscard]] std::int32_t accept_output(std::string_view bytes);
    /// The pending error, once, as -errno; then 0.
    [[nodiscard]] std::int32_t take_error() noexcept;
    [[nodiscard]] bool has_error() const noexcept { return error_ != 0; }
    [[nodiscard]] bool is_broken() const noexcept { return broken_; }
    [[nodiscard]] std::int32_t end_server_side();
    void end_input() noexcept;
    void close_server();

    /// A fault of the path: `error` at the server's end; a reset at the client's, or nothing.
    void break_path(std::int32_t error, bool client_sees);
    /// A send has told the server that it failed: an error ends its connection.
    void tell_failure() noexcept {
        failure_told_at_ = std::min(failure_told_at_, simulation_.lived());
    }
    [[nodiscard]] time_point failure_told_at() const noexcept { return failure_told_at_; }
    /// Sends fail from now on.
    void break_output() noexcept { output_broken_ = true; }
    [[nodiscard]] bool is_closed_by_server() const noexcept { return server_closed_; }

   private:
    void reset_client();

    simulation& simulation_;
    unsigned number_;
    unsigned place_;
    std::size_t send_buffer_bytes_;
    std::string to_server_;
    std::string to_client_;
    std::size_t read_by_server_ = 0;
    std::size_t read_by_client_ = 0;
    std::uint64_t bytes_taken_ = 0;
    std::uint64_t sends_begun_ = 0;
    std::int32_t error_ = 0;
    time_point failure_told_at_ = time_point::max();  ///< In lived time.
    bool broken_ = false;                             ///< No byte passes any more, either way.
    bool client_ended_ = false;                       ///< The server's input has an end.
    bool client_closed_ = false;                      ///< Nobody reads what the server sends.
    bool client_sees_reset_ = false;
    bool server_ended_ = false;
    bool server_closed_ = false;
    bool output_ended_ = false;
    bool output_broken_ = false;
    bool let_in_ = false;
    bool excused_ = false;
    bool news_ = false;
};

/// Of the address that a datagram brings into its buffer.
inline constexpr std::size_t sender_bytes = 16;

/// One datagram.
struct datagram_record {
    std::string bytes;
    std::uint16_t port;  ///< Of the client: it is 127.0.0.1.
};

struct file_node;  // Of sim_files.hpp.

/// What a descriptor stands for.
struct socket_record {
    enum class kind : std::uint8_t { free, listener, stream, datagrams, file };

    kind is = kind::free;
    connection* stream = nullptr;
    std::deque<connection*> backlog;      ///< Of a listener.
    std::deque<datagram_record> arrived;  ///< Of a datagram socket.
    std::vector<datagram_record> sent;    ///< By it, to be read by the clients.
    std::shared_ptr<file_node> node;      ///< Of a file or a directory.
    unsigned in_flight = 0;               ///< Operations that the kernel works on.
};

/// The simulated kernel's sockets. Descriptors are reused at once, lowest first, as in a real one.
class network {
   public:
    explicit network(simulation& owner);
    ~network();
    network(const network&) = delete;
    network& operator=(const network&) = delete;

    /// The one of the present run.
    [[nodiscard]] static network& current() noexcept { return *active; }
    [[nodiscard]] static bool is_ours(int fd) noexcept { return fd >= descriptor_base; }

    /// A socket that listens; or one for datagrams; or a file, whose node is set by who opens it.
    [[nodiscard]] int open(socket_record::kind kind);
    [[nodiscard]] socket_record& at(int fd);
    [[nodiscard]] bool is_open(int fd) const noexcept;
    /// The same, and it is no file or connection that has got the number meanwhile.
    [[nodiscard]] bool is_listening(int fd) const noexcept;
    /// close(2) by the server.
    void close(int fd);
    [[nodiscard]] std::size_t open_descriptors() const noexcept { return open_; }

    /// Whom a send has told of a failure so long ago, in lived time, has closed.
    void require_failed_closed(duration within) const;

    /// A client connects to the listener; null: refused, since it is closed.
    [[nodiscard]] connection* connect(int listener, unsigned client);
    /// The oldest connection of the backlog gets a descriptor.
    [[nodiscard]] int accept(int listener);

    /// The server lets no more than so many connections of a place in: then it may turn one away,
    /// and otherwise none. 0: any number.
    void bound_places(unsigned connections_max) noexcept {
        place_connections_max_ = connections_max;
    }
    [[nodiscard]] unsigned place_connections_max() const noexcept { return place_connections_max_; }

    /// Now and then breaks a connection, as the faults want it.
    void strike_paths();
    /// The server may close any connection that there is now, for a reason of its own.
    void excuse_all() noexcept;
    /// The same for those that come.
    void excuse_newcomers() noexcept { newcomers_excused_ = true; }

    [[nodiscard]] std::size_t connection_count() const noexcept { return connections_.size(); }
    [[nodiscard]] connection& connection_at(std::size_t index) noexcept {
        return *connections_[index];
    }

   private:
    [[nodiscard]] int allocate(socket_record::kind kind);
    void check_turned_away(const connection& closed) const;

    static network* active;

    simulation& simulation_;
    std::size_t send_buffer_bytes_;
    unsigned place_connections_max_ = 0;
    bool newcomers_excused_ = false;
    std::deque<socket_record> sockets_;
    std::vector<std::unique_ptr<connection>> connections_;
    std::size_t open_ = 0;
};

}  // namespace rouse::sim
