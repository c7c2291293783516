#include "runtime/reactor/send_file.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <memory>
#include <variant>

namespace rouse {
namespace {

// Linux reads ahead in pieces of this size, so one page of each tells of the others.
constexpr std::size_t probe_interval_bytes = 128UZ * 1024;

// sendfile(2) takes no flags: whether it waits is a matter of the socket's descriptor, on which the
// ring's own sends rely to wait.
class nonblocking_scope {
   public:
    explicit nonblocking_scope(int socket) noexcept : socket_(socket) {
        (void)::fcntl(socket_, F_SETFL, O_NONBLOCK);
    }
    nonblocking_scope(const nonblocking_scope&) = delete;
    nonblocking_scope& operator=(const nonblocking_scope&) = delete;
    ~nonblocking_scope() { (void)::fcntl(socket_, F_SETFL, 0); }

   private:
    int socket_;
};

bool is_pipe_signal_ignored() noexcept {
    struct sigaction now{};
    return ::sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

// sendfile(2) has no MSG_NOSIGNAL: a peer that has gone is EPIPE, and a SIGPIPE for this thread. A
// program that ignores it, as servers do, pays for the question alone; in others it is taken back.
class without_pipe_signal {
   public:
    without_pipe_signal() noexcept {
        if (!is_pipe_signal_ignored()) {
            ::sigemptyset(&pipe_);
            ::sigaddset(&pipe_, SIGPIPE);
            is_blocked_ = ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_) == 0;
        }
    }
    without_pipe_signal(const without_pipe_signal&) = delete;
    without_pipe_signal& operator=(const without_pipe_signal&) = delete;
    ~without_pipe_signal() {
        if (is_blocked_) {
            constexpr timespec at_once{};
            (void)::sigtimedwait(&pipe_, nullptr, &at_once);
            (void)::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
        }
    }

   private:
    sigset_t pipe_{};
    sigset_t before_{};
    bool is_blocked_ = false;
};

// The bytes that are out, or -errno.
ssize_t send_from(int socket, int file, off_t offset, std::size_t bytes) noexcept {
    const nonblocking_scope nonblocking(socket);
    const without_pipe_signal quiet;
    const ssize_t sent = ::sendfile(socket, file, &offset, bytes);
    return sent < 0 ? -errno : sent;
}

bool is_in_memory(int file, std::uint64_t offset) noexcept {
    std::byte ignored{};
    const iovec into{.iov_base = &ignored, .iov_len = 1};
    // 0 is the end of the file, which sendfile(2) will tell of.
    return ::preadv2(file, &into, 1, static_cast<off_t>(offset), RWF_NOWAIT) >= 0;
}

// How many of the bytes from an offset on need no disk.
std::size_t bytes_in_memory(int file, std::uint64_t offset, std::size_t bytes) noexcept {
    std::size_t last = 0;
    for (std::size_t at = 0; at < bytes; at += probe_interval_bytes) {
        if (!is_in_memory(file, offset + at)) {
            return at;
        }
        last = at;
    }
    return is_in_memory(file, offset + bytes - 1) ? bytes : last;
}

bool is_for_later(int error) noexcept {
    return error == EAGAIN || error == EINTR;
}

}  // namespace

std::optional<std::int32_t> step_send_file(int socket, one_shot_operation& op) noexcept {
    file_send& sending = *std::get<std::unique_ptr<file_send>>(op.arguments);
    if (op.progress < sending.head.size()) {
        const ssize_t sent =
            ::send(socket, sending.head.data() + op.progress, sending.head.size() - op.progress,
                   MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
        if (sent < 0) {
            return is_for_later(errno) ? std::nullopt : std::optional(-errno);
        }
        op.progress += static_cast<std::size_t>(sent);
        if (op.progress < sending.head.size()) {
            return std::nullopt;
        }
    }
    const int file = sending.source.fd();
    const std::size_t ready =
        bytes_in_memory(file, sending.offset, std::min(sending.left, send_file_step_bytes));
    if (ready == 0) {
        return static_cast<std::int32_t>(sending.sent);
    }
    const ssize_t sent = send_from(socket, file, static_cast<off_t>(sending.offset), ready);
    if (sent < 0) {
        const auto error = static_cast<std::int32_t>(-sent);
        return is_for_later(error) ? std::nullopt : std::optional(-error);
    }
    if (sent == 0) {
        return -ENODATA;
    }
    sending.offset += static_cast<std::uint64_t>(sent);
    sending.left -= static_cast<std::size_t>(sent);
    sending.sent += static_cast<std::size_t>(sent);
    return sending.left == 0 ? std::optional(static_cast<std::int32_t>(sending.sent))
                             : std::nullopt;
}

}  // namespace rouse
