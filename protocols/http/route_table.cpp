#include "protocols/http/route_table.hpp"

#include <algorithm>
#include <cstring>

#include "protocols/http/route_error.hpp"

namespace rouse::http {
namespace {

constexpr std::size_t slots_min = 16;

template <class Word>
std::uint64_t load(const char* at) noexcept {
    Word word;
    std::memcpy(&word, at, sizeof(word));
    return word;
}

// A multiply a word. The table is made at the start and by us, so a flood of colliding paths cannot
// fill it.
std::uint32_t hash_of(std::string_view path) noexcept {
    constexpr std::uint64_t multiplier = 0x9e37'79b9'7f4a'7c15;
    std::uint64_t hash = path.size() * multiplier;
    const auto mix = [&hash](std::uint64_t word) {
        hash = (hash ^ word) * multiplier;
        hash ^= hash >> 32U;
    };
    const char* at = path.data();
    std::size_t left = path.size();
    for (; left > 8; at += 8, left -= 8) {
        mix(load<std::uint64_t>(at));
    }
    if (path.size() >= 8) {
        mix(load<std::uint64_t>(at + left - 8));
    } else if (left >= 4) {
        mix(load<std::uint32_t>(at) << 32U | load<std::uint32_t>(at + left - 4));
    } else if (left > 0) {
        mix(load<std::uint8_t>(at) << 16U | load<std::uint8_t>(at + left / 2) << 8U |
            load<std::uint8_t>(at + left - 1));
    }
    return static_cast<std::uint32_t>(hash);
}

}  // namespace

// What a search in the tree carries: the question, the answer so far, and the parameters on the
// way.
struct route_table::walk {
    method verb;
    std::string_view path;
    route_match& found;
};

result<std::size_t> route_table::add(method_mask methods, std::string_view pattern) {
    if ((methods & method_mask_all) == 0) {
        return failure(route_errc::methods_empty);
    }
    const auto segments = parse_route_pattern(pattern);
    if (!segments) {
        return failure(segments.error());
    }
    route added{.pattern = std::string(pattern), .parameter_names = {}};
    for (const route_segment& segment : *segments) {
        if (segment.type != route_segment::kind::literal) {
            added.parameter_names.emplace_back(segment.text);
        }
    }
    endpoint& place =
        endpoints_[added.parameter_names.empty() ? add_static(pattern) : add_dynamic(*segments)];
    if ((place.methods & methods) != 0) {
        return failure(route_errc::route_duplicate);
    }
    for (std::size_t verb = 0; verb < method_count; ++verb) {
        if ((methods & to_mask(static_cast<method>(verb))) != 0) {
            place.routes[verb] = static_cast<std::uint32_t>(routes_.size());
        }
    }
    place.methods |= methods & method_mask_all;
    routes_.push_back(std::move(added));
    return routes_.size() - 1;
}

std::uint32_t route_table::add_endpoint(std::uint32_t& place) {
    if (place == nothing) {
        place = static_cast<std::uint32_t>(endpoints_.size());
        endpoints_.emplace_back();
    }
    return place;
}

std::uint32_t route_table::add_static(std::string_view path) {
    if (const std::uint32_t present = find_static(path); present != nothing) {
        return present;
    }
    if (2 * (slots_used_ + 1) > slots_.size()) {
        grow_slots();
    }
    const std::uint32_t hash = hash_of(path);
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at].endpoint != nothing) {
        at = (at + 1) & (slots_.size() - 1);
    }
    slots_[at].hash = hash;
    ++slots_used_;
    const std::uint32_t made = add_endpoint(slots_[at].endpoint);
    endpoints_[made].path = path;
    return made;
}

void route_table::grow_slots() {
    std::vector<slot> grown(std::max(slots_min, 2 * slots_.size()));
    for (const slot& used : slots_) {
        if (used.endpoint == nothing) {
            continue;
        }
        std::size_t at = used.hash & (grown.size() - 1);
        while (grown[at].endpoint != nothing) {
            at = (at + 1) & (grown.size() - 1);
        }
        grown[at] = used;
    }
    slots_ = std::move(grown);
}

std::uint32_t route_table::add_dynamic(std::span<const route_segment> segments) {
    if (nodes_.empty()) {
        nodes_.emplace_back();
    }
    std::uint32_t at = 0;
    for (const route_segment& segment : segments) {
        if (segment.type == route_segment::kind::rest) {
            return add_endpoint(nodes_[at].rest);
        }
        if (segment.type == route_segment::kind::literal) {
            at = add_literal(at, segment.text);
            continue;
        }
        if (nodes_[at].parameter == nothing) {
            nodes_[at].parameter = static_cast<std::uint32_t>(nodes_.size());
            nodes_.emplace_back();
        }
        at = nodes_[at].parameter;
    }
    return add_endpoint(nodes_[at].here);
}

