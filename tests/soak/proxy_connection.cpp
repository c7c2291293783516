#include "tests/soak/proxy_connection.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "tests/bench/endpoint.hpp"
#include "tests/soak/source_address.hpp"

namespace rouse::soak {
namespace {

constexpr std::uint64_t to_server_stream = 0x7570;
constexpr std::uint64_t to_client_stream = 0x646f776e;
constexpr std::uint64_t spoiled_one_in = 4;
constexpr std::chrono::milliseconds ending_time{5'000};
constexpr std::chrono::milliseconds vanished_time{250};

unique_fd connect_from(const sockaddr_in& client, const sockaddr_in& target) {
    unique_fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    sockaddr_in source = client;
    source.sin_port = 0;
    const auto generic = [](const sockaddr_in& address) {
        return reinterpret_cast<const sockaddr*>(&address);
    };
    if (!socket || ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        ::setsockopt(socket.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) != 0 ||
        ::bind(socket.get(), generic(source), sizeof(source)) != 0) {
        bench::fail("a socket to the server", errno);
    }
    // What goes wrong here shows at the first receive, and the client is told.
    (void)::connect(socket.get(), generic(target), sizeof(target));
    return socket;
}

void close_with_reset(unique_fd& socket) noexcept {
    const linger now{.l_onoff = 1, .l_linger = 0};
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    socket.reset();
}

}  // namespace

proxy_connection::proxy_connection(const proxy_options& options, unique_fd client,
                                   const sockaddr_in& source)
    : plan_(plan_of(options.seed, connection_of(source))),
      to_server_(plan_, direction::to_server,
                 draws(options.seed ^ to_server_stream, connection_of(source))),
      to_client_(plan_, direction::to_client,
                 draws(options.seed ^ to_client_stream, connection_of(source))),
      client_(std::move(client)),
      server_(connect_from(source, options.target)) {
    if (options.spoils != spoiling::none && connection_of(source) % spoiled_one_in == 0) {
        to_client_.spoil(options.spoils);
    }
}

proxy_clock::time_point proxy_connection::due() const noexcept {
    return phase_ == phase::carrying ? std::min(to_server_.due(), to_client_.due()) : until_;
}

void proxy_connection::advance(proxy_clock::time_point now, proxy_counters& count) {
    switch (phase_) {
        case phase::carrying:
            carry(now, count);
            break;
        case phase::ending:
            if (now >= until_) {
                close_both();
            } else {
                carry(now, count);
            }
            break;
        case phase::vanished:
            if (now >= until_) {
                reset_both();
            }
            break;
        case phase::hung:
            break;
    }
}

void proxy_connection::carry(proxy_clock::time_point now, proxy_counters& count) {
    using outcome = proxy_flow::outcome;
    bool ended = true;
    for (const direction which : {direction::to_server, direction::to_client}) {
        const bool up = which == direction::to_server;
        const auto moved = up ? to_server_.move(client_.get(), server_.get(), now, count)
                              : to_client_.move(server_.get(), client_.get(), now, count);
        switch (moved) {
            case outcome::waiting:
                ended = false;
                break;
            case outcome::ended:
                break;
            case outcome::reset:
                return reset_both();
            case outcome::cut:
                return cut(which, now, count);
            case outcome::close:
                return end_both(now);
            case outcome::hang:
                phase_ = phase::hung;
                return;
        }
    }
    if (ended) {
        close_both();
    }
}

void proxy_connection::cut(direction which, proxy_clock::time_point now, proxy_counters& count) {
    switch (plan_.cut) {
        case cut_kind::none:
            break;
        case cut_kind::end:
            ++count.ends;
            end_both(now);
            break;
        case cut_kind::reset:
            ++count.resets;
            reset_both();
            break;
        case cut_kind::vanish:
            ++count.vanished;
            phase_ = phase::vanished;
            until_ = now + vanished_time;
            break;
        case cut_kind::half_close: {
            ++count.half_closes;
            const bool up = which == direction::to_server;
            (void)::shutdown(up ? server_.get() : client_.get(), SHUT_WR);
            (up ? to_server_ : to_client_).discard();
            carry(now, count);
            break;
        }
    }
}

void proxy_connection::end_both(proxy_clock::time_point now) {
    (void)::shutdown(server_.get(), SHUT_WR);
    (void)::shutdown(client_.get(), SHUT_WR);
    to_server_.discard();
    to_client_.discard();
    phase_ = phase::ending;
    until_ = now + ending_time;
}

void proxy_connection::reset_both() noexcept {
    close_with_reset(client_);
    close_with_reset(server_);
}

void proxy_connection::close_both() noexcept {
    client_.reset();
    server_.reset();
}

}  // namespace rouse::soak
