#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/http/files/accept_encoding.hpp"
#include "protocols/http/files/entity_tag.hpp"
#include "protocols/http/response.hpp"
#include "runtime/base/intrusive_list.hpp"
#include "runtime/base/shared_bytes.hpp"
#include "runtime/fs/file_status.hpp"
#include "runtime/time/clock.hpp"

namespace rouse::http {

class file_cache;

/// One representation of a file: its bytes in one coding, and what is said of them. Does not change
/// once its bytes are there; another state of the file is another object.
struct file_content {
    file_status source;       ///< Of the file that the bytes are in, or are made of.
    bool is_settled = false;  ///< See is_settled().
    bool is_made = false;     ///< Compressed here, and not read from a file.
    /// The coding that is made while it is sent, each time anew; nothing for all others.
    std::optional<content_coding> streamed;
    std::uint64_t size_bytes = 0;  ///< What is streamed: of its source.
    std::string tag;               ///< With its quotes; weak when it is streamed.
    std::int64_t modified_seconds = 0;
    /// Of a 200, without Content-Type.
    std::shared_ptr<const shared_headers> headers;
    std::optional<shared_bytes> bytes;  ///< None when it is too large, or not read yet.

    [[nodiscard]] entity_tag entity() const noexcept {
        const std::size_t begin = streamed ? 3 : 1;  // Behind W/ and the quote.
        return {.opaque = std::string_view(tag).substr(begin, tag.size() - begin - 1),
                .weak = streamed.has_value()};
    }
};

/// What is known of a file in a coding other than identity.
enum class coding_state : std::uint8_t {
    unknown,   ///< Not looked for yet.
    absent,    ///< There is none, and none will be made.
    sibling,   ///< There is a file with these bytes, "a.css.br".
    possible,  ///< There is no such file; it may be made here.
    made,      ///< It was made here.
    streamed,  ///< There is no such file; it may be made here while it is sent.
};

/// What is known of the file that answers one request path. Of a worker.
struct cached_file : intrusive_link<file_cache> {
    std::string key;   ///< The request path, resolved, without the slash in front: "a/b", "a/", "".
    std::string path;  ///< Of the file, below the root: "a/index.html".
    std::string_view content_type;
    std::string_view cache_control;  ///< Empty when no rule is for it.
    bool is_negotiated = false;      ///< It may have other codings: RFC 9110, 12.5.5.
    bool is_incompressible = false;  ///< It was tried.
    file_status status;
    bool is_settled = false;
    time_point validated{};  ///< When its status was asked for last.
    std::array<coding_state, content_coding_count> states{};
    /// That of identity is always there.
    std::array<std::shared_ptr<file_content>, content_coding_count> contents;

    std::size_t counted_bytes = 0;  ///< By its cache; 0 when it is in none.

    [[nodiscard]] coding_state& state(content_coding coding) noexcept {
        return states[static_cast<std::size_t>(coding)];
    }
    [[nodiscard]] coding_state state(content_coding coding) const noexcept {
        return states[static_cast<std::size_t>(coding)];
    }
    [[nodiscard]] std::shared_ptr<file_content>& content(content_coding coding) noexcept {
        return contents[static_cast<std::size_t>(coding)];
    }
    [[nodiscard]] const std::shared_ptr<file_content>& content(
        content_coding coding) const noexcept {
        return contents[static_cast<std::size_t>(coding)];
    }
};

/// The coding to send, as far as is known: one whose state is unknown or possible is to be looked
/// for or made first, and then this is asked again. Files that are there are preferred to what
/// would be made, then br to zstd to gzip.
[[nodiscard]] content_coding choose_coding(const cached_file& from,
                                           const accepted_codings& accepted) noexcept;

/// False when the file changed so shortly before that it may change again without another time
/// stamp, which comes from a clock with coarse ticks: what was read is then not to be taken for the
/// same later on. See inode_timestamps(7) and CONFIG_HZ.
[[nodiscard]] bool is_settled(const file_status& status, file_time now) noexcept;

/// The time of day.
[[nodiscard]] file_time wall_time() noexcept;

/// What is said of a file in a coding that has these bytes or is made of them; not yet the bytes.
/// `now` is not later than when `source` was asked for. `inode_in_tag`: see file_site_options.
[[nodiscard]] std::shared_ptr<file_content> make_content(const cached_file& of,
                                                         const file_status& source,
                                                         content_coding coding, file_time now,
                                                         bool inode_in_tag);

}  // namespace rouse::http
