#include "tests/soak/client_connection.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "tests/bench/endpoint.hpp"
#include "tests/soak/content.hpp"
#include "tests/soak/source_address.hpp"

namespace rouse::soak {
namespace {

constexpr std::uint64_t farewell_stream = 0x6c656176;
constexpr std::size_t read_bytes_max = 65'536;

const sockaddr* generic(const sockaddr_in& address) noexcept {
    return reinterpret_cast<const sockaddr*>(&address);
}

unique_fd begin_connecting(const sockaddr_in& target, std::uint32_t number, int& error) {
    unique_fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    const sockaddr_in source = source_of(number);
    if (!socket || ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0 ||
        ::setsockopt(socket.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) != 0 ||
        ::bind(socket.get(), generic(source), sizeof(source)) != 0) {
        bench::fail("a socket for a client", errno);  // No fault of the server's.
    }
    if (::connect(socket.get(), generic(target), sizeof(target)) != 0 && errno != EINPROGRESS) {
        error = errno;
    }
    return socket;
}

farewell draw_farewell(const client_options& options, std::uint32_t number) {
    static constexpr std::array choices{
        farewell::close,        farewell::close,        farewell::close,
        farewell::close,        farewell::half_close,   farewell::half_close,
        farewell::reset,        farewell::reset,        farewell::server_close,
        farewell::server_close, farewell::close_midway, farewell::reset_midway};
    draws from(options.seed ^ farewell_stream, number);
    if (from.one_in(50)) {
        return farewell::silent;
    }
    const farewell chosen = choices[from.below(choices.size())];
    return options.echo && chosen == farewell::server_close ? farewell::half_close : chosen;
}

}  // namespace

client_connection::client_connection(const client_options& options, std::uint32_t number)
    : number_(number),
      farewell_(draw_farewell(options, number)),
      may_close_(options.may_close),
      may_fail_(options.may_fail),
      plan_(options.proxied ? plan_of(options.seed, number) : fault_plan{}),
      limit_(plan_.cut == cut_kind::half_close && plan_.cuts(direction::to_server)
                 ? plan_.cut_offset
                 : no_limit) {
    const conversation_options of{.size = options.size,
                                  .seed = options.seed,
                                  .connection = number,
                                  .asks_for_close = farewell_ == farewell::server_close,
                                  .may_close = may_close_,
                                  .may_fail = may_fail_,
                                  .limit = limit_};
    talk_ = options.echo ? make_echo_conversation(of) : make_http_conversation(of);
    socket_ = begin_connecting(options.target, number, error_);
}

void client_connection::advance(tally& into) {
    bool moved = true;
    while (moved && socket_) {
        moved = send_some();
        moved = receive_some(into) || moved;
        moved = (socket_ && say_farewell(into)) || moved;
    }
}

// True if bytes were sent.
bool client_connection::send_some() {
    bool moved = false;
    while (farewell_ != farewell::silent && error_ == 0) {
        const std::string_view rest = talk_->to_send();
        if (rest.empty()) {
            break;
        }
        const ssize_t count = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (count >= 0) {
            talk_->sent(static_cast<std::size_t>(count));
            moved = true;
        } else if (errno == EAGAIN) {
            break;
        } else if (errno != EINTR) {
            error_ = errno;  // What came before it can still be read.
        }
    }
    if (farewell_ == farewell::half_close && talk_->has_sent_all() && !write_ended_) {
        write_ended_ = true;
        (void)::shutdown(socket_.get(), SHUT_WR);  // A failure shows at the next receive.
    }
    return moved;
}

// True if bytes were received.
bool client_connection::receive_some(tally& into) {
    static std::array<char, read_bytes_max> buffer;
    bool moved = false;
    while (socket_) {
        const ssize_t count = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0 && errno == EAGAIN && error_ == 0) {
            break;
        }
        if (count <= 0) {
            judge_end(count < 0 && error_ == 0 ? errno : error_, into);
            break;
        }
        moved = true;
        judge_bytes({buffer.data(), static_cast<std::size_t>(count)}, into);
    }
    return moved;
}

