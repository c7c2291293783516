// The system calls by which the code under test reads a folder, answered by the simulated file
// system. The linker sends them here: -Wl,--wrap=readdir and so on, see ld(1).
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tests/sim/allocations.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/sim_files.hpp"

namespace {

using namespace rouse::sim;

// One at a time is read: there is one thread.
struct open_folder {
    int fd;
    std::vector<std::string> names;
    std::size_t next = 0;
    dirent entry{};
};

std::unique_ptr<open_folder> reading;

DIR* handle_of(open_folder* folder) noexcept {
    return reinterpret_cast<DIR*>(folder);
}

// The errors that a disk or a lack of something leads to, as of an operation of the reactor.
int strike_open(const file_node& folder) {
    simulation& run = *simulation::current();
    constexpr struct {
        fault kind;
        int error;
    } errors[] = {{fault::no_kernel_memory, ENOMEM},
                  {fault::no_descriptors, EMFILE},
                  {fault::file_denied, EACCES}};
    for (const auto& each : errors) {
        if (run.strike(each.kind, folder.inode)) {
            return each.error;
        }
    }
    return 0;
}

int open_beneath(int from, const char* path, const open_how& how) {
    const std::shared_ptr<file_node> base = network::current().at(from).node;
    const bool follows_links = (how.resolve & RESOLVE_NO_SYMLINKS) == 0;
    simulation::current()->require((how.resolve & RESOLVE_BENEATH) != 0,
                                   "a folder is opened that may lie anywhere");
    const sim_files::resolved found = sim_files::current().resolve(*base, path, follows_links);
    if (found.node == nullptr) {
        errno = found.error;
        return -1;
    }
    const bool is_folder = found.node->is == file_node::kind::directory;
    errno = (how.flags & O_DIRECTORY) != 0 && !is_folder ? ENOTDIR : strike_open(*found.node);
    if (errno != 0) {
        return -1;
    }
    const int fd = network::current().open(socket_record::kind::file);
    network::current().at(fd).node = found.node;
    return fd;
}

void fill(struct stat& into, const file_node& from) noexcept {
    struct statx status{};
    sim_files::fill_status(from, status);
    into = {};
    into.st_mode = status.stx_mode;
    into.st_size = static_cast<off_t>(status.stx_size);
    into.st_mtim = {.tv_sec = status.stx_mtime.tv_sec,
                    .tv_nsec = static_cast<long>(status.stx_mtime.tv_nsec)};
}

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names.
extern "C" {
long __real_syscall(long number, ...);
DIR* __real_fdopendir(int fd);
dirent* __real_readdir(DIR* folder);
int __real_closedir(DIR* folder);
int __real_fstat(int fd, struct stat* into);
int __real_fstatat(int from, const char* path, struct stat* into, int flags);

long __wrap_syscall(long number, ...) {
    std::va_list rest;
    va_start(rest, number);
    long given[6];
    for (long& each : given) {
        each = va_arg(rest, long);
    }
    va_end(rest);
    const int from = static_cast<int>(given[0]);
    if (number != SYS_openat2 || !network::is_ours(from)) {
        return __real_syscall(number, given[0], given[1], given[2], given[3], given[4], given[5]);
    }
    const simulated_part outside;
    return open_beneath(from, reinterpret_cast<const char*>(given[1]),
                        *reinterpret_cast<const open_how*>(given[2]));
}

DIR* __wrap_fdopendir(int fd) {
    if (!network::is_ours(fd)) {
        return __real_fdopendir(fd);
    }
    const simulated_part outside;
    reading = std::make_unique<open_folder>(open_folder{.fd = fd, .names = {".", ".."}});
    for (const auto& [name, node] : network::current().at(fd).node->entries) {
        if (node != nullptr) {
            reading->names.push_back(name);
        }
    }
    // No file system gives them in order.
    std::ranges::reverse(reading->names);
    return handle_of(reading.get());
}

dirent* __wrap_readdir(DIR* folder) {
    if (reading == nullptr || folder != handle_of(reading.get())) {
        return __real_readdir(folder);
    }
    const simulated_part outside;
    if (simulation::current()->strike(fault::file_error)) {
        errno = EIO;
        return nullptr;
    }
    if (reading->next == reading->names.size()) {
        return nullptr;
    }
    const std::string& name = reading->names[reading->next++];
    reading->entry = {};
    name.copy(static_cast<char*>(reading->entry.d_name), sizeof(reading->entry.d_name) - 1);
    return &reading->entry;
}

int __wrap_closedir(DIR* folder) {
    if (reading == nullptr || folder != handle_of(reading.get())) {
        return __real_closedir(folder);
    }
    const simulated_part outside;
    network::current().close(reading->fd);
    reading.reset();
    return 0;
}

int __wrap_fstat(int fd, struct stat* into) {
    if (!network::is_ours(fd)) {
        return __real_fstat(fd, into);
    }
    fill(*into, *network::current().at(fd).node);
    return 0;
}

int __wrap_fstatat(int from, const char* path, struct stat* into, int flags) {
    if (!network::is_ours(from)) {
        return __real_fstatat(from, path, into, flags);
    }
    const simulated_part outside;
    const auto& entries = network::current().at(from).node->entries;
    const auto found = entries.find(std::string_view(path));
    if (found != entries.end() && found->second != nullptr) {
        sim_files::current().strike(std::shared_ptr(found->second));
    }
    if (found == entries.end() || found->second == nullptr) {
        errno = ENOENT;
        return -1;
    }
    fill(*into, *found->second);
    return 0;
}
}
// NOLINTEND(bugprone-reserved-identifier)
