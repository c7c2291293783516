#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rouse::sim {

/// What the head of an answer about a file says.
struct answer_fields {
    int status = 0;
    std::optional<std::uint64_t> length;
    bool is_chunked = false;
    bool says_close = false;
    std::string tag;
    std::string modified;
    std::string accept_ranges;
    std::string range;  ///< Of Content-Range.
    std::string type;   ///< Of Content-Type.
    std::string coding;
    std::string vary;
    std::string cache_control;
    std::string location;
    std::string security_policy;

    /// Reads a head with the empty line at its end. A complaint about what nobody should have made.
    [[nodiscard]] std::optional<std::string> read(std::string_view text);

   private:
    [[nodiscard]] bool read_line(std::string_view name, std::string_view value);
};

}  // namespace rouse::sim
