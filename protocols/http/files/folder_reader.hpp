#pragma once

#include <string>

#include "runtime/base/result.hpp"

namespace rouse::http {

/// Reads a folder of a site, with system calls that wait for a disk, and makes a page of it: for a
/// thread of its own. Owns what it uses.
struct folder_reader {
    std::string root;       ///< The absolute path of that of the site.
    std::string folder;     ///< Below it, as site_path::file.
    bool dotfiles = false;  ///< Else names that begin with '.' are left out.
    bool symlinks = false;  ///< Else they are left out.
    bool as_json = false;   ///< Else as HTML.

    /// Files and folders that may be asked for, up to listing_entries_max. Errors: errno of
    /// open(2), openat2(2) and readdir(3). Throws bad_alloc.
    [[nodiscard]] result<std::string> operator()() const;
};

}  // namespace rouse::http
