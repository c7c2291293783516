#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rouse::http {

/// PATH_MAX with its final NUL, NAME_MAX, and how deep a site goes: no file has a longer path.
inline constexpr std::size_t site_path_bytes_max = 4'095;
inline constexpr std::size_t site_name_bytes_max = 255;
inline constexpr std::size_t site_path_segments_max = 64;

/// What became of a request path.
enum class site_path_outcome : std::uint8_t {
    found,          ///< It names a place below the root; whether a file is there, the kernel says.
    malformed,      ///< No '/' in front, a broken escape, or %00.
    above_root,     ///< ".." leads out of the root.
    slash_in_name,  ///< %2F.
    hidden,         ///< A name begins with '.', and such files are not served.
    too_long,       ///< Past one of the limits above.
};

/// 400 for what no client in good faith sends: malformed, above_root. 404 for the rest, which are
/// proper names of nothing that is here; that a file is hidden must not be told from that it is not
/// there. 200 when found.
[[nodiscard]] int status_of(site_path_outcome found) noexcept;

/// A place below the root of a site.
struct site_path {
    site_path_outcome outcome = site_path_outcome::malformed;
    bool is_folder = false;  ///< It ended with a slash, or with a dot segment.
    std::string file;        ///< "a/b.html", without slashes around; "." is the root itself.
};

/// Turns the raw path of a request, /a/%62.html, into a path relative to the root of a site, fit
/// for openat2(2) with RESOLVE_BENEATH. Each byte is decoded once, each segment on its own:
/// - Segments that are empty or "." vanish, and ".." takes the one before it away (RFC 3986, 5.2.4
///   and 6.2.2.3), before any file is looked at. So "/a//b", "/a/./b" and "/a/x/../b" are all
///   "a/b", as nginx and Caddy have it, without a redirect.
/// - An escaped dot is a dot (RFC 3986, 6.2.2.2): "%2e%2e" is "..".
/// - ".." at the root is refused, although RFC 3986 would drop it: every client drops it before it
///   asks, so only an attack has it.
/// - An escaped slash is part of a name (RFC 3986, 2.2), and no file has such a name. NUL ends a
///   name for the kernel, and is refused. A backslash, control bytes and what is no UTF-8 are bytes
///   like others.
/// - Hidden is a name that begins with '.', unless `allow_dotfiles`; but "/.well-known" is where
/// RFC
///   8615 puts what must be served. What ".." has taken away does not count.
[[nodiscard]] site_path resolve_site_path(std::string_view path, bool allow_dotfiles);

/// The request path of such a place, "/a/b.html", "/a/" for a folder: for a Location. Made from
/// what was resolved and not from what was received, it cannot begin with "//" and lead to another
/// host.
[[nodiscard]] std::string request_path_of(std::string_view file, bool is_folder);

}  // namespace rouse::http
