#pragma once

#include <sys/stat.h>

#include <compare>
#include <cstdint>

namespace rouse {

enum class file_type : std::uint8_t {
    regular,
    directory,
    other,  ///< A FIFO, a socket, a device: there is nothing in it that a read could rely on.
};

/// Since 1970-01-01 UTC, as the file system keeps it.
struct file_time {
    std::int64_t seconds = 0;
    std::uint32_t nanoseconds = 0;

    friend auto operator<=>(const file_time&, const file_time&) = default;
};

/// What statx(2) says of a file. Two answers that are equal are of the same file, unchanged, as
/// far as its file system can tell.
struct file_status {
    file_type type = file_type::other;
    std::uint64_t size = 0;  ///< Bytes.
    file_time modified;      ///< Its bytes.
    file_time changed;       ///< Its bytes, or what is said of them.
    std::uint64_t inode = 0;
    std::uint64_t device = 0;

    friend bool operator==(const file_status&, const file_status&) = default;
};

[[nodiscard]] inline file_status to_file_status(const struct statx& from) noexcept {
    const auto type_bits = from.stx_mode & S_IFMT;
    return {.type = type_bits == S_IFREG   ? file_type::regular
                    : type_bits == S_IFDIR ? file_type::directory
                                           : file_type::other,
            .size = from.stx_size,
            .modified = {from.stx_mtime.tv_sec, from.stx_mtime.tv_nsec},
            .changed = {from.stx_ctime.tv_sec, from.stx_ctime.tv_nsec},
            .inode = from.stx_ino,
            .device = (std::uint64_t{from.stx_dev_major} << 32U) | from.stx_dev_minor};
}

}  // namespace rouse