std::uint32_t route_table::add_literal(std::uint32_t parent, std::string_view text) {
    auto& literals = nodes_[parent].literals;
    const auto place =
        std::ranges::lower_bound(literals, text, {}, &std::pair<std::string, std::uint32_t>::first);
    if (place != literals.end() && place->first == text) {
        return place->second;
    }
    const auto child = static_cast<std::uint32_t>(nodes_.size());
    literals.emplace(place, text, child);
    nodes_.emplace_back();
    return child;
}

route_match route_table::match(method verb, std::string_view path) const noexcept {
    route_match found;
    walk way{.verb = verb, .path = path, .found = found};
    const std::uint32_t fixed = find_static(path);
    if (fixed != nothing && accept(way, fixed)) [[likely]] {
        return found;
    }
    // Paths are parts of request heads, far below this; it only keeps the offsets of parameters
    // within their type.
    const bool may_search = !nodes_.empty() && path.starts_with('/') && path.size() < UINT32_MAX;
    if (may_search) {
        found.params.path_ = path.data();
        if (find_dynamic(way, 0, 1)) {
            return found;
        }
    }
    found.kind = found.allowed == 0 ? route_outcome::not_found : route_outcome::method_not_allowed;
    return found;
}

std::uint32_t route_table::find_static(std::string_view path) const noexcept {
    if (slots_.empty()) {
        return nothing;
    }
    const std::uint32_t hash = hash_of(path);
    for (std::size_t at = hash & (slots_.size() - 1); slots_[at].endpoint != nothing;
         at = (at + 1) & (slots_.size() - 1)) {
        if (slots_[at].hash == hash && endpoints_[slots_[at].endpoint].path == path) {
            return slots_[at].endpoint;
        }
    }
    return nothing;
}

// `at` is where the next segment begins; one past the end means that the path ended with the
// segment before. The recursion is no deeper than the tree, and the tree no deeper than
// route_segments_max.
bool route_table::find_dynamic(walk& way, std::uint32_t node_index, std::size_t at) const noexcept {
    const node& here = nodes_[node_index];
    if (at > way.path.size()) {
        return accept(way, here.here);
    }
    const std::size_t end = std::min(way.path.find('/', at), way.path.size());
    const std::string_view segment = way.path.substr(at, end - at);
    const auto literal = std::ranges::lower_bound(here.literals, segment, {},
                                                  &std::pair<std::string, std::uint32_t>::first);
    if (literal != here.literals.end() && literal->first == segment &&
        find_dynamic(way, literal->second, end + 1)) {
        return true;
    }
    route_params& params = way.found.params;
    const auto begin = static_cast<std::uint32_t>(at);
    if (here.parameter != nothing && !segment.empty()) {
        params.places_[params.size_++] = {begin, static_cast<std::uint32_t>(segment.size())};
        if (find_dynamic(way, here.parameter, end + 1)) {
            return true;
        }
        --params.size_;
    }
    if (here.rest != nothing) {
        params.places_[params.size_++] = {begin, static_cast<std::uint32_t>(way.path.size() - at)};
        if (accept(way, here.rest)) {
            return true;
        }
        --params.size_;
    }
    return false;
}

bool route_table::accept(walk& way, std::uint32_t endpoint_index) const noexcept {
    if (endpoint_index == nothing) {
        return false;
    }
    const endpoint& candidate = endpoints_[endpoint_index];
    method verb = way.verb;
    if (verb == method::head && (candidate.methods & to_mask(method::head)) == 0) {
        verb = method::get;
    }
    if ((candidate.methods & to_mask(verb)) == 0) {
        way.found.allowed |= candidate.methods;
        if ((candidate.methods & to_mask(method::get)) != 0) {
            way.found.allowed |= to_mask(method::head);
        }
        return false;
    }
    way.found.kind = route_outcome::found;
    way.found.index = candidate.routes[static_cast<std::size_t>(verb)];
    way.found.params.names_ = routes_[way.found.index].parameter_names.data();
    return true;
}

std::string allow_header(method_mask allowed) {
    std::string text;
    for (std::size_t index = 0; index < method_count; ++index) {
        const auto verb = static_cast<method>(index);
        // `other` has no name to list.
        if ((allowed & to_mask(verb)) == 0 || to_string(verb).empty()) {
            continue;
        }
        text += text.empty() ? "" : ", ";
        text += to_string(verb);
    }
    return text;
}

}  // namespace rouse::http
