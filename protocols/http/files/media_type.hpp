#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rouse::http {

/// Of files whose extension nobody knows.
inline constexpr std::string_view media_type_default = "application/octet-stream";

/// The longest extension that has a media type, without its dot.
inline constexpr std::size_t extension_bytes_max = 16;

/// How many entries a server may add to the table.
inline constexpr std::size_t media_types_added_max = 1'024;

/// What stands behind the last dot of the last segment: "html" of "a/b.html". Empty without a dot,
/// and for a name whose only dot is its first byte.
[[nodiscard]] std::string_view extension_of(std::string_view path) noexcept;

/// The media type of files with this extension, in any case of its letters, from the table of what
/// the web uses today; text has charset=utf-8. Empty when it is not there. The view lives for ever.
[[nodiscard]] std::string_view builtin_media_type(std::string_view extension) noexcept;

/// True for what a content coding makes smaller: text and formats made of text, WebAssembly and
/// uncompressed images and fonts. Parameters do not count.
[[nodiscard]] bool is_compressible(std::string_view media_type) noexcept;

/// The table, and what the configuration adds to it or puts in its place.
class media_types {
   public:
    /// At start-up only: views that of() gave before are not valid then. False, and nothing added,
    /// when the extension is not 1 to extension_bytes_max letters, digits, '-', '_' or '+', when
    /// the type is not "type/subtype" with a value's bytes behind it, or past
    /// media_types_added_max.
    [[nodiscard]] bool add(std::string_view extension, std::string_view media_type);

    /// The media type of a file by its path or name; media_type_default when it has no extension or
    /// an unknown one. The view lives as long as the object is there and unchanged.
    [[nodiscard]] std::string_view of(std::string_view path) const noexcept;

   private:
    struct entry {
        std::string extension;
        std::string media_type;
    };

    std::vector<entry> added_;  // Sorted by extension.
};

}  // namespace rouse::http
