#pragma once

#include <unistd.h>

#include <utility>

namespace rouse {

/// Owns a file descriptor and closes it. -1 means none. See close(2).
class unique_fd {
   public:
    unique_fd() noexcept = default;
    explicit unique_fd(int fd) noexcept : fd_(fd) {}
    unique_fd(unique_fd&& other) noexcept : fd_(other.release()) {}
    unique_fd& operator=(unique_fd&& other) noexcept {
        reset(other.release());
        return *this;
    }
    ~unique_fd() { reset(); }

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

    /// Gives the descriptor up without closing it.
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

    void reset(int fd = -1) noexcept {
        const int old = std::exchange(fd_, fd);
        if (old >= 0) {
            (void)::close(old);  // Linux frees the number whatever close answers; a retry could hit
                                 // another file.
        }
    }

   private:
    int fd_ = -1;
};

}  // namespace rouse
