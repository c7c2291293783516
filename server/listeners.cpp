#include "server/listeners.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "runtime/net/socket_option.hpp"
#include "runtime/net/tcp_listener.hpp"
#include "runtime/net/udp_socket.hpp"

namespace rouse::server {
namespace {

/// One way to open a socket, for each worker again.
struct socket_kind {
    std::string_view setting;
    std::string_view protocol;
    std::string_view transport;
    std::vector<unique_fd> worker_sockets::* place;
};

constexpr socket_kind http_stream{"http.listen", "http", "tcp", &worker_sockets::http};
constexpr socket_kind echo_stream{"echo.listen", "echo", "tcp", &worker_sockets::echo_streams};
constexpr socket_kind echo_datagram{"echo.listen", "echo", "udp", &worker_sockets::echo_datagrams};

// Opens the sockets of all workers and remembers the first failure.
class socket_opener {
   public:
    socket_opener(const loaded_settings& loaded, unsigned workers) : loaded_(loaded) {
        opened_.workers.resize(workers);
    }

    // The address that was bound: `where` with its port, if it had none.
    address open(const socket_kind& kind, const address& where) {
        const bool shared = opened_.workers.size() > 1 && where.family() != AF_UNIX;
        address bound = where;
        // With SO_REUSEPORT a second daemon could bind the same port and take half of the
        // connections. So the port is first bound without it, which fails when anyone has it.
        if (shared && where.port() != 0 && !open_one(kind, where, false)) {
            fail(kind, where);
            return where;
        }
        const std::size_t count = where.family() == AF_UNIX ? 1 : opened_.workers.size();
        for (std::size_t worker = 0; worker < count && !failed(); ++worker) {
            auto made = open_one(kind, bound, shared);
            if (!made) {
                fail(kind, bound);
                return bound;
            }
            bound = socket_address(made.get());
            if (!bound.unix_path().empty()) {
                opened_.paths.add(std::string(bound.unix_path()));
            }
            (opened_.workers[worker].*kind.place).push_back(std::move(made));
        }
        if (!failed()) {
            remember(kind, bound);
        }
        return bound;
    }

    // One descriptor a worker of the same open socket: SO_REUSEPORT cannot be had once it is bound.
    void share(const socket_kind& kind, std::vector<unique_fd> passed) {
        for (unique_fd& each : passed) {
            const address bound = socket_address(each.get());
            for (std::size_t worker = 1; worker < opened_.workers.size() && !failed(); ++worker) {
                unique_fd copy(::fcntl(each.get(), F_DUPFD_CLOEXEC, 0));
                if (!copy) {
                    problem_ =
                        "the passed socket of " + bound.to_string() +
                        " cannot be shared among the workers: " + errno_code(errno).message();
                }
                (opened_.workers[worker].*kind.place).push_back(std::move(copy));
            }
            (opened_.workers.front().*kind.place).push_back(std::move(each));
            remember(kind, bound);
        }
    }

    void mark_passed(bool worker_sockets::* protocol) {
        for (worker_sockets& each : opened_.workers) {
            each.*protocol = true;
        }
    }

    [[nodiscard]] bool failed() const noexcept { return !problem_.empty(); }
    [[nodiscard]] std::expected<opened_sockets, std::string> take() && {
        if (failed()) {
            return std::unexpected(std::move(problem_));
        }
        return std::move(opened_);
    }

   private:
    void remember(const socket_kind& kind, const address& bound) {
        opened_.bound.push_back({.protocol = kind.protocol,
                                 .transport = bound.family() == AF_UNIX ? "unix" : kind.transport,
                                 .where = bound});
    }

    unique_fd open_one(const socket_kind& kind, const address& where, bool shared) {
        const listen_options options{.backlog = static_cast<int>(loaded_.values.server.backlog),
                                     .reuse_port = shared,
                                     .no_delay = true};
        auto made = kind.place == &worker_sockets::echo_datagrams
                        ? open_udp_socket(where, shared)
                        : open_listening_socket(where, options);
        if (!made) {
            error_ = made.error();
            return {};
        }
        return std::move(*made);
    }

    void fail(const socket_kind& kind, const address& where) {
        if (failed()) {
            return;
        }
        problem_ = loaded_.origin_of(kind.setting) + ": " + std::string(kind.setting) + " has " +
                   where.to_string() + " (" + std::string(kind.transport) +
                   "), which cannot be bound: " + error_.message();
        if (error_ == std::errc::address_in_use) {
            problem_ += "; another process listens there";
        } else if (error_ == std::errc::permission_denied) {
            problem_ += "; ports below 1024 need CAP_NET_BIND_SERVICE";
        }
    }

    const loaded_settings& loaded_;
    opened_sockets opened_;
    std::error_code error_;
    std::string problem_;
};

}  // namespace

unowned_paths::~unowned_paths() {
    for (const std::string& path : paths_) {
        (void)::unlink(path.c_str());
    }
}

std::expected<opened_sockets, std::string> open_sockets(const loaded_settings& loaded,
                                                        unsigned workers, passed_sockets passed) {
    socket_opener opener(loaded, workers);
    if (passed.has_http()) {
        opener.mark_passed(&worker_sockets::http_is_passed);
        opener.share(http_stream, std::move(passed.http));
    } else {
        for (const address& where : loaded.values.http.listen) {
            opener.open(http_stream, where);
        }
    }
    if (passed.has_echo()) {
        opener.mark_passed(&worker_sockets::echo_is_passed);
        opener.share(echo_stream, std::move(passed.echo_streams));
        opener.share(echo_datagram, std::move(passed.echo_datagrams));
        return std::move(opener).take();
    }
    for (const address& where : loaded.values.echo.listen) {
        // The same port for both, also when the kernel picks it.
        const address bound = opener.open(echo_stream, where);
        if (where.family() != AF_UNIX && !opener.failed()) {
            opener.open(echo_datagram, bound);
        }
    }
    return std::move(opener).take();
}

}  // namespace rouse::server
