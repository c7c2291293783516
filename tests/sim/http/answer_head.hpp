#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/http/exchange_plan.hpp"

namespace rouse::sim {

/// What an answer says of itself before its content.
struct answer_head {
    bool has_length = false;
    bool is_chunked = false;
    bool says_close = false;
    bool says_keep_alive = false;
    bool has_date = false;
    std::int64_t date = 0;  ///< In seconds since 1970.
    bool has_server = false;
    std::uint64_t length = 0;
    std::string_view content_type;
    std::size_t extra_count = 0;  ///< Lines that are none of the above.
};

/// The status of "HTTP/1.1 200 OK"; 0 when the line is not like that, or the phrase not the
/// registered one.
[[nodiscard]] int parse_status_line(std::string_view line) noexcept;

/// Takes the header lines of a final answer apart: `text` ends with the empty line. A complaint
/// about what RFC 9110 and RFC 9112 do not permit, or about a line that must not be there; the
/// lines of `planned` may, in their order.
[[nodiscard]] std::optional<std::string> parse_header_lines(
    std::string_view text, const std::vector<planned_header>& planned, answer_head& into);

/// "Sun, 06 Nov 1994 08:49:37 GMT", in seconds since 1970: that day exists, and was a Sunday. RFC
/// 9110, 5.6.7.
[[nodiscard]] std::optional<std::int64_t> parse_http_date(std::string_view text) noexcept;

}  // namespace rouse::sim
