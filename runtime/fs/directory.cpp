#include "runtime/fs/directory.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <utility>

namespace rouse {
namespace {

std::uint64_t resolve_of(open_options how) noexcept {
    return RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS |
           (how.follow_symlinks ? 0U : static_cast<unsigned>(RESOLVE_NO_SYMLINKS));
}

}  // namespace

poll<result<file>> open_future::poll(context& cx) {
    if (!operation_) {
        return result<file>(failure(refusal_));
    }
    const auto answer = operation_.take(cx);
    if (!answer) {
        return pending;
    }
    reactor& io = operation_.io();
    operation_.reset();
    if (answer->result < 0) {
        return result<file>(failure(completion_error(answer->result)));
    }
    return file::adopt(io, unique_fd(answer->result));
}

result<directory> directory::open(reactor& io, const std::string& path) {
    unique_fd opened(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!opened) {
        return failure(errno_code(errno));
    }
    return adopt(io, std::move(opened));
}

result<directory> directory::adopt(reactor& io, unique_fd opened) {
    auto adopted = io.adopt(std::move(opened));
    if (!adopted) {
        return failure(adopted.error());
    }
    return directory(std::move(*adopted));
}

open_future directory::open_beneath(std::string path, open_options how) const {
    if (path.find('\0') != std::string::npos) {
        // No file has such a name; the kernel would open the one whose name ends there.
        return open_future(errno_code(ENOENT));
    }
    // O_NONBLOCK: a FIFO without a writer is open at once. O_NOCTTY: a terminal stays a file.
    return ask(path.empty() ? "." : std::move(path),
               {.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                .mode = 0,
                .resolve = resolve_of(how)});
}

open_future directory::look_up(std::string trusted_path) const {
    assert(trusted_path.starts_with('/'));  // Else it would be looked for in this one.
    return ask(std::move(trusted_path),
               {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .mode = 0, .resolve = 0});
}

open_future directory::ask(std::string path, open_how how) const {
    reactor& io = descriptor_.io();
    auto record = io.make_one_shot(operation_kind::open_at, descriptor_.shared());
    if (!record) {
        return open_future(record.error());
    }
    operation_handle asked(io, **record);
    auto request = std::make_unique<open_request>();
    request->path = std::move(path);
    request->how = how;
    (*record)->arguments = std::move(request);
    return open_future(std::move(asked));
}

result<unique_fd> open_beneath(const unique_fd& root, const std::string& path, int flags,
                               open_options how) {
    open_how asked{};
    asked.flags = static_cast<unsigned>(flags | O_CLOEXEC);
    asked.resolve = resolve_of(how);
    // glibc 2.36 has no openat2().
    const long opened = ::syscall(SYS_openat2, root.get(), path.c_str(), &asked, sizeof(asked));
    if (opened < 0) {
        return failure(errno_code(errno));
    }
    return unique_fd(static_cast<int>(opened));
}

}  // namespace rouse
