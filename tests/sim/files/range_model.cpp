#include "tests/sim/files/range_model.hpp"

#include <algorithm>
#include <cstddef>

namespace rouse::sim {
namespace {

constexpr std::size_t ranges_max = 16;

std::optional<range_part> part_of(const range_asked& asked, std::uint64_t size) {
    if (!asked.first) {
        const std::uint64_t bytes = std::min(*asked.last, size);
        return bytes == 0 ? std::nullopt : std::optional(range_part{size - bytes, bytes});
    }
    if (*asked.first >= size) {
        return std::nullopt;
    }
    const std::uint64_t end = asked.last && *asked.last < size ? *asked.last + 1 : size;
    return range_part{*asked.first, end - *asked.first};
}

bool do_touch(const range_part& left, const range_part& right) {
    return std::max(left.first, right.first) <=
           std::min(left.first + left.bytes, right.first + right.bytes);
}

// Two that touch become one, in the place of the earlier, until none do.
bool join_two(std::vector<range_part>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        for (std::size_t j = i + 1; j < parts.size(); ++j) {
            if (do_touch(parts[i], parts[j])) {
                const std::uint64_t end =
                    std::max(parts[i].first + parts[i].bytes, parts[j].first + parts[j].bytes);
                parts[i].first = std::min(parts[i].first, parts[j].first);
                parts[i].bytes = end - parts[i].first;
                parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(j));
                return true;
            }
        }
    }
    return false;
}

}  // namespace

ranges_due ranges_of(std::span<const range_asked> asked, std::uint64_t size) {
    ranges_due due;
    std::uint64_t total = 0;
    for (const range_asked& each : asked) {
        // The end of an empty file is all of it, and no Content-Range can say so.
        if (size == 0 && !each.first && *each.last > 0) {
            return {};
        }
        if (const auto part = part_of(each, size)) {
            due.parts.push_back(*part);
            total += part->bytes;
        }
    }
    if (asked.empty() || asked.size() > ranges_max || total > size) {
        return {};
    }
    due.is_unsatisfiable = due.parts.empty();
    while (join_two(due.parts)) {
    }
    return due;
}

std::string to_text(std::span<const range_asked> asked) {
    std::string text("bytes=");
    for (const range_asked& each : asked) {
        text += (&each == asked.data() ? "" : ",") +
                (each.first ? std::to_string(*each.first) : std::string()) + "-" +
                (each.last ? std::to_string(*each.last) : std::string());
    }
    return text;
}

std::string content_range_text(range_part part, std::uint64_t size) {
    return "bytes " + std::to_string(part.first) + "-" +
           std::to_string(part.first + part.bytes - 1) + "/" + std::to_string(size);
}

}  // namespace rouse::sim