void client_connection::judge_bytes(std::string_view bytes, tally& into) {
    switch (talk_->received(bytes)) {
        case verdict::right:
            return;
        case verdict::wrong:
            ++into.mismatches;
            fault_ = talk_->fault();
            count_end(into, &tally::spoilt);
            break;
        case verdict::failed:
            ++into.connections_closed;
            count_end(into, &tally::closed);
            break;
    }
    leave(true);
}

// True if the client has left.
bool client_connection::say_farewell(tally& into) {
    const bool midway = farewell_ == farewell::close_midway || farewell_ == farewell::reset_midway;
    if (farewell_ == farewell::silent || (midway && talk_->has_sent_all())) {
        ++into.connections_abandoned;
        count_end(into, &tally::abandoned);
        leave(farewell_ == farewell::reset_midway || number_ % 2 == 0);
        return true;
    }
    if (talk_->is_answered() && !awaits_end()) {
        count_end(into, &tally::lost);
        leave(farewell_ == farewell::reset);
        return true;
    }
    return false;
}

// Whether the server ends the connection, or the proxy has ended one direction of it.
bool client_connection::awaits_end() const noexcept {
    return farewell_ == farewell::half_close || farewell_ == farewell::server_close ||
           !talk_->has_sent_all() || talk_->bytes_sent() > limit_;
}

void client_connection::judge_end(int error, tally& into) {
    refused_ = error == ECONNREFUSED;
    const bool limited = talk_->bytes_sent() >= limit_;
    if (error == 0 && talk_->is_answered() && (limited || awaits_end())) {
        into.connections_cut += limited ? 1 : 0;
        count_end(into, limited ? &tally::cut : &tally::lost);
    } else if (is_cut(error)) {
        ++into.connections_cut;
        count_end(into, &tally::cut);
    } else if ((may_close_ && talk_->is_between_answers()) || (may_fail_ && !refused_)) {
        ++into.connections_closed;
        count_end(into, &tally::closed);
    } else {
        lose(error == 0 ? "the stream ended" : std::generic_category().message(error), into);
        return;
    }
    leave(false);
}

// Whether the plan explains this end, now.
bool client_connection::is_cut(int error) const noexcept {
    const bool to_server = plan_.cut_direction == direction::to_server;
    const std::uint64_t handed_on = to_server ? talk_->bytes_sent() : talk_->bytes_received();
    switch (plan_.cut) {
        case cut_kind::none:
            return false;
        case cut_kind::end:
            return to_server ? handed_on >= plan_.cut_offset : handed_on == plan_.cut_offset;
        case cut_kind::half_close:
            return !to_server && handed_on == plan_.cut_offset;
        case cut_kind::reset:
        case cut_kind::vanish:
            // A reset throws away what was on its way.
            return error != 0 && (!to_server || handed_on >= plan_.cut_offset);
    }
    return false;
}

void client_connection::give_up(tally& into) {
    lose("nothing came any more", into);
}

void client_connection::lose(const std::string& why, tally& into) {
    fault_ = "lost: " + why + " after " + std::to_string(talk_->answers()) + " answers to " +
             std::to_string(talk_->requests()) + " requests, " +
             std::to_string(talk_->bytes_sent()) + " bytes sent and " +
             std::to_string(talk_->bytes_received()) + " received; " + describe(plan_);
    ++into.connections_lost;
    count_end(into, &tally::lost);
    leave(true);
}

void client_connection::count_end(tally& into, std::uint64_t tally::* rest) const {
    ++into.connections;
    into.requests += talk_->requests();
    into.answers += talk_->answers();
    into.*rest += talk_->requests() - talk_->answers();
    into.bytes_sent += talk_->bytes_sent();
    into.bytes_received += talk_->bytes_received();
}

void client_connection::leave(bool by_reset) noexcept {
    if (by_reset) {
        const linger now{.l_onoff = 1, .l_linger = 0};
        (void)::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    }
    socket_.reset();
}

}  // namespace rouse::soak
