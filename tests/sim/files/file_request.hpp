#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/files/condition_model.hpp"
#include "tests/sim/files/range_model.hpp"
#include "tests/sim/files/tag_book.hpp"
#include "tests/sim/random_source.hpp"

namespace rouse::sim {

/// What stands at a path of the simulated site.
enum class target_kind : std::uint8_t {
    file,
    link,         ///< To `path`; a file where links are followed.
    folder,       ///< With a slash at its end.
    bare_folder,  ///< Without it.
    nothing,
    bad,  ///< Malformed, or it leads out: 400 or 404.
};

struct known_target {
    std::string_view target;  ///< As it goes over the wire.
    target_kind is = target_kind::file;
    std::string_view path{};  ///< Where sim_files has it; without the slash of a folder.
    std::uint64_t size_max = 0;
    bool is_text = false;
};

/// A list of codings with weights, and what it means. RFC 9110, 12.5.3.
struct codings_asked {
    std::optional<std::string> text;
    std::array<unsigned, 4> weights{};  ///< In thousandths; 0 for what is not acceptable.

    [[nodiscard]] unsigned weight(coding of) const noexcept {
        return weights[static_cast<std::size_t>(of)];
    }
};

/// A request for a file.
struct file_request {
    const known_target* at = nullptr;
    std::string query;  ///< With its question mark.
    bool is_head = false;
    std::vector<range_asked> ranges;
    bool has_odd_range = false;  ///< A Range that means nothing.
    conditions_asked conditions;
    codings_asked codings;
    std::string accept;

    /// As it goes over the wire.
    [[nodiscard]] std::string to_text() const;
};

/// What a client has seen of a path.
struct seen_before {
    std::vector<std::string> tags;  ///< The latest last.
    std::optional<std::int64_t> modified;
};

/// Asks for `at`. A plain server knows one range and one tag of If-None-Match.
[[nodiscard]] file_request draw_request(random_source& draw, const known_target& at, bool is_plain);
/// Adds conditions, made of what was seen.
void draw_conditions(random_source& draw, const seen_before& seen, std::int64_t now, bool is_plain,
                     file_request& into);

}  // namespace rouse::sim
