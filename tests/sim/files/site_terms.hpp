#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/files/file_request.hpp"
#include "tests/sim/files/tag_book.hpp"
#include "tests/sim/sim_files.hpp"

namespace rouse::sim {

/// How the files are served, as far as an answer shows it.
struct site_terms {
    bool is_plain = true;  ///< By plain_site: with nothing of what follows.
    bool follows_links = false;
    bool has_siblings = false;  ///< "a.css.br" answers for "a.css".
    bool makes_codings = false;
    bool lists_folders = false;
    std::vector<std::string_view> index_names;
    std::string_view fallback;         ///< A path; empty for none.
    std::uint64_t made_bytes_min = 0;  ///< Files of these sizes may be coded.
    std::uint64_t made_bytes_max = 0;
    std::uint64_t kept_bytes_max = 0;  ///< What is coded of larger ones is streamed.
    std::uint64_t streams_max = 0;     ///< Of so many at once; the next is sent as it is.
    duration stale_max{};              ///< So old may be what is answered.
};

/// A file that may answer a request.
struct served_place {
    std::string path;  ///< Where sim_files has it.
    std::string name;  ///< By which its type and its rules go.

    [[nodiscard]] std::string_view content_type() const noexcept;
    /// Empty when no rule is for it.
    [[nodiscard]] std::string_view cache_control() const noexcept;
    [[nodiscard]] bool is_negotiated(const site_terms& site) const noexcept;
};

/// The patterns and values behind served_place::cache_control.
struct cache_rule {
    std::string_view pattern;
    std::string_view value;
};
inline constexpr cache_rule cache_rules_of_site[] = {{"*.css", "max-age=60"},
                                                     {"/folder/*", "no-cache"}};

/// What may answer a request.
struct places_due {
    std::vector<served_place> places;
    bool may_be_none = false;  ///< 404.
    bool may_redirect = false;
    bool may_list = false;
};

/// `since`: what was there from then on may answer. When the server is not `calm`, opening may have
/// failed as if nothing was there.
[[nodiscard]] places_due find_places(const known_target& asked, const site_terms& site,
                                     const sim_files& files, time_point since, bool is_calm);

}  // namespace rouse::sim
