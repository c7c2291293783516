#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "protocols/http/files/cache_control.hpp"
#include "protocols/http/files/media_type.hpp"
#include "protocols/http/middleware/content_encoder.hpp"
#include "runtime/time/clock.hpp"

namespace rouse::http {

/// A folder of files, and how they are served.
struct file_site_options {
    std::string root;  ///< Nothing above it is ever served. See root_valid.
    /// What answers for a folder: the first of these names that it has.
    std::vector<std::string> index{"index.html"};
    /// The path, "/index.html", of what answers for each path that has no file: the page of an
    /// application that routes by itself. Empty: 404.
    std::string fallback{};
    bool listing = false;                    ///< Folders without an index show what is in them.
    bool dotfiles = false;                   ///< See resolve_site_path.
    bool symlinks = false;                   ///< Followed, as long as they stay below the root.
    bool precompressed = true;               ///< "a.css.br" answers for "a.css"; see file_site.
    bool compress = true;                    ///< Text for which there is no such file.
    std::size_t compress_bytes_min = 1'024;  ///< Smaller files gain nothing.
    std::size_t compress_bytes_max = std::size_t{1'024} * 1'024;
    /// How many files too large for the cache may be compressed at once while they are sent, each
    /// with an encoder of up to 2 MiB. The next is sent as it is.
    std::size_t compress_streams_max = 32;
    encoder_levels levels{};
    std::size_t cache_bytes_max = std::size_t{64} * 1'024 * 1'024;
    std::size_t cache_file_bytes_max = std::size_t{256} * 1'024;  ///< Larger ones are streamed.
    /// Those leave without a copy: for folders whose files are replaced and never changed in place.
    /// See file_delivery.
    bool send_files = false;
    milliseconds cache_valid{1'000};  ///< For so long a file is not looked at again.
    /// For so long the root is taken for the one that is at its path. Then another one, to which a
    /// link leads meanwhile, takes its place, and what was known of the files is forgotten.
    milliseconds root_valid{1'000};
    cache_rules cache_control{};
    media_types types{};
    /// False where several machines serve copies of the same files: their tags are the same then,
    /// and those of a file that was written in place with its size and date kept (rsync -t
    /// --inplace) too. True puts the time of its last change into tags with the inode.
    bool inode_in_tags = true;
};

inline constexpr std::size_t site_index_names_max = 8;

}  // namespace rouse::http
