#include "server/cpu_quota.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string_view>

namespace rouse::server {
namespace {

// "0::/a/b" of version 2; nothing when there is no such line.
std::optional<std::string> group_of(const std::string& membership) {
    std::ifstream file(membership);
    for (std::string line; std::getline(file, line);) {
        constexpr std::string_view version_2 = "0::/";
        if (line.starts_with(version_2)) {
            return line.substr(version_2.size());
        }
    }
    return std::nullopt;
}

// "max 100000" or "150000 100000": microseconds of time in a period of so many.
std::optional<unsigned> read_limit(const std::string& path) {
    std::ifstream file(path);
    std::uint64_t time = 0;
    std::uint64_t period = 0;
    if (!(file >> time >> period) || period == 0) {
        return std::nullopt;
    }
    const std::uint64_t whole = std::max<std::uint64_t>(1, time / period + (time % period != 0));
    return static_cast<unsigned>(
        std::min<std::uint64_t>(whole, std::numeric_limits<unsigned>::max()));
}

}  // namespace

std::optional<unsigned> cpu_quota(const std::string& membership, const std::string& mounted_at) {
    const auto group = group_of(membership);
    if (!group) {
        return std::nullopt;
    }
    std::optional<unsigned> least;
    // In a container the group of its own is the top, which has a limit there.
    std::string at = *group;
    for (;;) {
        std::string path = mounted_at;
        path.append("/").append(at).append("/cpu.max");
        const auto limit = read_limit(path);
        if (limit) {
            least = std::min(*limit, least.value_or(*limit));
        }
        if (at.empty()) {
            return least;
        }
        const std::size_t parent = at.rfind('/');
        at.resize(parent == std::string::npos ? 0 : parent);
    }
}

}  // namespace rouse::server
