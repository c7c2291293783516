#include "protocols/http/middleware/path_rule.hpp"

#include <algorithm>
#include <utility>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/request_target.hpp"

namespace rouse::http {
namespace {

using fault = std::unexpected<std::string>;

constexpr std::string_view rest_name = "rest";

// "/old/*" is "/old/{rest...}".
std::string to_pattern(std::string_view from) {
    std::string pattern(from);
    if (pattern.ends_with("/*")) {
        pattern.pop_back();
        pattern.append("{").append(rest_name).append("...}");
    }
    return pattern;
}

std::expected<std::vector<std::string>, std::string> parameters_of(std::string_view pattern) {
    const auto segments = parse_route_pattern(pattern);
    if (!segments) {
        return fault(segments.error().message());
    }
    std::vector<std::string> names;
    for (const route_segment& each : *segments) {
        if (each.type != route_segment::kind::literal) {
            names.emplace_back(each.text);
        }
    }
    return names;
}

// Every brace belongs to a {name} of the pattern.
std::string braces_fault(std::string_view text, const std::vector<std::string>& parameters) {
    for (std::size_t at = text.find_first_of("{}"); at != std::string_view::npos;
         at = text.find_first_of("{}", at + 1)) {
        const std::size_t end = text.find('}', at);
        if (text[at] == '}' || end == std::string_view::npos) {
            return "a brace has no partner";
        }
        const std::string_view name = text.substr(at + 1, end - at - 1);
        if (std::ranges::find(parameters, name) == parameters.end()) {
            return "{" + std::string(name) + "} is no parameter of the pattern";
        }
        at = end;
    }
    return {};
}

std::size_t origin_bytes(std::string_view text) noexcept {
    const std::size_t scheme = text.starts_with("https://")  ? 8
                               : text.starts_with("http://") ? 7
                                                             : 0;
    return scheme == 0 ? 0 : std::min(text.find_first_of("/?#", scheme), text.size());
}

}  // namespace

std::string to_own_path(std::string_view path) {
    std::string own = "/";
    own.reserve(path.size() + 1);
    path.remove_prefix(std::min(path.find_first_not_of("/\\"), path.size()));
    for (const char byte : path) {
        if (byte == '\\') {
            own += "%5C";
        } else {
            own += byte;
        }
    }
    return own;
}

target_text::parts target_text::split(std::string_view text) {
    parts made;
    while (!text.empty()) {
        const std::size_t open = text.find('{');
        part next{.text = std::string(text.substr(0, open)), .parameter = {}};
        text.remove_prefix(std::min(open, text.size()));
        if (!text.empty()) {
            const std::size_t close = text.find('}');
            next.parameter = text.substr(1, close - 1);
            text.remove_prefix(close + 1);
        }
        made.push_back(std::move(next));
    }
    return made;
}

void target_text::append(const parts& from, const route_params& params, std::string& out) {
    for (const part& each : from) {
        out += each.text;
        if (!each.parameter.empty()) {
            out += params.find(each.parameter).value_or(std::string_view());
        }
    }
}

std::expected<target_text, std::string> target_text::parse(
    std::string_view text, target_kind kind, const std::vector<std::string>& parameters) {
    if (text.size() > rule_target_bytes_max) {
        return fault("longer than " + std::to_string(rule_target_bytes_max) + " bytes");
    }
    const std::size_t hash = std::min(text.find('#'), text.size());
    if (!all_in(text.substr(0, hash), byte_class::target) ||
        !all_in(text.substr(std::min(hash + 1, text.size())), byte_class::target)) {
        return fault("has a byte that must be escaped with %");
    }
    if (text.contains('\\')) {
        return fault("has a backslash, which browsers take for a slash");
    }
    if (std::string wrong = braces_fault(text, parameters); !wrong.empty()) {
        return fault(std::move(wrong));
    }
    target_text made;
    const std::size_t origin = origin_bytes(text);
    made.origin_ = text.substr(0, origin);
    const std::size_t scheme = made.origin_.find("://");
    if (origin > 0 && (kind == target_kind::path || made.origin_.contains('{') ||
                       made.origin_.size() == scheme + 3 ||
                       !is_valid_host(std::string_view(made.origin_).substr(scheme + 3)))) {
        return fault(
            "a target is a path, or http:// or https:// with a host and no parameter in it");
    }
    if (hash != text.size() && kind == target_kind::path) {
        return fault("a path has no fragment");
    }
    const std::size_t question = std::min(text.substr(0, hash).find('?'), hash);
    const std::string_view path = text.substr(origin, question - origin);
    if ((origin == 0 && !path.starts_with('/')) || path.starts_with("//")) {
        return fault("a path begins with one slash");
    }
    made.path_ = split(path);
    if (question != hash) {
        made.query_ = split(text.substr(question + 1, hash - question - 1));
    }
    made.fragment_ = split(text.substr(hash));
    return made;
}

target_text::expanded target_text::expand(const route_params& params,
                                          std::string_view query) const {
    expanded made;
    std::string path;
    append(path_, params, path);
    made.path = origin_ + to_own_path(path);
    if (query_) {
        append(*query_, params, made.query);
    } else {
        made.query = query;
    }
    append(fragment_, params, made.fragment);
    return made;
}

std::expected<path_rule, std::string> path_rule::parse(std::string_view from, std::string_view to,
                                                       target_kind kind) {
    const std::string named = "rule " + std::string(from) + " -> " + std::string(to) + ": ";
    const std::string pattern = to_pattern(from);
    const auto parameters = parameters_of(pattern);
    if (!parameters) {
        return fault(named + parameters.error());
    }
    auto target = target_text::parse(to, kind, *parameters);
    if (!target) {
        return fault(named + target.error());
    }
    path_rule made;
    if (const auto added = made.pattern_.add(method_mask_all, pattern); !added) {
        return fault(named + added.error().message());
    }
    made.target_ = *std::move(target);
    return made;
}

std::optional<target_text::expanded> path_rule::apply(std::string_view path,
                                                      std::string_view query) const {
    const route_match found = pattern_.match(method::get, path);
    if (found.kind != route_outcome::found) {
        return std::nullopt;
    }
    return target_.expand(found.params, query);
}

}  // namespace rouse::http
