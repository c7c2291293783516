#include "protocols/http/middleware/path_prefixes.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "protocols/http/files/accept_encoding.hpp"
#include "protocols/http/target.hpp"

namespace rouse::http {
namespace {

// Of what file_site takes for the file, compressed beforehand.
bool is_sibling_suffix(std::string_view text) noexcept {
    constexpr std::array codings{content_coding::gzip, content_coding::br, content_coding::zstd};
    return std::ranges::find(codings, text, suffix_of) != codings.end();
}

// A decoded path with slashes merged and without "." segments. Nothing when it has a ".." segment:
// what that leads to depends on who resolves it, before or after which of the other steps.
std::optional<std::string> plain_reading(std::string_view path) {
    std::string result;
    while (!path.empty()) {
        path.remove_prefix(1);  // The slash.
        const std::size_t end = std::min(path.find('/'), path.size());
        const std::string_view segment = path.substr(0, end);
        path.remove_prefix(end);
        if (segment == "..") {
            return std::nullopt;
        }
        if (!segment.empty() && segment != ".") {
            result.append("/").append(segment);
        }
    }
    return result;
}

std::expected<std::string, std::string> parse_prefix(const std::string& text) {
    if (!text.starts_with('/')) {
        return std::unexpected("path \"" + text + "\": begins with no slash");
    }
    if (text.contains('%')) {
        return std::unexpected("path \"" + text + "\": write it without escapes");
    }
    std::string prefix = text;
    if (prefix.ends_with('/')) {
        prefix.pop_back();
    }
    if (plain_reading(prefix) != prefix) {
        return std::unexpected("path \"" + text + "\": has an empty segment or one of dots");
    }
    return prefix;
}

}  // namespace

std::expected<path_prefixes, std::string> path_prefixes::parse(
    const std::vector<std::string>& texts) {
    if (texts.empty() || texts.size() > path_prefixes_max) {
        return std::unexpected("paths: 1 to " + std::to_string(path_prefixes_max));
    }
    path_prefixes made;
    for (const std::string& each : texts) {
        auto prefix = parse_prefix(each);
        if (!prefix) {
            return std::unexpected(std::move(prefix).error());
        }
        made.prefixes_.push_back(*std::move(prefix));
    }
    return made;
}

bool path_prefixes::contain_reading(std::string_view path) const noexcept {
    return std::ranges::any_of(prefixes_, [path](const std::string& prefix) {
        if (!path.starts_with(prefix)) {
            return false;
        }
        const std::string_view rest = path.substr(prefix.size());
        return rest.empty() || rest.front() == '/' || is_sibling_suffix(rest);
    });
}

bool path_prefixes::contain(std::string_view raw_path) const {
    if (!raw_path.starts_with('/') || contain_reading(raw_path)) {
        return true;
    }
    const std::optional<std::string> decoded = percent_decode(raw_path);
    const std::optional<std::string> plain = decoded ? plain_reading(*decoded) : std::nullopt;
    return !plain || contain_reading(*plain);
}

}  // namespace rouse::http
