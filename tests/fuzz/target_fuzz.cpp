#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/http/request_target.hpp"
#include "protocols/http/route_table.hpp"
#include "protocols/http/target.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::http;
using rouse::fuzz::require;

void check_decoding(std::string_view text) {
    const auto decoded = percent_decode(text);
    const auto form = form_decode(text);
    require(decoded.has_value() == form.has_value());
    if (decoded) {
        require(decoded->size() == form->size() && decoded->size() <= text.size());
        const auto escapes = std::ranges::count(text, '%');
        require(decoded->size() + 2 * static_cast<std::size_t>(escapes) == text.size());
    }
    std::size_t pair_bytes = 0;
    for (const query_pair& pair : query_pairs(text)) {
        require(find_query(text, pair.key).has_value());
        pair_bytes += pair.key.size() + pair.value.size();
    }
    require(pair_bytes <= text.size());
    if (const auto parts = split_absolute_target(text)) {
        require(is_valid_host(parts->authority) && parts->path.starts_with('/'));
    }
}

// The simplest meaning of a pattern, to compare the table with: does it match, segment by segment?
bool matches(const std::vector<route_segment>& pattern, std::string_view path) {
    if (!path.starts_with('/')) {
        return false;
    }
    std::size_t at = 1;
    for (const route_segment& segment : pattern) {
        if (at > path.size()) {
            return false;
        }
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view part = path.substr(at, end - at);
        switch (segment.type) {
            case route_segment::kind::rest:
                return true;
            case route_segment::kind::parameter:
                if (part.empty()) {
                    return false;
                }
                break;
            case route_segment::kind::literal:
                if (part != segment.text) {
                    return false;
                }
                break;
        }
        at = end + 1;
    }
    return at == path.size() + 1;
}

void check_table(const std::vector<std::string_view>& patterns, std::string_view path) {
    route_table table;
    for (const std::string_view pattern : patterns) {
        const auto added = table.add(method::get, pattern);
        require(!added || table.pattern(*added) == pattern);
    }
    bool expected = false;
    for (std::size_t index = 0; index < table.size(); ++index) {
        expected = expected || matches(parse_route_pattern(table.pattern(index)).value(), path);
    }
    const route_match found = table.match(method::head, path);
    require((found.kind == route_outcome::found) == expected);
    const route_match refused = table.match(method::post, path);
    require((refused.kind == route_outcome::method_not_allowed) == expected);
    if (!expected) {
        return;
    }
    const auto segments = parse_route_pattern(table.pattern(found.index)).value();
    require(matches(segments, path));
    // Putting the parameters back into the pattern gives the path again.
    std::string rebuilt;
    std::size_t next = 0;
    for (const route_segment& segment : segments) {
        rebuilt += '/';
        rebuilt += segment.type == route_segment::kind::literal ? segment.text
                                                                : found.params[next++].value;
    }
    require(next == found.params.size() && rebuilt == path);
}

}  // namespace

// The first line is a path or a query; each further line is a pattern.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::string_view> lines;
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        lines.push_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (lines.empty()) {
        return 0;
    }
    const std::string_view text = lines.front();
    lines.erase(lines.begin());
    check_decoding(text);
    check_table(lines, text);
    return 0;
}
