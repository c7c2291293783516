#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/http/method.hpp"
#include "protocols/http/route_match.hpp"
#include "protocols/http/route_pattern.hpp"
#include "runtime/base/result.hpp"

namespace rouse::http {

/// Finds the route of a request. Patterns without parameters are looked up in a hash table; the
/// others form a tree of segments, in which a literal goes before a parameter and a parameter
/// before a rest, with going back when the more special one leads nowhere. Paths are compared raw:
/// "/%61" is not "/a", and dot segments stay.
class route_table {
   public:
    /// Adds a route for these methods and returns its index: 0, 1, 2, ... See parse_route_pattern
    /// for the form. Errors: those of parse_route_pattern, methods_empty, route_duplicate. The
    /// table is as before then.
    result<std::size_t> add(method_mask methods, std::string_view pattern);
    result<std::size_t> add(method verb, std::string_view pattern) {
        return add(to_mask(verb), pattern);
    }

    /// The most special route that has this path and this method. HEAD is answered by GET when it
    /// has no route of its own (RFC 9110, 9.3.2). No allocation; the work is bounded by the number
    /// of segments in the table.
    [[nodiscard]] route_match match(method verb, std::string_view path) const noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return routes_.size(); }
    /// The pattern of the route with this index, as it was added.
    [[nodiscard]] std::string_view pattern(std::size_t index) const noexcept {
        return routes_[index].pattern;
    }

   private:
    static constexpr std::uint32_t nothing = UINT32_MAX;

    struct route {
        std::string pattern;
        std::vector<std::string> parameter_names;
    };
    // The routes of one set of paths, by method.
    struct endpoint {
        std::array<std::uint32_t, method_count> routes{};
        method_mask methods = 0;
        std::string path;  // Of a pattern without parameters.
    };
    struct node {
        std::vector<std::pair<std::string, std::uint32_t>> literals;  // Sorted, to children.
        std::uint32_t parameter = nothing;                            // A child.
        std::uint32_t rest = nothing;                                 // An endpoint.
        std::uint32_t here = nothing;                                 // An endpoint.
    };
    struct slot {
        std::uint32_t hash = 0;
        std::uint32_t endpoint = nothing;
    };
    struct walk;

    std::uint32_t add_static(std::string_view path);
    std::uint32_t add_dynamic(std::span<const route_segment> segments);
    std::uint32_t add_literal(std::uint32_t parent, std::string_view text);
    std::uint32_t add_endpoint(std::uint32_t& place);
    void grow_slots();
    [[nodiscard]] std::uint32_t find_static(std::string_view path) const noexcept;
    [[nodiscard]] bool find_dynamic(walk& way, std::uint32_t node_index,
                                    std::size_t at) const noexcept;
    [[nodiscard]] bool accept(walk& way, std::uint32_t endpoint_index) const noexcept;

    std::vector<route> routes_;
    std::vector<endpoint> endpoints_;
    std::vector<slot> slots_;  // A power of two of them, at most half in use.
    std::size_t slots_used_ = 0;
    std::vector<node> nodes_;  // The first is the root; none while no pattern has parameters.
};

/// The value of an Allow header: "GET, HEAD". See RFC 9110, 10.2.1.
[[nodiscard]] std::string allow_header(method_mask allowed);

}  // namespace rouse::http
