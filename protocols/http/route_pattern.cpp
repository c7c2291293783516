#include "protocols/http/route_pattern.hpp"

#include <algorithm>
#include <optional>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/route_error.hpp"

namespace rouse::http {
namespace {

bool is_valid_literal(std::string_view text) noexcept {
    return all_in(text, byte_class::target) && text.find_first_of("?{}") == std::string_view::npos;
}

bool is_valid_name(std::string_view name) noexcept {
    return !name.empty() && std::ranges::all_of(name, [](char byte) {
        return byte == '_' || is_in(byte, byte_class::alphanumeric);
    });
}

std::optional<route_segment> parse_segment(std::string_view text) noexcept {
    if (!text.starts_with('{')) {
        return is_valid_literal(text)
                   ? std::optional(route_segment{route_segment::kind::literal, text})
                   : std::nullopt;
    }
    if (!text.ends_with('}')) {
        return std::nullopt;
    }
    constexpr std::string_view dots = "...";
    std::string_view name = text.substr(1, text.size() - 2);
    auto type = route_segment::kind::parameter;
    if (name.ends_with(dots)) {
        name.remove_suffix(dots.size());
        type = route_segment::kind::rest;
    }
    return is_valid_name(name) ? std::optional(route_segment{type, name}) : std::nullopt;
}

std::error_code check_parameters(const std::vector<route_segment>& segments) noexcept {
    std::size_t count = 0;
    for (auto segment = segments.begin(); segment != segments.end(); ++segment) {
        if (segment->type == route_segment::kind::literal) {
            continue;
        }
        ++count;
        const bool repeated = std::any_of(segments.begin(), segment, [&](const auto& earlier) {
            return earlier.type != route_segment::kind::literal && earlier.text == segment->text;
        });
        if (repeated) {
            return route_errc::parameter_duplicate;
        }
    }
    return count > route_params_max ? make_error_code(route_errc::too_many_parameters)
                                    : std::error_code();
}

}  // namespace

result<std::vector<route_segment>> parse_route_pattern(std::string_view pattern) {
    if (!pattern.starts_with('/')) {
        return failure(route_errc::pattern_invalid);
    }
    std::vector<route_segment> segments;
    for (std::size_t begin = 1;;) {
        const std::size_t end = std::min(pattern.find('/', begin), pattern.size());
        const bool is_last = end == pattern.size();
        const auto segment = parse_segment(pattern.substr(begin, end - begin));
        if (!segment ||
            (!is_last && (segment->text.empty() || segment->type == route_segment::kind::rest))) {
            return failure(route_errc::pattern_invalid);
        }
        if (segments.size() == route_segments_max) {
            return failure(route_errc::too_many_segments);
        }
        segments.push_back(*segment);
        if (is_last) {
            break;
        }
        begin = end + 1;
    }
    if (const std::error_code error = check_parameters(segments)) {
        return failure(error);
    }
    return segments;
}

}  // namespace rouse::http
