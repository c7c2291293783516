#include "tests/sim/sim_files.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ranges>
#include <utility>

namespace rouse::sim {
namespace {

// As Linux has them, without and with the NUL.
constexpr std::size_t name_bytes_max = 255;
constexpr std::size_t path_bytes_max = 4'096;
constexpr unsigned links_max = 40;
constexpr std::uint64_t growth_max = 10'000;
constexpr std::uint64_t file_size_max = 1'000'000;
constexpr std::uint32_t device = 7;

}  // namespace

char file_node::byte_at(std::uint64_t offset) const noexcept {
    if (offset < text.size()) {
        return text[offset];
    }
    if (is_plain_text) {
        constexpr std::uint64_t section_bytes = 256;
        const std::uint64_t letters = mix(mix(inode) ^ (offset / section_bytes));
        return static_cast<char>('a' + ((letters >> (4 * (offset % 16))) & 0xfU));
    }
    return static_cast<char>(mix(mix(inode) ^ (offset / 8)) >> (8 * (offset % 8)));
}

std::string file_node::bytes(std::uint64_t offset, std::size_t count) const {
    const std::uint64_t there = offset < size ? size - offset : 0;
    std::string made(static_cast<std::size_t>(std::min<std::uint64_t>(there, count)), '\0');
    for (std::size_t i = 0; i < made.size(); ++i) {
        made[i] = byte_at(offset + i);
    }
    return made;
}

sim_files* sim_files::active = nullptr;

sim_files::~sim_files() {
    active = nullptr;
}

sim_files::sim_files(simulation& owner) : simulation_(owner) {
    active = this;
    root_ = std::make_shared<file_node>();
    root_->is = file_node::kind::directory;
    root_->inode = next_inode_++;
    root_->parent = root_.get();
    touch(*root_);
}

void sim_files::touch(file_node& changed, std::int64_t seconds_ago) noexcept {
    const auto now = simulation_.now().time_since_epoch();
    changed.modified_seconds = simulation_.wall_clock() - seconds_ago;
    changed.modified_nanoseconds =
        static_cast<std::uint32_t>((now % std::chrono::seconds(1)).count());
    changed.changed_seconds = changed.modified_seconds;
    changed.changed_nanoseconds = changed.modified_nanoseconds;
}

std::shared_ptr<file_node> sim_files::make(file_node::kind kind, std::string path,
                                           file_node& parent) {
    auto made = std::make_shared<file_node>();
    made->is = kind;
    made->inode = next_inode_++;
    made->path = std::move(path);
    made->parent = &parent;
    made->made_at = simulation_.now();
    touch(*made);
    if (kind == file_node::kind::file) {
        versions_[made->path].push_back(made);
    }
    return made;
}

file_node& sim_files::add(file_node::kind kind, std::string_view path) {
    file_node* at = root_.get();
    std::size_t begin = 0;
    while (true) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const bool is_last = end == path.size();
        std::shared_ptr<file_node>& entry =
            at->entries[std::string(path.substr(begin, end - begin))];
        if (entry == nullptr) {
            entry = make(is_last ? kind : file_node::kind::directory,
                         std::string(path.substr(0, end)), *at);
        }
        at = entry.get();
        if (is_last) {
            return *at;
        }
        begin = end + 1;
    }
}

file_node& sim_files::add_file(std::string_view path, std::uint64_t size) {
    file_node& made = add(file_node::kind::file, path);
    resize(made, size);
    return made;
}

file_node& sim_files::add_file(std::string_view path, std::string text) {
    file_node& made = add_file(path, text.size());
    made.text = std::move(text);
    return made;
}

file_node& sim_files::add_directory(std::string_view path) {
    return add(file_node::kind::directory, path);
}

file_node& sim_files::add_link(std::string_view path, std::string target) {
    file_node& made = add(file_node::kind::link, path);
    made.text = std::move(target);
    return made;
}

file_node& sim_files::add_fifo(std::string_view path) {
    return add(file_node::kind::fifo, path);
}

int sim_files::open_root(network& wires) const {
    const int fd = wires.open(socket_record::kind::file);
    wires.at(fd).node = root_;
    return fd;
}

int sim_files::look_up_root(network& wires) {
    const int fd = open_root(wires);
    if (simulation_.strike(fault::file_replaced, root_->inode)) {
        auto other = std::make_shared<file_node>();
        other->is = file_node::kind::directory;
        other->inode = next_inode_++;
        wires.at(fd).node = std::move(other);
        has_other_root_ = true;
    }
    return fd;
}

file_node* sim_files::find(std::string_view path) const noexcept {
    file_node* at = root_.get();
    while (at != nullptr && !path.empty()) {
        const std::string_view name = path.substr(0, path.find('/'));
        const auto found = at->entries.find(name);
        at = found == at->entries.end() ? nullptr : found->second.get();
        path.remove_prefix(std::min(path.size(), name.size() + 1));
    }
    return at;
}

std::span<const std::shared_ptr<file_node>> sim_files::versions(std::string_view path) const {
    const auto found = versions_.find(path);
    return found == versions_.end() ? std::span<const std::shared_ptr<file_node>>()
                                    : std::span(found->second);
}

bool sim_files::is_there_since(std::string_view path, time_point since) const {
    time_point gone = time_point::max();
    const auto all = versions(path);
    for (const auto& each : std::views::reverse(all)) {
        if (each->unlinked_at < gone) {
            return false;
        }
        gone = each->made_at;
        if (gone <= since) {
            return true;
        }
    }
    return false;
}

