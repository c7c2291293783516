#include "server/nearest_name.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace rouse::server {
namespace {

// Longer names are no setting's misspelling, and the time grows with the product of both lengths.
constexpr std::size_t name_bytes_max = 64;

// Levenshtein distance, one row of the matrix at a time.
std::size_t edit_count(std::string_view left, std::string_view right) {
    std::vector<std::size_t> row(right.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < left.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j) {
            const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string suggestion(std::string_view name, std::span<const std::string> candidates) {
    if (name.size() > name_bytes_max) {
        return {};
    }
    std::size_t fewest = std::max<std::size_t>(1, name.size() / 3) + 1;
    const std::string* nearest = nullptr;
    for (const std::string& candidate : candidates) {
        const std::size_t edits = edit_count(name, candidate);
        if (edits < fewest) {
            fewest = edits;
            nearest = &candidate;
        }
    }
    return nearest != nullptr ? " (did you mean " + *nearest + "?)" : std::string();
}

}  // namespace rouse::server
