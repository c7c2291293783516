#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/network.hpp"
#include "tests/sim/simulation.hpp"

namespace rouse::sim {

/// What a file was from one change of it to the next.
struct file_state {
    std::uint64_t size = 0;
    std::int64_t modified_seconds = 0;
    std::uint32_t modified_nanoseconds = 0;
    std::int64_t changed_seconds = 0;  ///< Which nobody can set.
    std::uint32_t changed_nanoseconds = 0;
    time_point ends = time_point::max();
};

/// Something in the simulated file system. It lives on while it is open, wherever its name goes.
struct file_node {
    enum class kind : std::uint8_t { file, directory, link, fifo };

    kind is = kind::file;
    bool is_linked = true;  ///< Its path still leads to it.
    bool is_readable = true;
    std::uint64_t inode = 0;
    std::string path;            ///< From the root, as "a/b"; the root's is empty.
    std::string text;            ///< The first bytes of a file, or where a link leads.
    bool is_plain_text = false;  ///< Else no coding makes it smaller.
    std::uint64_t size = 0;
    std::vector<file_state> states;              ///< Of a file, the present one last.
    time_point made_at{};                        ///< Since then its path leads to it.
    time_point unlinked_at = time_point::max();  ///< Since then its path leads elsewhere.
    std::int64_t modified_seconds = 0;
    std::uint32_t modified_nanoseconds = 0;
    std::int64_t changed_seconds = 0;
    std::uint32_t changed_nanoseconds = 0;
    file_node* parent = nullptr;  ///< The root's is itself; null of what stands in its place.
    /// Of a directory; null for a file that was deleted.
    std::map<std::string, std::shared_ptr<file_node>, std::less<>> entries;

    /// The byte at an offset: of the text, or behind it a function of file and offset. It stays the
    /// same for as long as the file is the same, however it shrinks and grows.
    [[nodiscard]] char byte_at(std::uint64_t offset) const noexcept;
    /// The bytes from an offset on, as far as there are any.
    [[nodiscard]] std::string bytes(std::uint64_t offset, std::size_t count) const;
};

/// The simulated kernel's file system: a tree in memory, which a world makes before its server runs
/// and gives to it as the descriptor of open_root(). Descriptors are the network's, so that one
/// that is left open, or closed twice, is found.
///
/// The faults file_shrinks, file_grows, file_replaced and file_deleted strike the file that an
/// operation is about, just before it; a world may make the same changes when it likes. What a
/// client reads is right when it fits one of versions().
class sim_files {
   public:
    explicit sim_files(simulation& owner);
    ~sim_files();
    sim_files(const sim_files&) = delete;
    sim_files& operator=(const sim_files&) = delete;

    /// The one of the present run.
    [[nodiscard]] static sim_files& current() noexcept { return *active; }
    /// The path by which open(2) finds its root.
    static constexpr const char* root_path = "/simulated";

    // Made with all directories on the way; a path has no "." or "..".
    file_node& add_file(std::string_view path, std::uint64_t size);
    file_node& add_file(std::string_view path, std::string text);
    file_node& add_directory(std::string_view path);
    file_node& add_link(std::string_view path, std::string target);
    file_node& add_fifo(std::string_view path);

    /// Who keeps the descriptor closes it.
    [[nodiscard]] int open_root(network& wires) const;
    /// The same at its own path, where by fault::file_replaced another directory may be, with the
    /// same in it.
    [[nodiscard]] int look_up_root(network& wires);

    /// Null when nothing is there; links are not followed.
    [[nodiscard]] file_node* find(std::string_view path) const noexcept;
    /// Every file that has ever been at this path, the newest last.
    [[nodiscard]] std::span<const std::shared_ptr<file_node>> versions(std::string_view path) const;
    /// Whether a file was at this path all the time since then.
    [[nodiscard]] bool is_there_since(std::string_view path, time_point since) const;
    /// Whether another directory has ever been in the place of the root.
    [[nodiscard]] bool has_other_root() const noexcept { return has_other_root_; }

    // What others on the machine do to a file.
    void resize(file_node& file, std::uint64_t size);
    /// Its last change was so long ago: for files that nobody has asked for yet.
    void age(file_node& file, std::int64_t seconds);
    /// As cp(1) does with a file of the same size and date: only the time of its change tells.
    void write_again(file_node& file);
    /// Another file takes its path.
    file_node& replace(file_node& file, std::uint64_t size);
    void remove(file_node& file);

    // What the kernel asks.
    struct resolved {
        std::shared_ptr<file_node> node;
        int error = 0;  ///< An errno, and no node.
    };
    /// As openat2(2) does with RESOLVE_BENEATH, and with RESOLVE_NO_SYMLINKS unless links are
    /// followed.
    [[nodiscard]] resolved resolve(const file_node& from, std::string_view path,
                                   bool follows_links);
    /// Changes a file, as the faults want it.
    void strike(const std::shared_ptr<file_node>& file);
    static void fill_status(const file_node& from, struct statx& into) noexcept;

   private:
    struct walk {
        const file_node* beneath;
        const file_node* at;
        bool follows_links;
        unsigned links_left;
        std::shared_ptr<file_node> found;
    };

    [[nodiscard]] std::shared_ptr<file_node> make(file_node::kind kind, std::string path,
                                                  file_node& parent);
    file_node& add(file_node::kind kind, std::string_view path);
    [[nodiscard]] int follow(walk& on, std::string_view path);
    [[nodiscard]] int step(walk& on, std::string_view name, bool is_last);
    void touch(file_node& changed, std::int64_t seconds_ago = 0) noexcept;
    void keep_state(file_node& changed);

    static sim_files* active;

    simulation& simulation_;
    std::shared_ptr<file_node> root_;
    std::uint64_t next_inode_ = 1;
    bool has_other_root_ = false;
    std::map<std::string, std::vector<std::shared_ptr<file_node>>, std::less<>> versions_;
};

}  // namespace rouse::sim
