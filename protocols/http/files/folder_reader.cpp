#include "protocols/http/files/folder_reader.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/http/files/listing.hpp"
#include "runtime/base/unique_fd.hpp"
#include "runtime/fs/directory.hpp"

namespace rouse::http {
namespace {

struct close_folder {
    void operator()(DIR* open) const noexcept { (void)::closedir(open); }
};

open_options how_of(const folder_reader& site) noexcept {
    return {.follow_symlinks = site.symlinks};
}

// What a name stands for; nothing when it is not to be shown.
std::optional<listing_entry> entry_of(const folder_reader& site, const unique_fd& root, int folder,
                                      const char* name) {
    struct stat status{};
    if (::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return std::nullopt;  // It has just gone.
    }
    if (S_ISLNK(status.st_mode)) {
        const auto target = open_beneath(root, site.folder + "/" + name, O_PATH, how_of(site));
        if (!target || ::fstat(target->get(), &status) != 0) {
            return std::nullopt;
        }
    }
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
        return std::nullopt;
    }
    return listing_entry{.name = name,
                         .is_folder = S_ISDIR(status.st_mode),
                         .size_bytes = static_cast<std::uint64_t>(status.st_size),
                         .modified_seconds = status.st_mtim.tv_sec};
}

}  // namespace

result<std::string> folder_reader::operator()() const {
    const unique_fd top(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!top) {
        return failure(errno_code(errno));
    }
    auto opened = open_beneath(top, folder, O_RDONLY | O_DIRECTORY, how_of(*this));
    if (!opened) {
        return failure(opened.error());
    }
    const int descriptor = opened->get();
    const std::unique_ptr<DIR, close_folder> names(::fdopendir(descriptor));
    if (!names) {
        return failure(errno_code(errno));
    }
    (void)opened->release();
    std::vector<listing_entry> entries;
    bool is_cut = false;
    errno = 0;
    // This stream is of this thread only. NOLINTNEXTLINE(concurrency-mt-unsafe)
    while (const dirent* const each = ::readdir(names.get())) {
        const std::string_view name = static_cast<const char*>(each->d_name);
        const bool is_shown = dotfiles ? name != "." && name != ".." : !name.starts_with('.');
        if (auto entry = is_shown ? entry_of(*this, top, descriptor, each->d_name) : std::nullopt) {
            if (entries.size() == listing_entries_max) {
                is_cut = true;
                break;
            }
            entries.push_back(*std::move(entry));
        }
        errno = 0;
    }
    if (errno != 0 && !is_cut) {
        return failure(errno_code(errno));
    }
    sort_listing(entries);
    const folder_listing listing{.folder = folder, .entries = entries, .is_cut = is_cut};
    return as_json ? to_json(listing) : to_html(listing);
}

}  // namespace rouse::http
