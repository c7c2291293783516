#include "protocols/http/files/cache_control.hpp"

#include <algorithm>

#include "protocols/http/byte_class.hpp"

namespace rouse::http {
namespace {

std::string_view take_token(std::string_view& rest) noexcept {
    std::size_t bytes = 0;
    while (bytes < rest.size() && is_in(rest[bytes], byte_class::token)) {
        ++bytes;
    }
    const std::string_view taken = rest.substr(0, bytes);
    rest.remove_prefix(bytes);
    return taken;
}

// RFC 9110, 5.6.4: '"' *( qdtext / quoted-pair ) '"'.
bool take_quoted_string(std::string_view& rest) noexcept {
    for (std::size_t at = 1; at < rest.size(); ++at) {
        if (rest[at] == '"') {
            rest.remove_prefix(at + 1);
            return true;
        }
        if (rest[at] == '\\') {
            ++at;
        }
        if (at == rest.size() || !is_in(rest[at], byte_class::field_value)) {
            return false;
        }
    }
    return false;
}

bool take_directive(std::string_view& rest) noexcept {
    if (take_token(rest).empty()) {
        return false;
    }
    if (!rest.starts_with('=')) {
        return true;
    }
    rest.remove_prefix(1);
    return rest.starts_with('"') ? take_quoted_string(rest) : !take_token(rest).empty();
}

}  // namespace

bool is_cache_control(std::string_view value) noexcept {
    while (take_directive(value)) {
        if (value.empty()) {
            return true;
        }
        value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
        if (!value.starts_with(',')) {
            return false;
        }
        value.remove_prefix(1);
        value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    }
    return false;
}

bool cache_rules::add(std::string_view pattern, std::string_view value) {
    const std::size_t star = pattern.find('*');
    if ((!pattern.starts_with('/') && star != 0) || star != pattern.rfind('*') ||
        !is_cache_control(value) || rules_.size() == cache_rules_max ||
        pattern.size() > cache_rule_bytes_max || value.size() > cache_rule_bytes_max) {
        return false;
    }
    const bool has_star = star != std::string_view::npos;
    rules_.push_back({.begin = std::string(pattern.substr(0, star)),
                      .end = std::string(has_star ? pattern.substr(star + 1) : ""),
                      .has_star = has_star,
                      .value = std::string(value)});
    return true;
}

std::optional<std::string_view> cache_rules::find(std::string_view path) const noexcept {
    for (const rule& each : rules_) {
        const std::size_t fixed_bytes = each.begin.size() + each.end.size();
        const bool fits = each.has_star ? path.size() >= fixed_bytes : path.size() == fixed_bytes;
        if (fits && path.starts_with(each.begin) && path.ends_with(each.end)) {
            return each.value;
        }
    }
    return std::nullopt;
}

}  // namespace rouse::http
