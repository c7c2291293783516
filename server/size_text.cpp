#include "server/size_text.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace rouse::server {
namespace {

struct unit {
    std::string_view name;
    std::size_t factor;
};

// From large to small: the first that divides a size makes its shortest text.
constexpr std::array units{unit{"TiB", std::size_t{1} << 40}, unit{"GiB", std::size_t{1} << 30},
                           unit{"MiB", std::size_t{1} << 20}, unit{"KiB", std::size_t{1} << 10},
                           unit{"", 1}};

}  // namespace

std::optional<std::size_t> parse_size(std::string_view text) noexcept {
    std::size_t number = 0;
    const char* const begin = text.data();
    const char* const end = begin + text.size();
    const auto [stop, error] = std::from_chars(begin, end, number);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    const std::string_view name(stop, static_cast<std::size_t>(end - stop));
    for (const unit& candidate : units) {
        if (candidate.name != name) {
            continue;
        }
        if (number > std::numeric_limits<std::size_t>::max() / candidate.factor) {
            return std::nullopt;
        }
        return number * candidate.factor;
    }
    return std::nullopt;
}

std::string size_text(std::size_t bytes) {
    for (const unit& candidate : units) {
        if (bytes != 0 && bytes % candidate.factor == 0) {
            return std::to_string(bytes / candidate.factor) + std::string(candidate.name);
        }
    }
    return "0";
}

}  // namespace rouse::server
