#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace rouse::http {

inline constexpr std::size_t path_prefixes_max = 256;

/// Parts of the tree of paths that something holds for, such as a password. "/admin" is "/admin"
/// itself and all below it, not "/administrator"; "/" is everything. A path is in it as it came, or
/// as a file server may read it: escapes decoded, slashes merged, "." segments removed (RFC 3986,
/// 6.2.2). One with a ".." segment is in every tree: browsers send none, and what it leads to
/// depends on who resolves it. So there is no way round by spelling. A file in it takes what a file
/// server has of it in other codings along: "/a.css" is "/a.css.gz", "/a.css.br" and "/a.css.zst"
/// too.
class path_prefixes {
   public:
    /// Each is a decoded path. Errors: one that does not begin with '/', has an escape, a dot
    /// segment or an empty one; more than path_prefixes_max; none.
    [[nodiscard]] static std::expected<path_prefixes, std::string> parse(
        const std::vector<std::string>& texts);

    /// Also true for a path with a ".." segment, one that cannot be decoded, and "*".
    [[nodiscard]] bool contain(std::string_view raw_path) const;

   private:
    [[nodiscard]] bool contain_reading(std::string_view path) const noexcept;

    std::vector<std::string> prefixes_;  // Without the last slash: "/" is empty.
};

}  // namespace rouse::http