void sim_files::keep_state(file_node& changed) {
    if (!changed.states.empty()) {
        changed.states.back().ends = simulation_.now();
    }
    changed.states.push_back({.size = changed.size,
                              .modified_seconds = changed.modified_seconds,
                              .modified_nanoseconds = changed.modified_nanoseconds,
                              .changed_seconds = changed.changed_seconds,
                              .changed_nanoseconds = changed.changed_nanoseconds});
}

void sim_files::resize(file_node& file, std::uint64_t size) {
    file.size = size;
    touch(file);
    keep_state(file);
}

void sim_files::age(file_node& file, std::int64_t seconds) {
    touch(file, seconds);
    keep_state(file);
}

void sim_files::write_again(file_node& file) {
    const std::int64_t seconds = file.modified_seconds;
    const std::uint32_t nanoseconds = file.modified_nanoseconds;
    touch(file);
    file.modified_seconds = seconds;
    file.modified_nanoseconds = nanoseconds;
    keep_state(file);
}

file_node& sim_files::replace(file_node& file, std::uint64_t size) {
    auto made = make(file_node::kind::file, file.path, *file.parent);
    file.is_linked = false;
    file.unlinked_at = simulation_.now();
    made->is_plain_text = file.is_plain_text;
    resize(*made, size);
    file_node& next = *made;
    const std::size_t name = file.path.rfind('/') + 1;
    file.parent->entries[file.path.substr(name)] = std::move(made);
    return next;
}

void sim_files::remove(file_node& file) {
    const std::size_t name = file.path.rfind('/') + 1;
    file.is_linked = false;
    file.unlinked_at = simulation_.now();
    file.parent->entries[file.path.substr(name)] = nullptr;
}

void sim_files::strike(const std::shared_ptr<file_node>& file) {
    if (file->is != file_node::kind::file) {
        return;
    }
    if (file->size > 0 && simulation_.strike(fault::file_shrinks, file->inode)) {
        resize(*file, simulation_.detail(fault::file_shrinks, file->size));
    } else if (file->size < file_size_max && simulation_.strike(fault::file_grows, file->inode)) {
        resize(*file, file->size + 1 + simulation_.detail(fault::file_grows, growth_max));
    }
    if (!file->is_linked) {
        return;
    }
    if (simulation_.strike(fault::file_replaced, file->inode)) {
        (void)replace(*file, simulation_.detail(fault::file_replaced, growth_max));
    } else if (simulation_.strike(fault::file_deleted, file->inode)) {
        remove(*file);
    }
}

sim_files::resolved sim_files::resolve(const file_node& from, std::string_view path,
                                       bool follows_links) {
    const file_node& beneath = from.parent == nullptr ? *root_ : from;
    walk on{.beneath = &beneath,
            .at = &beneath,
            .follows_links = follows_links,
            .links_left = links_max,
            .found = {}};
    if (path.size() >= path_bytes_max) {
        return {nullptr, ENAMETOOLONG};
    }
    if (const int error = follow(on, path); error != 0) {
        return {nullptr, error};
    }
    return {std::move(on.found), 0};
}

int sim_files::follow(walk& on, std::string_view path) {
    if (path.empty()) {
        return ENOENT;
    }
    if (path.front() == '/') {
        return EXDEV;
    }
    while (!path.empty()) {
        if (on.at->is != file_node::kind::directory) {
            return ENOTDIR;
        }
        const std::string_view name = path.substr(0, path.find('/'));
        path.remove_prefix(name.size());
        const bool is_last = path.empty();
        path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
        if (const int error = step(on, name, is_last); error != 0) {
            return error;
        }
        if (!is_last && path.empty() && on.at->is != file_node::kind::directory) {
            return ENOTDIR;  // A slash at the end.
        }
    }
    return 0;
}

int sim_files::step(walk& on, std::string_view name, bool is_last) {
    if (!on.at->is_readable) {
        return EACCES;
    }
    if (name.size() > name_bytes_max) {
        return ENAMETOOLONG;
    }
    if (name == "." || name == "..") {
        if (name == ".." && on.at == on.beneath) {
            return EXDEV;
        }
        const file_node* to = name == "." ? on.at : on.at->parent;
        on.at = to;
        on.found = to == root_.get()
                       ? root_
                       : to->parent->entries.at(to->path.substr(to->path.rfind('/') + 1));
        return 0;
    }
    const auto entry = on.at->entries.find(name);
    if (entry == on.at->entries.end() || entry->second == nullptr) {
        return ENOENT;
    }
    const std::shared_ptr<file_node> next = entry->second;
    if (next->is == file_node::kind::link) {
        if (!on.follows_links || on.links_left == 0) {
            return ELOOP;
        }
        --on.links_left;
        return follow(on, next->text);
    }
    on.at = next.get();
    on.found = next;
    return is_last && !next->is_readable ? EACCES : 0;
}

void sim_files::fill_status(const file_node& from, struct statx& into) noexcept {
    constexpr mode_t types[] = {S_IFREG, S_IFDIR, S_IFLNK, S_IFIFO};
    into = {};
    into.stx_mask = STATX_BASIC_STATS;
    into.stx_mode =
        static_cast<std::uint16_t>(types[static_cast<std::size_t>(from.is)] | mode_t{0644});
    into.stx_size = from.size;
    into.stx_ino = from.inode;
    into.stx_dev_major = device;
    into.stx_nlink = from.is_linked ? 1 : 0;
    into.stx_mtime.tv_sec = from.modified_seconds;
    into.stx_mtime.tv_nsec = from.modified_nanoseconds;
    into.stx_ctime.tv_sec = from.changed_seconds;
    into.stx_ctime.tv_nsec = from.changed_nanoseconds;
}

}  // namespace rouse::sim
