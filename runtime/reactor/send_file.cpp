#include "runtime/reactor/send_file.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
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
    auto offset = static_cast<off_t>(sending.offset);
    const nonblocking_scope nonblocking(socket);
    const ssize_t sent = ::sendfile(socket, file, &offset, ready);
    if (sent < 0) {
        return is_for_later(errno) ? std::nullopt : std::optional(-errno);
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
