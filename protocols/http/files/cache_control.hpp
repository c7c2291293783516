#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rouse::http {

/// Usual values of Cache-Control. See RFC 9111, 5.2.2 and RFC 8246.
namespace cache_control {
inline constexpr std::string_view immutable = "public, max-age=31536000, immutable";
inline constexpr std::string_view revalidate = "no-cache";
inline constexpr std::string_view never = "no-store";
}  // namespace cache_control

inline constexpr std::size_t cache_rules_max = 64;
inline constexpr std::size_t cache_rule_bytes_max = 256;

/// True for a list of directives, token [ "=" ( token / quoted-string ) ], one at least. What they
/// mean is not looked at. See RFC 9111, 5.2.
[[nodiscard]] bool is_cache_control(std::string_view value) noexcept;

/// Which Cache-Control the files of a site get, by path. A pattern has at most one '*', which
/// stands for any bytes, slashes too: "*.css", "/assets/*", "/assets/*.js", "/index.html", "*".
class cache_rules {
   public:
    /// At start-up only: views that find() gave before are not valid then. False, and nothing
    /// added, when the pattern does not begin with '/' or '*' or has a second '*', when the value
    /// is not is_cache_control, or past cache_rules_max or cache_rule_bytes_max.
    [[nodiscard]] bool add(std::string_view pattern, std::string_view value);

    /// The value of the first rule that matches the path, which is decoded and begins with '/'. The
    /// view lives as long as the object is there and unchanged.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view path) const noexcept;

   private:
    struct rule {
        std::string begin;
        std::string end;
        bool has_star = false;
        std::string value;
    };

    std::vector<rule> rules_;
};

}  // namespace rouse::http
