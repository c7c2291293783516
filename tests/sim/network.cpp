#include "tests/sim/network.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace rouse::sim {

void connection::send(std::string_view bytes) {
    simulation_.log(event::peer_send, number_, bytes.size());
    simulation_.log_bytes(bytes);
    if (server_closed_ || broken_) {
        reset_client();  // Nobody is there: the answer to a segment is a reset.
        return;
    }
    to_server_.append(bytes);
}

void connection::take(std::size_t bytes) {
    simulation_.log(event::peer_read, number_, bytes);
    simulation_.log_bytes(readable().substr(0, bytes));
    read_by_client_ += bytes;
    bytes_taken_ += bytes;
    if (read_by_client_ == to_client_.size()) {
        to_client_.clear();
        read_by_client_ = 0;
    }
}

void connection::end_client_side() {
    simulation_.log(event::peer_end, number_);
    client_ended_ = true;
}

void connection::close_client(bool by_reset) {
    simulation_.log(event::peer_close, number_, by_reset ? 1 : 0);
    excuse();
    client_closed_ = true;
    client_ended_ = true;
    if (by_reset || !readable().empty()) {
        to_server_.clear();
        read_by_server_ = 0;
        break_path(ECONNRESET, false);
    }
    to_client_.clear();
    read_by_client_ = 0;
}

bool connection::take_news() noexcept {
    return std::exchange(news_, false);
}

void connection::consume(std::size_t bytes) {
    read_by_server_ += bytes;
    if (read_by_server_ == to_server_.size()) {
        to_server_.clear();
        read_by_server_ = 0;
    }
}

std::size_t connection::send_space() const noexcept {
    const std::size_t used = to_client_.size() - read_by_client_;
    return used >= send_buffer_bytes_ ? 0 : send_buffer_bytes_ - used;
}

std::int32_t connection::accept_output(std::string_view bytes) {
    simulation_.require(!server_closed_, "bytes are sent through a descriptor that is closed");
    if (error_ != 0) {
        return take_error();
    }
    if (output_ended_ || output_broken_ || broken_) {
        return -EPIPE;
    }
    if (client_closed_) {
        // They leave, and what comes back is a reset.
        break_path(ECONNRESET, false);
        return static_cast<std::int32_t>(bytes.size());
    }
    if (read_by_client_ > 0) {
        to_client_.erase(0, std::exchange(read_by_client_, 0));
    }
    to_client_.append(bytes);
    news_ = true;
    return static_cast<std::int32_t>(bytes.size());
}

std::int32_t connection::take_error() noexcept {
    return -std::exchange(error_, 0);
}

std::int32_t connection::end_server_side() {
    if (broken_) {
        return -ENOTCONN;
    }
    output_ended_ = true;
    server_ended_ = true;
    news_ = true;
    return 0;
}

void connection::end_input() noexcept {
    client_ended_ = true;
}

void connection::close_server() {
    server_closed_ = true;
    news_ = true;
    if (broken_) {
        return;
    }
    if (!input().empty()) {
        reset_client();  // What was not read is lost, and so is the connection: RFC 1122, 4.2.2.13.
    } else {
        server_ended_ = true;
    }
}

void connection::break_path(std::int32_t error, bool client_sees) {
    excuse();
    broken_ = true;
    client_ended_ = true;
    error_ = error;
    if (client_sees) {
        reset_client();
    }
}

void connection::reset_client() {
    news_ = true;
    client_sees_reset_ = true;
    // A client need not get what came before the reset.
    to_client_.clear();
    read_by_client_ = 0;
}

network* network::active = nullptr;

network::network(simulation& owner) : simulation_(owner) {
    constexpr std::size_t sizes[] = {64, 700, 4'096, 65'536, 1'048'576};
    random_source draw = owner.source(part::network);
    send_buffer_bytes_ = draw.pick(sizes);
    active = this;
}

network::~network() {
    active = nullptr;
}

