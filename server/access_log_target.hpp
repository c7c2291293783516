#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/base/result.hpp"
#include "runtime/base/unique_fd.hpp"

namespace rouse::server {

/// Where an access log goes: a file by its path, or standard output for "-". A file is made with
/// mode 0640, and only appended to. One thread writes; SIGPIPE must be blocked or ignored there.
class access_log_target {
   public:
    /// errno of open(2): ENXIO for a FIFO that nobody reads.
    [[nodiscard]] static result<access_log_target> open(std::string path);

    /// Writes lines, perhaps only in part: how many bytes, of which 0 means that it takes none now
    /// and that poll(2) tells when. Waits for nothing but the disk. Or errno of write(2).
    [[nodiscard]] result<std::size_t> write(std::string_view lines) noexcept;

    /// Opens the path anew, for a file that was renamed meanwhile; when that fails, the old file
    /// stays. Does nothing for standard output.
    [[nodiscard]] result<> reopen() noexcept;

    /// Makes a user and group the owner of the file, if open() made it: then they may open it anew.
    /// One that was there before is left alone, since anyone who may write to its folder could have
    /// put a link to another file there. See fchown(2).
    void give_to(uid_t user, gid_t group) noexcept;

    [[nodiscard]] bool is_standard_output() const noexcept { return path_ == "-"; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] int fd() const noexcept { return file_.get(); }

   private:
    access_log_target(std::string path, unique_fd file, bool may_block) noexcept
        : path_(std::move(path)), file_(std::move(file)), may_block_(may_block) {}

    std::string path_;
    unique_fd file_;
    bool may_block_;        // A pipe, terminal or socket that is not ours to make non-blocking.
    bool is_made_ = false;  // The file was not there before.
};

}  // namespace rouse::server
