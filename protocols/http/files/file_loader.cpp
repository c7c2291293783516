#include "protocols/http/files/file_loader.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "protocols/http/files/media_type.hpp"

namespace rouse::http {
namespace {

// A file that changes all the time is not cached, and sent as it is.
constexpr int looks_max = 3;

const std::error_code changed_meanwhile = errno_code(ESTALE);

}  // namespace

int status_of(std::error_code failed) noexcept {
    if (failed.category() == error_category()) {
        return 503;  // No record or descriptor was free, or the site ends.
    }
    switch (failed.value()) {
        case ENOENT:
        case ENOTDIR:
        case ELOOP:  // A symbolic link, where they are not followed, or too many.
        case EXDEV:  // A path that leads out of the root.
        case ENAMETOOLONG:
        case ENXIO:  // A socket.
        case ENODEV:
            return 404;
        case EACCES:
        case EPERM:
            return 403;
        case EMFILE:
        case ENFILE:
        case ENOMEM:
        case EAGAIN:
        case ESTALE:
            return 503;
        default:
            return 500;
    }
}

std::string cache_key_of(const site_path& place) {
    if (place.file == ".") {
        return {};
    }
    return place.is_folder ? place.file + "/" : place.file;
}

const std::shared_ptr<file_content>* file_loader::find_content(
    const cached_file& known, const accepted_codings& accepted) const noexcept {
    if (!known.is_negotiated) {
        return &known.content(content_coding::identity);
    }
    const content_coding chosen = choose_coding(known, accepted);
    const coding_state state = known.state(chosen);
    const bool is_there = chosen == content_coding::identity || state == coding_state::sibling ||
                          state == coding_state::made ||
                          (state == coding_state::streamed && known.content(chosen));
    return is_there ? &known.content(chosen) : nullptr;
}

bool file_loader::is_cacheable(std::uint64_t bytes) const noexcept {
    return bytes <= std::min(options_.cache_file_bytes_max, options_.cache_bytes_max);
}

// A release may be put in place by a link that leads to another folder. What cannot be looked at
// changes nothing: the old one is still there.
task<> file_loader::look_up_root() {
    root_looked_up_ = clock_.now();
    const auto found = co_await root_.look_up(options_.root);
    if (!found) {
        co_return;
    }
    const auto status = co_await found->status();
    const auto known = co_await file(root_.share_descriptor()).status();
    if (!status || !known || (status->inode == known->inode && status->device == known->device)) {
        co_return;
    }
    root_ = directory(found->share_descriptor());
    ++roots_replaced_;
    cache_.clear();
}

task<loaded_file> file_loader::load(site_path place, accepted_codings accepted) {
    if (clock_.now() - root_looked_up_ >= options_.root_valid) {
        co_await look_up_root();
    }
    std::string key = cache_key_of(place);
    while (const std::shared_ptr<notify> other = turns_.under_way(key)) {
        co_await other->notified();
        if (const auto* known = cache_.find(key); known != nullptr && is_fresh(**known)) {
            const auto* content = find_content(**known, accepted);
            if (content == nullptr) {
                continue;  // Another coding, which one of those who wait for it finds or makes.
            }
            if ((*content)->bytes) {
                co_return loaded_file{.known = *known, .content = *content, .opened = {}};
            }
        }
        break;
    }
    const load_turn mine(turns_, key);
    for (int looks = 1;; ++looks) {
        // At last as it is: coding it would mean to read it whole.
        const bool is_last = looks == looks_max;
        const std::uint64_t roots_before = roots_replaced_;
        auto found = co_await look(place, is_last ? accepted_codings() : accepted, is_last);
        if (roots_replaced_ != roots_before) {
            cache_.erase(key);  // It may be of both.
            if (!is_last) {
                continue;
            }
        }
        if (found) {
            co_return std::move(*found);
        }
        if (found.error() != changed_meanwhile || is_last) {
            cache_.erase(key);
            const int status =
                found.error() == std::errc::is_a_directory ? 301 : status_of(found.error());
            co_return loaded_file{.status = status, .known = {}, .content = {}, .opened = {}};
        }
    }
}

task<result<loaded_file>> file_loader::look(site_path place, accepted_codings accepted,
                                            bool is_last) {
    // Both before the status is asked for: what changes afterwards is later than these.
    const time_point began = clock_.now();
    const file_time wall = wall_time();
    auto found =
        place.is_folder ? co_await open_index(place.file) : co_await open_regular(place.file);
    if (!found) {
        co_return failure(found.error());
    }
    const auto known = admit(cache_key_of(place), *found, began, wall);
    auto settled = co_await settle_coding(known, accepted, found->opened);
    if (!settled) {
        co_return failure(settled.error());
    }
    const auto content = known->content(settled->coding);
    if (content->bytes) {
        co_return loaded_file{.known = known, .content = content, .opened = {}};
    }
    file& opened = settled->opened ? *settled->opened : found->opened;
    if (is_cacheable(content->size_bytes)) {
        const auto read = co_await read_bytes(opened, known, content);
        if (read) {
            co_return loaded_file{.known = known, .content = content, .opened = {}};
        }
        if (!is_last || read.error() != changed_meanwhile) {
            co_return failure(read.error());
        }
    }
    co_return loaded_file{.known = known, .content = content, .opened = std::move(opened)};
}

task<result<file_loader::open_file>> file_loader::open(std::string path) const {
    auto opened = co_await root_.open_beneath(path, {.follow_symlinks = options_.symlinks});
    if (!opened) {
        co_return failure(opened.error());
    }
    const auto status = co_await opened->status();
    if (!status) {
        co_return failure(status.error());
    }
    co_return open_file{.path = std::move(path), .opened = std::move(*opened), .status = *status};
}

// EISDIR for a directory, ENOENT for what is no file either.
task<result<file_loader::open_file>> file_loader::open_regular(std::string path) const {
    auto found = co_await open(std::move(path));
    if (found && found->status.type != file_type::regular) {
        const bool is_folder = found->status.type == file_type::directory;
        co_return failure(errno_code(is_folder ? EISDIR : ENOENT));
    }
    co_return std::move(found);
}

task<result<file_loader::open_file>> file_loader::open_index(std::string folder) const {
    for (const std::string& name : options_.index) {
        std::string path = folder == "." ? std::string() : folder + "/";
        auto found = co_await open_regular(path.append(name));
        const bool is_missing = !found && (found.error() == std::errc::is_a_directory ||
                                           status_of(found.error()) == 404);
        if (!is_missing) {
            co_return std::move(found);
        }
    }
    co_return failure(errno_code(ENOENT));
}

// What is known of a file that was just looked at: what was known before, if it is still so.
std::shared_ptr<cached_file> file_loader::admit(std::string key, const open_file& found,
                                                time_point began, file_time wall) {
    if (const auto* known = cache_.find(key); known != nullptr && (*known)->path == found.path &&
                                              (*known)->status == found.status &&
                                              (*known)->is_settled) {
        cached_file& same = **known;
        if (!is_fresh(same)) {
            same.validated = began;
            if (options_.precompressed && same.is_negotiated) {
                same.states.fill(coding_state::unknown);
            }
        }
        return *known;
    }
    auto made = std::make_shared<cached_file>();
    made->key = std::move(key);
    made->path = found.path;
    made->content_type = options_.types.of(found.path);
    made->cache_control = options_.cache_control.find("/" + found.path).value_or("");
    made->status = found.status;
    made->is_settled = is_settled(found.status, wall);
    made->validated = began;
    made->is_negotiated =
        (options_.precompressed || options_.compress) && is_compressible(made->content_type);
    made->states.fill(options_.precompressed ? coding_state::unknown
                                             : state_without_sibling(*made));
    made->content(content_coding::identity) =
        make_content(*made, found.status, content_coding::identity, wall, options_.inode_in_tags);
    cache_.insert(made);
    return made;
}

// Of a regular file whose status was that of the content.
task<result<>> file_loader::read_bytes(const file& opened, std::shared_ptr<cached_file> known,
                                       std::shared_ptr<file_content> content) {
    const auto size = static_cast<std::size_t>(content->source.size);
    std::string text;
    text.reserve(size);
    while (text.size() < size) {
        const std::size_t wanted = std::min(size - text.size(), file_blocks::large_bytes);
        const auto block = co_await opened.read(blocks_->take(wanted), text.size(), wanted);
        if (!block) {
            co_return failure(block.error());
        }
        if (block->empty()) {
            co_return failure(changed_meanwhile);
        }
        text.append(reinterpret_cast<const char*>(block->bytes().data()), block->size());
    }
    const auto status = co_await opened.status();
    if (!status) {
        co_return failure(status.error());
    }
    if (*status != content->source) {
        co_return failure(changed_meanwhile);
    }
    if (!content->bytes) {  // Somebody else may have read them meanwhile, and uses them.
        content->bytes.emplace(std::move(text));
        cache_.count_again(*known);
    }
    co_return {};
}

}  // namespace rouse::http
