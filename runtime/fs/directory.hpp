#pragma once

#include <linux/openat2.h>

#include <string>
#include <system_error>

#include "runtime/base/result.hpp"
#include "runtime/base/unique_fd.hpp"
#include "runtime/fs/file.hpp"
#include "runtime/reactor/operation_handle.hpp"
#include "runtime/task/future.hpp"

namespace rouse {

struct open_options {
    /// Symbolic links are followed as long as they stay beneath the directory; else each one is
    /// ELOOP.
    bool follow_symlinks = false;
};

/// Opens a file beneath a directory. Lazy; it may be dropped at any time, and what was opened is
/// closed then. Errors: errno of openat2(2), errc::cancelled, errc::limit_exceeded (no record or
/// descriptor was free).
class [[nodiscard]] open_future {
   public:
    explicit open_future(operation_handle asked) noexcept : operation_(std::move(asked)) {}
    /// One that fails at once.
    explicit open_future(std::error_code refusal) noexcept : refusal_(refusal) {}
    /// Throws bad_alloc.
    [[nodiscard]] rouse::poll<result<file>> poll(context& cx);

   private:
    operation_handle operation_;
    std::error_code refusal_;
};

/// A directory below which files are opened, and above which none is: the kernel itself refuses
/// each path that would leave it, whatever is renamed meanwhile (openat2(2), RESOLVE_BENEATH), and
/// all magic links of /proc. Must not outlive the reactor.
class directory {
   public:
    /// Opens it at once, which may wait for a disk: for the start. Errors: errno of open(2),
    /// errc::limit_exceeded.
    [[nodiscard]] static result<directory> open(reactor& io, const std::string& path);
    /// Takes over a descriptor, which may be an O_PATH one. Throws bad_alloc; errc::limit_exceeded.
    [[nodiscard]] static result<directory> adopt(reactor& io, unique_fd opened);
    /// Of a descriptor that is shared with others.
    explicit directory(descriptor_handle opened) noexcept : descriptor_(std::move(opened)) {}

    /// Opens `path`, relative to the directory, for reading. Empty or "." is the directory itself.
    /// A FIFO or a device is opened without waiting for anybody: look at status() before reading.
    /// EXDEV: the path leads out, or begins with a slash. Throws bad_alloc.
    [[nodiscard]] open_future open_beneath(std::string path, open_options how = {}) const;

    /// Opens the directory that is at an absolute path now, as open() does, but without waiting: it
    /// may be another one than this. For a path of who runs the program, and never for one of a
    /// request: nothing is beneath anything here, and all links are followed. What it gives has a
    /// status, and can be a directory, but not be read. ENOTDIR: it is none. Throws bad_alloc.
    [[nodiscard]] open_future look_up(std::string trusted_path) const;

    [[nodiscard]] descriptor_handle share_descriptor() const noexcept {
        return descriptor_.share();
    }

   private:
    [[nodiscard]] open_future ask(std::string path, open_how how) const;

    descriptor_handle descriptor_;
};

/// Opens `path` beneath the directory `root` at once, for threads that may wait for a disk. As
/// directory::open_beneath, but with `flags` of open(2), to which O_CLOEXEC is added. Errors: errno
/// of openat2(2).
[[nodiscard]] result<unique_fd> open_beneath(const unique_fd& root, const std::string& path,
                                             int flags, open_options how);

static_assert(future<open_future>);

}  // namespace rouse
