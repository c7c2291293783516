#include "runtime/reactor/file_call.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <variant>

namespace rouse {
namespace {

std::int32_t call_open(one_shot_operation& op, std::uint64_t resolve_also) noexcept {
    const auto& request = *std::get<std::unique_ptr<open_request>>(op.arguments);
    open_how how = request.how;
    how.resolve |= resolve_also;
    const auto opened = static_cast<int>(
        ::syscall(SYS_openat2, op.file->fd, request.path.c_str(), &how, sizeof how));
    if (opened < 0) {
        return -errno;
    }
    clear_open_flags(opened);
    return opened;
}

// Whatever is opened: a FIFO without O_NONBLOCK waits for its other side.
bool opens_at_once(const one_shot_operation& op) noexcept {
    const auto& request = *std::get<std::unique_ptr<open_request>>(op.arguments);
    return (request.how.flags & (O_NONBLOCK | O_PATH | O_DIRECTORY)) != 0;
}

std::int32_t call_read(one_shot_operation& op, int flags) noexcept {
    auto& wanted = std::get<file_read>(op.arguments);
    const iovec into{.iov_base = wanted.block.room().data(), .iov_len = wanted.bytes_max};
    const ssize_t bytes =
        ::preadv2(op.file->fd, &into, 1, static_cast<off_t>(wanted.offset), flags);
    return bytes < 0 ? -errno : static_cast<std::int32_t>(bytes);
}

}  // namespace

void clear_open_flags(int opened) noexcept {
    (void)::fcntl(opened, F_SETFL, 0);
}

std::int32_t call_stat(one_shot_operation& op) noexcept {
    auto& into = *std::get<std::unique_ptr<struct statx>>(op.arguments);
    const int told =
        ::statx(op.file->fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &into);
    return told == 0 ? 0 : -errno;
}

std::int32_t call_file(one_shot_operation& op) noexcept {
    return op.kind == operation_kind::open_at ? call_open(op, 0) : call_read(op, 0);
}

std::optional<std::int32_t> call_file_in_memory(one_shot_operation& op) noexcept {
    if (op.kind == operation_kind::open_at && !opens_at_once(op)) {
        return std::nullopt;
    }
    const std::int32_t answer = op.kind == operation_kind::open_at ? call_open(op, RESOLVE_CACHED)
                                                                   : call_read(op, RWF_NOWAIT);
    if (answer == -EAGAIN || answer == -EINVAL || answer == -EOPNOTSUPP) {
        return std::nullopt;
    }
    return answer;
}

}  // namespace rouse
