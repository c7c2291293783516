#include "server/access_log_target.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

namespace rouse::server {
namespace {

constexpr mode_t file_mode = 0640;

// A pipe that polls writable takes this much without waiting. See pipe(7).
constexpr std::size_t piece_bytes_max = PIPE_BUF;

// Non-blocking is for a FIFO or a terminal: files take no notice of it.
constexpr int open_flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

result<unique_fd> open_file(const std::string& path) noexcept {
    unique_fd file(::open(path.c_str(), open_flags, file_mode));
    if (!file) {
        return failure(errno_code(errno));
    }
    return file;
}

bool is_writable(int descriptor) noexcept {
    pollfd watched{.fd = descriptor, .events = POLLOUT, .revents = 0};
    return ::poll(&watched, 1, 0) != 0;  // An error is left to write, which says which one.
}

// Whole lines, if there is an end of one: a pipe takes such a piece at once or not at all.
std::string_view first_piece(std::string_view lines) noexcept {
    if (lines.size() <= piece_bytes_max) {
        return lines;
    }
    const std::size_t end = lines.rfind('\n', piece_bytes_max - 1);
    return lines.substr(0, end == std::string_view::npos ? piece_bytes_max : end + 1);
}

}  // namespace

result<access_log_target> access_log_target::open(std::string path) {
    if (path != "-") {
        unique_fd made(::open(path.c_str(), open_flags | O_EXCL, file_mode));
        const bool is_made = static_cast<bool>(made);
        auto file = is_made ? result<unique_fd>(std::move(made)) : open_file(path);
        if (!file) {
            return failure(file.error());
        }
        access_log_target target(std::move(path), std::move(*file), false);
        target.is_made_ = is_made;
        return target;
    }
    unique_fd out(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
    struct stat facts{};
    if (!out || ::fstat(out.get(), &facts) != 0) {
        return failure(errno_code(errno));
    }
    return access_log_target(std::move(path), std::move(out), !S_ISREG(facts.st_mode));
}

result<std::size_t> access_log_target::write(std::string_view lines) noexcept {
    if (may_block_) {
        if (!is_writable(fd())) {
            return 0;
        }
        lines = first_piece(lines);
    }
    while (true) {
        const ssize_t written = ::write(fd(), lines.data(), lines.size());
        if (written >= 0) {
            return static_cast<std::size_t>(written);
        }
        if (errno == EAGAIN) {
            return 0;
        }
        if (errno != EINTR) {
            return failure(errno_code(errno));
        }
    }
}

result<> access_log_target::reopen() noexcept {
    if (is_standard_output()) {
        return {};
    }
    auto file = open_file(path_);
    if (!file) {
        return failure(file.error());
    }
    file_ = std::move(*file);
    return {};
}

void access_log_target::give_to(uid_t user, gid_t group) noexcept {
    if (is_made_) {
        // Refused, it can be written to all the same; opening it anew then says why it cannot be.
        (void)::fchown(fd(), user, group);
    }
}

}  // namespace rouse::server
