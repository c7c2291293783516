#include "tests/sim/files/file_request.hpp"

#include <algorithm>
#include <cstddef>

#include "protocols/http/date.hpp"

namespace rouse::sim {
namespace {

// So long may a head be for every server of the simulation.
constexpr std::size_t head_bytes_max = 380;
constexpr unsigned weight_max = 1'000;

struct weight_text {
    std::string_view text;
    std::optional<unsigned> weight;  ///< Without one the member means nothing.
};

constexpr weight_text weight_texts[] = {
    {"", weight_max}, {"", weight_max},  {";q=1", weight_max}, {" ; q=1.000", weight_max},
    {";q=0.5", 500},  {";Q=0.501", 501}, {";q=0.001", 1},      {";q=0", 0},
    {";q=0.000", 0},  {";q=2", {}},      {";q=0.5555", {}},    {";level=1", {}},
};

struct coding_name {
    std::string_view text;
    std::optional<coding> is;
    bool is_any = false;
};

constexpr coding_name coding_names[] = {
    {"gzip", coding::gzip}, {"x-gzip", coding::gzip},
    {"GZip", coding::gzip}, {"br", coding::br},
    {"br", coding::br},     {"zstd", coding::zstd},
    {"zstd", coding::zstd}, {"deflate", {}},
    {"*", {}, true},        {"identity", coding::identity},
};

codings_asked draw_codings(random_source& draw) {
    codings_asked made;
    const std::uint64_t sort = draw.below(3);
    if (sort == 0) {
        return made;
    }
    if (sort == 1) {  // As a browser.
        made.text = "gzip, deflate, br, zstd";
        made.weights.fill(weight_max);
        made.weights[static_cast<std::size_t>(coding::identity)] = 0;
        return made;
    }
    std::array<std::optional<unsigned>, 4> own;
    std::optional<unsigned> any;
    made.text.emplace();
    for (std::uint64_t count = draw.below(5); count > 0; --count) {
        const coding_name& name = draw.pick(coding_names);
        const weight_text& weight = draw.pick(weight_texts);
        made.text->append(made.text->empty() ? "" : draw.coin() ? ", " : ",");
        made.text->append(name.text).append(weight.text);
        if (weight.weight && name.is) {
            own[static_cast<std::size_t>(*name.is)] = weight.weight;
        } else if (weight.weight && name.is_any) {
            any = weight.weight;
        }
    }
    std::ranges::transform(own, made.weights.begin(), [&](std::optional<unsigned> each) {
        return each.value_or(any.value_or(0));
    });
    return made;
}

std::uint64_t draw_position(random_source& draw, std::uint64_t size_max) {
    const std::uint64_t bounds[] = {10, 300, size_max + 20, size_max + 20, 200'000};
    return draw.below(draw.pick(bounds));
}

range_asked draw_range(random_source& draw, std::uint64_t size_max) {
    if (draw.below(5) == 0) {
        return {.first = {}, .last = draw_position(draw, size_max)};
    }
    range_asked made{.first = draw_position(draw, size_max), .last = {}};
    if (draw.below(3) != 0) {
        made.last = *made.first + draw_position(draw, draw.coin() ? size_max : size_max / 8);
    }
    return made;
}

void draw_ranges(random_source& draw, std::uint64_t count, std::uint64_t size_max,
                 std::vector<range_asked>& into) {
    for (; count > 0; --count) {
        range_asked next = draw_range(draw, count > 5 ? size_max / 16 : size_max);
        // Some begin where the one before has ended, or end where it begins.
        if (!into.empty() && into.back().last && next.first && draw.below(4) == 0) {
            const std::uint64_t bytes = next.last ? *next.last - *next.first : size_max;
            next.first = *into.back().last + 1;
            next.last = *next.first + bytes;
        } else if (!into.empty() && into.back().first.value_or(0) > 0 && draw.below(4) == 0) {
            next.last = *into.back().first - 1;
            next.first = *next.last - draw.below(*next.last + 1);
        }
        into.push_back(next);
    }
}

std::string draw_tag(random_source& draw, const seen_before& seen) {
    if (seen.tags.empty() || draw.below(4) == 0) {
        return std::string(foreign_tag) + "," + std::to_string(draw.below(10)) + "\"";
    }
    // Mostly the latest.
    const std::uint64_t back = draw.coin() ? 0 : draw.below(seen.tags.size());
    const std::string& tag = seen.tags[seen.tags.size() - 1 - back];
    if (draw.below(4) != 0) {
        return tag;
    }
    return tag.starts_with("W/") ? tag.substr(2) : "W/" + tag;
}

tags_asked draw_tags(random_source& draw, const seen_before& seen) {
    tags_asked made;
    const std::uint64_t sort = draw.below(10);
    made.is_any = sort == 0;
    made.is_malformed = sort == 1;
    for (std::uint64_t count = sort < 2 ? 0 : 1 + draw.below(2); count > 0; --count) {
        made.tags.push_back(draw_tag(draw, seen));
    }
    return made;
}

date_asked draw_date(random_source& draw, const seen_before& seen, std::int64_t now) {
    if (draw.below(8) == 0) {
        return {};
    }
    const auto apart = static_cast<std::int64_t>(draw.coin() ? 0 : draw.below(5));
    return {seen.modified && draw.below(4) != 0 ? *seen.modified + apart - 2 * (apart % 2)
                                                : now - apart};
}

std::string date_text(const date_asked& asked) {
    if (!asked.seconds) {
        return "yesterday";
    }
    std::array<char, http::http_date_bytes> text{};
    http::format_http_date(*asked.seconds, text);
    return {text.data(), text.size()};
}

std::string tags_text(const tags_asked& asked) {
    if (asked.is_any || asked.is_malformed) {
        return asked.is_any ? "*" : "none, \"of\" these";
    }
    std::string text;
    for (const std::string& each : asked.tags) {
        text.append(text.empty() ? "" : ", ").append(each);
    }
    return text;
}

void append_line(std::string& text, std::string_view name, std::string_view value) {
    text.append(name).append(": ").append(value).append("\r\n");
}

void append_conditions(std::string& text, const conditions_asked& asked) {
    if (asked.match) {
        append_line(text, "If-Match", tags_text(*asked.match));
    }
    if (asked.none_match) {
        append_line(text, "If-None-Match", tags_text(*asked.none_match));
    }
    if (asked.modified_since) {
        append_line(text, "If-Modified-Since", date_text(*asked.modified_since));
    }
    if (asked.unmodified_since) {
        append_line(text, "If-Unmodified-Since", date_text(*asked.unmodified_since));
    }
    if (asked.range_tag) {
        append_line(text, "If-Range", *asked.range_tag);
    } else if (asked.range_date) {
        append_line(text, "If-Range", date_text(*asked.range_date));
    }
}

void draw_plain_condition(random_source& draw, const seen_before& seen, conditions_asked& into) {
    if (draw.below(3) == 0 && !seen.tags.empty()) {
        into.none_match = tags_asked{.tags = {seen.tags.back()}};
    }
}

}  // namespace

std::string file_request::to_text() const {
    std::string text(is_head ? "HEAD " : "GET ");
    text.append(at->target).append(query).append(" HTTP/1.1\r\nHost: a\r\n");
    if (has_odd_range) {
        append_line(text, "Range", "bytes=5-1");
    } else if (!ranges.empty()) {
        append_line(text, "Range", sim::to_text(ranges));
    }
    if (codings.text) {
        append_line(text, "Accept-Encoding", *codings.text);
    }
    if (!accept.empty()) {
        append_line(text, "Accept", accept);
    }
    append_conditions(text, conditions);
    return text.append("\r\n");
}

file_request draw_request(random_source& draw, const known_target& at, bool is_plain) {
    constexpr std::string_view accepts[] = {"", "*/*", "application/json",
                                            "text/html, application/json",
                                            "application/problem+json, text/html"};
    file_request made;
    made.at = &at;
    made.is_head = draw.below(6) == 0;
    if (draw.below(3) == 0) {
        std::uint64_t count = 1;
        if (!is_plain && draw.coin()) {
            count = draw.below(10) == 0 ? 12 + draw.below(8) : 2 + draw.below(3);
        }
        draw_ranges(draw, count, at.size_max, made.ranges);
    }
    if (is_plain) {
        return made;
    }
    made.has_odd_range = draw.below(40) == 0;
    if (made.has_odd_range) {
        made.ranges.clear();
    }
    made.query = draw.below(4) == 0 ? "?a=%2f" : "";
    made.codings = draw_codings(draw);
    if (at.is == target_kind::folder) {
        made.accept = draw.pick(accepts);
    }
    if (made.to_text().size() > head_bytes_max) {
        made.ranges.resize(1);
    }
    return made;
}

void draw_conditions(random_source& draw, const seen_before& seen, std::int64_t now, bool is_plain,
                     file_request& into) {
    conditions_asked made;
    if (is_plain) {
        draw_plain_condition(draw, seen, into.conditions);
        return;
    }
    if (draw.below(8) == 0) {
        made.match = draw_tags(draw, seen);
    }
    if (draw.below(3) == 0) {
        made.none_match = draw_tags(draw, seen);
    }
    if (draw.below(5) == 0) {
        made.modified_since = draw_date(draw, seen, now);
    }
    if (draw.below(10) == 0) {
        made.unmodified_since = draw_date(draw, seen, now);
    }
    if (draw.below(into.ranges.empty() ? 20 : 2) == 0) {
        if (draw.coin()) {
            made.range_tag = draw_tag(draw, seen);
        } else {
            made.range_date = draw_date(draw, seen, now);
        }
    }
    std::swap(into.conditions, made);
    if (into.to_text().size() > head_bytes_max) {
        into.conditions = {};
    }
}

}  // namespace rouse::sim