int network::allocate(socket_record::kind kind) {
    std::size_t index = 0;
    while (index < sockets_.size() && sockets_[index].is != socket_record::kind::free) {
        ++index;
    }
    if (index == sockets_.size()) {
        sockets_.emplace_back();
    }
    sockets_[index].is = kind;
    ++open_;
    return descriptor_base + static_cast<int>(index);
}

int network::open(socket_record::kind kind) {
    return allocate(kind);
}

bool network::is_open(int fd) const noexcept {
    const auto index = static_cast<std::size_t>(fd - descriptor_base);
    return is_ours(fd) && index < sockets_.size() &&
           sockets_[index].is != socket_record::kind::free;
}

bool network::is_listening(int fd) const noexcept {
    if (!is_open(fd)) {
        return false;
    }
    const socket_record::kind is = sockets_[static_cast<std::size_t>(fd - descriptor_base)].is;
    return is == socket_record::kind::listener || is == socket_record::kind::datagrams;
}

socket_record& network::at(int fd) {
    simulation_.require(is_open(fd), "a descriptor is used that is not open");
    return sockets_[static_cast<std::size_t>(fd - descriptor_base)];
}

void network::close(int fd) {
    socket_record& closed = at(fd);
    simulation_.log(event::close, static_cast<std::uint64_t>(fd - descriptor_base));
    simulation_.require(closed.in_flight == 0,
                        "a descriptor is closed while the kernel works on it");
    if (closed.stream != nullptr) {
        closed.stream->close_server();
        check_turned_away(*closed.stream);
    }
    for (connection* waiting : closed.backlog) {
        waiting->excuse();
        waiting->break_path(ECONNRESET, true);
    }
    closed = socket_record();
    --open_;
}

// Who is closed before anything was read is one too many of its place, or something went wrong.
void network::check_turned_away(const connection& closed) const {
    if (!closed.is_turned_away() || closed.is_excused()) {
        return;
    }
    const auto of_place = std::ranges::count_if(sockets_, [&](const socket_record& each) {
        return each.stream != nullptr && each.stream->place() == closed.place();
    });
    simulation_.require(
        place_connections_max_ > 0 && std::cmp_greater(of_place, place_connections_max_),
        "a client is turned away that has fewer connections than it may");
}

void network::require_failed_closed(duration within) const {
    for (const auto& each : connections_) {
        simulation_.require(each->is_closed_by_server() ||
                                each->failure_told_at() == time_point::max() ||
                                simulation_.lived() - each->failure_told_at() <= within,
                            "a send has failed, and the server keeps the connection");
    }
}

connection* network::connect(int listener, unsigned client) {
    const auto index = static_cast<std::size_t>(listener - descriptor_base);
    if (index >= sockets_.size() || sockets_[index].is != socket_record::kind::listener) {
        return nullptr;
    }
    connections_.push_back(std::make_unique<connection>(simulation_, client, send_buffer_bytes_));
    if (newcomers_excused_) {
        connections_.back()->excuse();
    }
    sockets_[index].backlog.push_back(connections_.back().get());
    return connections_.back().get();
}

int network::accept(int listener) {
    std::deque<connection*>& backlog = at(listener).backlog;
    connection& accepted = *backlog.front();
    backlog.pop_front();
    const int fd = allocate(socket_record::kind::stream);
    at(fd).stream = &accepted;
    simulation_.log(event::accept, accepted.number(),
                    static_cast<std::uint64_t>(fd - descriptor_base));
    return fd;
}

void network::strike_paths() {
    for (const auto& each : connections_) {
        if (each->is_broken() || each->is_closed_by_server()) {
            continue;
        }
        if (simulation_.strike(fault::reset, each->number())) {
            each->break_path(ECONNRESET, true);
        } else if (simulation_.strike(fault::timed_out, each->number())) {
            each->break_path(ETIMEDOUT, false);
        } else if (simulation_.strike(fault::broken_pipe, each->number())) {
            each->excuse();
            each->break_output();
        }
    }
}

void network::excuse_all() noexcept {
    for (const auto& each : connections_) {
        each->excuse();
    }
}

}  // namespace rouse::sim
