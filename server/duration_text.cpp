#include "server/duration_text.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>

namespace rouse::server {
namespace {

using std::chrono::milliseconds;

struct unit {
    std::string_view name;
    std::int64_t factor;
};

// From large to small: the first that divides a duration makes its shortest text.
constexpr std::array units{unit{"h", 3'600'000}, unit{"m", 60'000}, unit{"s", 1'000},
                           unit{"ms", 1}};

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) noexcept {
    std::uint64_t number = 0;
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
        constexpr auto count_max = std::numeric_limits<std::int64_t>::max();
        if (number > static_cast<std::uint64_t>(count_max / candidate.factor)) {
            return std::nullopt;
        }
        return milliseconds(static_cast<std::int64_t>(number) * candidate.factor);
    }
    return std::nullopt;
}

std::string duration_text(milliseconds duration) {
    if (duration == milliseconds::zero()) {
        return "0s";
    }
    for (const unit& candidate : units) {
        if (duration.count() % candidate.factor == 0) {
            return std::to_string(duration.count() / candidate.factor) +
                   std::string(candidate.name);
        }
    }
    return {};
}

}  // namespace rouse::server
