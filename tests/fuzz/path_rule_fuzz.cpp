#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/middleware/path_prefixes.hpp"
#include "protocols/http/middleware/path_rule.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::http;
using rouse::fuzz::require;

// How the authority of a Location begins and ends, as a browser reads it (URL Standard, 4.4).
std::string_view authority_of(std::string_view location) {
    const std::size_t scheme = location.starts_with("https://")  ? 8
                               : location.starts_with("http://") ? 7
                                                                 : 0;
    const std::string_view rest = location.substr(scheme);
    return scheme == 0 ? std::string_view() : rest.substr(0, rest.find_first_of("/\\?#"));
}

void check_target(std::string_view from, std::string_view to, std::string_view path,
                  target_kind kind) {
    const auto rule = path_rule::parse(from, to, kind);
    if (!rule) {
        require(!rule.error().empty());
        return;
    }
    const auto target = rule->apply(path, "kept=1");
    if (!target) {
        return;
    }
    // The host is what the rule says, whatever the path has in it.
    require(authority_of(target->path) == authority_of(to));
    if (authority_of(to).empty()) {
        require(target->path.starts_with('/') && !target->path.starts_with("//"));
    }
    require(!target->path.contains('\\'));
    require(kind == target_kind::path_or_address || target->fragment.empty());
    for (const std::string_view text :
         {std::string_view(target->path), std::string_view(target->query)}) {
        require(all_in(text, byte_class::target));
    }
    require(target->fragment.empty() || target->fragment.starts_with('#'));
}

void check_prefixes(std::string_view prefix, std::string_view path) {
    const auto prefixes = path_prefixes::parse({std::string(prefix)});
    if (prefixes && path.starts_with(prefix) && prefix.ends_with('/')) {
        require(prefixes->contain(path));
    }
    if (prefixes && path.starts_with('/')) {
        // No spelling leads out of a tree.
        for (const std::string_view before : {"/.", "/", "/%2e", "/x/..", "/x%2f%2E."}) {
            require(!prefixes->contain(path) ||
                    prefixes->contain(std::string(before) + std::string(path)));
        }
    }
}

}  // namespace

// Three lines: a pattern, a target, and the path of a request.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    std::array<std::string_view, 3> lines;
    for (std::string_view& line : lines) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        line = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    const auto& [from, to, path] = lines;
    if (!all_in(path, byte_class::target)) {
        return 0;  // Of a request target, as the parser lets through.
    }
    check_target(from, to, path, target_kind::path);
    check_target(from, to, path, target_kind::path_or_address);
    check_prefixes(from, path);
    const std::string own = to_own_path(path);
    require(own.starts_with('/') && !own.starts_with("//") && !own.contains('\\'));
    require(to_own_path(own) == own);
    return 0;
}
