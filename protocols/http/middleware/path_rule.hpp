#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/http/route_match.hpp"
#include "protocols/http/route_table.hpp"

namespace rouse::http {

inline constexpr std::size_t path_rules_max = 256;  ///< One after the other is asked.
inline constexpr std::size_t rule_target_bytes_max = 2'048;

/// What a target may be.
enum class target_kind : std::uint8_t {
    path,             ///< "/new/{rest}?a=b": of a rewrite.
    path_or_address,  ///< That, with a fragment, or "https://host/new/{rest}": of a redirect.
};

/// Where a rule leads, before its parameters are put in. They go into the path, query and fragment
/// only, so that a request has no part in which host it is sent to.
class target_text {
   public:
    /// Takes apart what parse_path_rule has found good.
    [[nodiscard]] static std::expected<target_text, std::string> parse(
        std::string_view text, target_kind kind, const std::vector<std::string>& parameters);

    struct expanded {
        std::string path;  ///< With the origin before it, if the target has one.
        std::string query;
        std::string fragment;  ///< With its '#'; empty when there is none.
    };
    /// The target with its parameters put in as they came, and `query` unless it has a query of its
    /// own. A path begins with exactly one slash, and backslashes are escaped: browsers take "//"
    /// and
    /// "/\" for the beginning of a host (URL Standard, 4.4, "relative slash state").
    [[nodiscard]] expanded expand(const route_params& params, std::string_view query) const;

   private:
    struct part {
        std::string text;       // Literal text, and after it
        std::string parameter;  // this, unless it is empty.
    };
    using parts = std::vector<part>;

    static parts split(std::string_view text);
    static void append(const parts& from, const route_params& params, std::string& out);

    std::string origin_;
    parts path_;
    std::optional<parts> query_;
    parts fragment_;
};

/// A path without the ways of writing it that browsers take for another host: see
/// target_text::expand. Any bytes of a request target may be in `path`.
[[nodiscard]] std::string to_own_path(std::string_view path);

/// One rule: which paths, and where they lead.
class path_rule {
   public:
    /// `from` is "/exact", "/users/{id}", "/files/{name...}", or "/old/*", whose rest is {rest}:
    /// see parse_route_pattern. `to` names parameters of it as {id}. Errors: in words, both named.
    [[nodiscard]] static std::expected<path_rule, std::string> parse(std::string_view from,
                                                                     std::string_view to,
                                                                     target_kind kind);

    /// Where this path leads; nothing when the rule is not for it. The query is kept unless the
    /// target has one.
    [[nodiscard]] std::optional<target_text::expanded> apply(std::string_view path,
                                                             std::string_view query) const;

   private:
    path_rule() = default;

    route_table pattern_;
    target_text target_;
};

}  // namespace rouse::http
