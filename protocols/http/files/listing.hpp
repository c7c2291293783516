#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace rouse::http {

/// How many entries a page shows; a folder with more is shown in part, and the page says so.
inline constexpr std::size_t listing_entries_max = 10'000;

/// One name in a folder.
struct listing_entry {
    std::string name;
    bool is_folder = false;
    std::uint64_t size_bytes = 0;       ///< Of a file; not shown for a folder.
    std::int64_t modified_seconds = 0;  ///< Since 1970.
};

/// What a page shows. Its entries are in the order of sort_listing.
struct folder_listing {
    std::string_view folder;  ///< Below the root, as site_path::file: "a/b", or "." for the root.
    std::span<const listing_entry> entries;
    bool is_cut = false;  ///< The folder has more entries than these.
};

/// Folders first, then by the bytes of their names.
void sort_listing(std::span<listing_entry> entries) noexcept;

/// The Content-Security-Policy of the page that to_html makes: nothing but its own style, by hash.
inline constexpr std::string_view listing_security_policy =
    "default-src 'none'; style-src 'sha256-Xqypar0gz3lzS7gOOki6ksTgg7HIBDtFvTAUbQfdnYE='; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A page of HTML, in UTF-8. It has no script, links by relative references only, and shows the
/// first listing_entries_max entries.
[[nodiscard]] std::string to_html(const folder_listing& listing);

/// The same as JSON: {"path":"/a/","cut":false,"entries":[{"name":"b.txt","href":"b.txt",
/// "type":"file","size":1,"modified":"1994-11-06T08:49:37Z"}]}. "type" is "file" or "directory",
/// which has no size. "href" is what to append to the folder's URL: also for a name that is no
/// UTF-8, which "name" cannot tell.
[[nodiscard]] std::string to_json(const folder_listing& listing);

}  // namespace rouse::http
