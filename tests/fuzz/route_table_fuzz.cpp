#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/http/route_error.hpp"
#include "protocols/http/route_table.hpp"
#include "tests/fuzz/byte_reader.hpp"
#include "tests/fuzz/reference_text.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using namespace rouse::http;
using rouse::fuzz::byte_reader;
using rouse::fuzz::require;
using rouse::fuzz::split;
using kind = route_segment::kind;

struct route {
    method_mask methods;
    std::vector<route_segment> segments;
    std::size_t index;

    // Routes of the same shape have the same paths.
    [[nodiscard]] bool is_shaped_as(const route& other) const {
        return std::ranges::equal(
            segments, other.segments, [](const auto& left, const auto& right) {
                return left.type == right.type &&
                       (left.type != kind::literal || left.text == right.text);
            });
    }
    // The more special one first: literal, parameter, rest, from the left.
    [[nodiscard]] bool goes_before(const route& other) const {
        return std::ranges::lexicographical_compare(segments, other.segments, {},
                                                    &route_segment::type, &route_segment::type);
    }
    [[nodiscard]] bool matches(std::string_view path) const {
        const auto parts = split(path.substr(std::min<std::size_t>(1, path.size())), '/');
        if (!path.starts_with('/')) {
            return false;
        }
        const std::size_t count = std::max<std::size_t>(parts.size(), 1);
        for (std::size_t at = 0; at < segments.size(); ++at) {
            const std::string_view part = at < parts.size() ? parts[at] : std::string_view();
            if (at >= count || (segments[at].type == kind::literal && part != segments[at].text) ||
                (segments[at].type == kind::parameter && part.empty())) {
                return false;
            }
            if (segments[at].type == kind::rest) {
                return true;
            }
        }
        return count == segments.size();
    }
    [[nodiscard]] bool answers(method verb) const { return (methods & to_mask(verb)) != 0; }
};

// Every route there is, in the order of their worth.
class plain_table {
   public:
    // The answer must be the table's.
    void add(route_table& tested, method_mask asked, std::string_view pattern) {
        const std::size_t size = tested.size();
        const auto added = tested.add(asked, pattern);
        const method_mask methods = asked & method_mask_all;
        const auto segments = parse_route_pattern(pattern);
        route made{.methods = methods,
                   .segments = segments.value_or(std::vector<route_segment>()),
                   .index = size};
        const bool duplicate = std::ranges::any_of(routes_, [&](const route& present) {
            return present.is_shaped_as(made) && (present.methods & methods) != 0;
        });
        require(added.has_value() == (segments.has_value() && methods != 0 && !duplicate));
        require(tested.size() == size + (added ? 1 : 0));
        if (!added) {
            require(!segments || methods == 0 || added.error() == route_errc::route_duplicate);
            return;
        }
        require(*added == size && tested.pattern(size) == pattern);
        require(spelled(made.segments) == pattern);
        routes_.insert(std::ranges::upper_bound(routes_, made, std::mem_fn(&route::goes_before)),
                       made);
    }

    [[nodiscard]] const route* find(method verb, std::string_view path) const {
        for (const route& each : routes_) {
            if (each.matches(path) &&
                (each.answers(verb) ||
                 (verb == method::head && each.answers(method::get) && !has_own_head(each)))) {
                return &each;
            }
        }
        return nullptr;
    }
    [[nodiscard]] method_mask allowed(std::string_view path) const {
        method_mask all = 0;
        for (const route& each : routes_) {
            all |= each.matches(path) ? each.methods : method_mask{0};
        }
        const bool has_get = (all & to_mask(method::get)) != 0;
        return static_cast<method_mask>(all | (has_get ? to_mask(method::head) : 0));
    }

   private:
    static std::string spelled(const std::vector<route_segment>& segments) {
        std::string text;
        for (const route_segment& segment : segments) {
            text += '/';
            text += segment.type == kind::literal ? "" : "{";
            text += segment.text;
            text += segment.type == kind::rest        ? "...}"
                    : segment.type == kind::parameter ? "}"
                                                      : "";
        }
        return text;
    }
    // Of the same paths: GET stands in for HEAD only where HEAD has no route.
    [[nodiscard]] bool has_own_head(const route& getting) const {
        return std::ranges::any_of(routes_, [&](const route& each) {
            return each.is_shaped_as(getting) && each.answers(method::head);
        });
    }

    std::vector<route> routes_;
};

void check_match(const route_table& tested, const plain_table& plain, method verb,
                 std::string_view path) {
    const route_match found = tested.match(verb, path);
    const route* const expected = plain.find(verb, path);
    if (expected == nullptr) {
        const method_mask allowed = plain.allowed(path);
        require(found.kind ==
                (allowed == 0 ? route_outcome::not_found : route_outcome::method_not_allowed));
        require(found.allowed == allowed);
        for (const std::string_view name : split(allow_header(allowed), ',')) {
            const method named = parse_method(name.substr(name.starts_with(' ') ? 1 : 0));
            require((allowed & to_mask(named)) != 0 && named != method::other);
        }
        return;
    }
    require(found.kind == route_outcome::found && found.index == expected->index);
    // Putting the parameters back into the pattern gives the path again.
    std::string rebuilt;
    std::size_t next = 0;
    for (const route_segment& segment : expected->segments) {
        const bool is_literal = segment.type == kind::literal;
        require(is_literal || found.params[next].name == segment.text);
        rebuilt += '/';
        rebuilt += is_literal ? segment.text : found.params[next++].value;
    }
    require(next == found.params.size() && rebuilt == path);
}

}  // namespace

// The first line is a path, each further line a set of methods, one byte, and a pattern: the table
// takes, refuses and finds what a list in the right order does, for every method.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    byte_reader reader(data, size);
    const std::string_view path = reader.text_until('\n');
    route_table tested;
    plain_table plain;
    while (!reader.empty()) {
        // Letters choose up to three of the methods, so that kept inputs can be read.
        const auto letter = reader.number<std::uint8_t>();
        const auto methods =
            static_cast<method_mask>(to_mask(static_cast<method>(letter % method_count)) |
                                     (letter >= 'a' ? to_mask(method::get) : 0U) |
                                     (letter >= 'p' ? to_mask(method::head) : 0U));
        plain.add(tested, methods, reader.text_until('\n'));
    }
    for (std::size_t verb = 0; verb < method_count; ++verb) {
        check_match(tested, plain, static_cast<method>(verb), path);
    }
    return 0;
}
