#include "runtime/net/tcp_listener.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "runtime/net/socket_option.hpp"

namespace rouse {
namespace {

// A socket file whose owner is gone refuses connections; one that is alive, or is no socket, is
// left alone.
bool is_stale_unix_socket(const address& where) noexcept {
    struct stat found{};
    const std::string path(where.unix_path());
    if (path.empty() || ::stat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) {
        return false;
    }
    // Not blocking: a live listener whose backlog is full would make us wait for it.
    const unique_fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    return probe && ::connect(probe.get(), where.data(), where.size()) != 0 &&
           errno == ECONNREFUSED;
}

result<> bind_socket(int fd, const address& where) {
    if (::bind(fd, where.data(), where.size()) == 0) {
        return {};
    }
    const int error = errno;
    if (error == EADDRINUSE && is_stale_unix_socket(where)) {
        (void)::unlink(std::string(where.unix_path()).c_str());
        if (::bind(fd, where.data(), where.size()) == 0) {
            return {};
        }
    }
    return failure(errno_code(error));
}

}  // namespace

result<unique_fd> open_listening_socket(const address& where, listen_options options) {
    unique_fd made(::socket(where.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!made) {
        return failure(errno_code(errno));
    }
    if (where.family() != AF_UNIX) {
        result<> set = set_socket_option(made.get(), SOL_SOCKET, SO_REUSEADDR, 1);
        if (set && options.reuse_port) {
            set = set_socket_option(made.get(), SOL_SOCKET, SO_REUSEPORT, 1);
        }
        if (set && options.no_delay) {
            set = set_socket_option(made.get(), IPPROTO_TCP, TCP_NODELAY, 1);
        }
        if (!set) {
            return failure(set.error());
        }
    }
    if (const auto bound = bind_socket(made.get(), where); !bound) {
        return failure(bound.error());
    }
    if (::listen(made.get(), options.backlog) != 0) {
        return failure(errno_code(errno));
    }
    return made;
}

result<tcp_listener> tcp_listener::bind(reactor& io, const address& where, listen_options options) {
    auto made = open_listening_socket(where, options);
    if (!made) {
        return failure(made.error());
    }
    return adopt(io, std::move(*made));
}

result<tcp_listener> tcp_listener::adopt(reactor& io, unique_fd listening) {
    auto file = io.adopt(std::move(listening));
    if (!file) {
        return failure(file.error());
    }
    auto accepting = io.make_multishot(operation_kind::accept, file->shared());
    if (!accepting) {
        return failure(accepting.error());
    }
    tcp_listener made(std::move(*file), **accepting);
    made.unix_path_ = made.local_address().unix_path();
    return made;
}

tcp_listener& tcp_listener::operator=(tcp_listener&& other) noexcept {
    if (this != &other) {
        close();
        file_ = std::move(other.file_);
        accepting_ = std::exchange(other.accepting_, nullptr);
        unix_path_ = std::exchange(other.unix_path_, {});
    }
    return *this;
}

void tcp_listener::close() noexcept {
    if (accepting_ == nullptr) {
        return;
    }
    file_.io().release(*std::exchange(accepting_, nullptr));
    file_.reset();
    if (!unix_path_.empty()) {
        (void)::unlink(unix_path_.c_str());
    }
}

address tcp_listener::local_address() const noexcept {
    return socket_address(file_.fd());
}

rouse::poll<result<tcp_stream>> accept_future::poll(context& cx) {
    const auto answer = reactor_.take(operation_, cx);
    if (!answer) {
        return pending;
    }
    if (answer->result < 0) {
        return result<tcp_stream>(failure(completion_error(answer->result)));
    }
    return tcp_stream::adopt(reactor_, unique_fd(answer->result));
}

}  // namespace rouse
