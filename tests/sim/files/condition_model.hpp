#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/files/tag_book.hpp"

namespace rouse::sim {

/// What stands in If-Match or If-None-Match.
struct tags_asked {
    bool is_any = false;
    bool is_malformed = false;
    std::vector<std::string> tags;  ///< As they are written, W/ in front of weak ones.
};

/// A tag that no server has made begins so.
inline constexpr std::string_view foreign_tag = "\"foreign";

/// A date, or what is none.
struct date_asked {
    std::optional<std::int64_t> seconds;
};

/// The conditions of a request. RFC 9110, 13.1.
struct conditions_asked {
    std::optional<tags_asked> match;
    std::optional<tags_asked> none_match;
    std::optional<date_asked> modified_since;
    std::optional<date_asked> unmodified_since;
    std::optional<std::string> range_tag;  ///< Of If-Range; at most one of these two.
    std::optional<date_asked> range_date;
};

/// What conditions are compared with, as far as it is known.
struct validators {
    std::string_view tag;  ///< Empty when it was not seen yet.
    bool is_weak = false;  ///< Such is the tag, seen or not.
    std::int64_t modified = 0;
    std::int64_t earliest = 0;  ///< The server's time was one from here
    std::int64_t latest = 0;    ///< to there.
};

/// What conditions may come to, as bits: more than one where that is not known.
enum condition_outcome : std::uint8_t {
    serve_whole = 1,
    serve_ranges = 2,
    not_modified = 4,
    precondition_failed = 8,
};

/// In the order of RFC 9110, 13.2.2, for GET and HEAD. The book has the tags that stand for
/// something else. `has_ranges` is false for HEAD.
[[nodiscard]] std::uint8_t outcomes_of(const conditions_asked& asked, bool has_ranges,
                                       const validators& of, const tag_book& book);

}  // namespace rouse::sim
