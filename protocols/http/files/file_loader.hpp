#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "protocols/http/files/accept_encoding.hpp"
#include "protocols/http/files/cached_file.hpp"
#include "protocols/http/files/file_cache.hpp"
#include "protocols/http/files/file_site_options.hpp"
#include "protocols/http/files/load_turns.hpp"
#include "protocols/http/files/site_path.hpp"
#include "protocols/http/files/turn_clock.hpp"
#include "runtime/fs/directory.hpp"
#include "runtime/fs/file.hpp"
#include "runtime/fs/file_block.hpp"
#include "runtime/task/task.hpp"

namespace rouse::http {

/// What became of a place in a site.
struct loaded_file {
    /// 200; 301 for a folder that was asked for without its slash; else why there is none.
    int status = 200;
    std::shared_ptr<cached_file> known;     ///< These when 200,
    std::shared_ptr<file_content> content;  ///< in the coding to send,
    std::optional<file> opened;             ///< and this when the content has no bytes: its file,
                                            ///< or the one to compress for it.
};

/// The status that stands for a failure to open, look at or read a file: 404 for what is not there
/// or leads out of the root, 403 for what may not be read, 503 for what may work later, else 500.
[[nodiscard]] int status_of(std::error_code failed) noexcept;

/// Opens, looks at and reads the files of a site, and keeps in its cache what it finds. One thread.
/// Must not outlive the reactor; its tasks must not outlive it.
class file_loader {
   public:
    /// `options` outlive it.
    file_loader(const reactor& io, directory root, const file_site_options& options)
        : root_(std::move(root)),
          options_(options),
          clock_(io),
          root_looked_up_(clock_.now()),
          cache_(options.cache_bytes_max) {}

    /// The file of a place that was found, validated after this was called or, when somebody was at
    /// it, while it waited. Throws bad_alloc.
    [[nodiscard]] task<loaded_file> load(site_path place, accepted_codings accepted);

    [[nodiscard]] bool is_fresh(const cached_file& known) noexcept {
        return clock_.now() - known.validated < options_.cache_valid;
    }
    /// What to send of a file that is fresh; null when that is not known without looking.
    [[nodiscard]] const std::shared_ptr<file_content>* find_content(
        const cached_file& known, const accepted_codings& accepted) const noexcept;

    [[nodiscard]] file_cache& cache() noexcept { return cache_; }
    [[nodiscard]] const file_cache& cache() const noexcept { return cache_; }
    [[nodiscard]] file_blocks& blocks() const noexcept { return *blocks_; }
    [[nodiscard]] turn_clock& clock() noexcept { return clock_; }

   private:
    // An open file and what it is.
    struct open_file {
        std::string path;
        file opened;
        file_status status;
    };
    // The coding to send, and its file when it was opened for that.
    struct settled_coding {
        content_coding coding = content_coding::identity;
        std::optional<file> opened;
    };

    [[nodiscard]] task<> look_up_root();
    [[nodiscard]] task<result<open_file>> open(std::string path) const;
    [[nodiscard]] task<result<open_file>> open_regular(std::string path) const;
    [[nodiscard]] task<result<open_file>> open_index(std::string folder) const;
    [[nodiscard]] task<result<loaded_file>> look(site_path place, accepted_codings accepted,
                                                 bool is_last);
    [[nodiscard]] std::shared_ptr<cached_file> admit(std::string key, const open_file& found,
                                                     time_point began, file_time wall);
    [[nodiscard]] task<result<settled_coding>> settle_coding(std::shared_ptr<cached_file> known,
                                                             accepted_codings accepted,
                                                             const file& plain);
    [[nodiscard]] task<std::optional<file>> look_for_sibling(std::shared_ptr<cached_file> known,
                                                             content_coding coding);
    [[nodiscard]] task<result<>> make_coded(std::shared_ptr<cached_file> known,
                                            content_coding coding, const file& plain);
    [[nodiscard]] task<result<>> read_bytes(const file& opened, std::shared_ptr<cached_file> known,
                                            std::shared_ptr<file_content> content);
    [[nodiscard]] bool is_cacheable(std::uint64_t bytes) const noexcept;
    [[nodiscard]] coding_state state_without_sibling(const cached_file& known) const noexcept;

    directory root_;
    const file_site_options& options_;
    turn_clock clock_;
    time_point root_looked_up_;
    std::uint64_t roots_replaced_ = 0;
    file_cache cache_;
    file_blocks::handle blocks_ = file_blocks::make();
    load_turns turns_;
};

/// The key of a place in the cache.
[[nodiscard]] std::string cache_key_of(const site_path& place);

}  // namespace rouse::http
