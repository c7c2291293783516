#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "protocols/http/files/entity_tag.hpp"
#include "protocols/http/request_head.hpp"

namespace rouse::http {

/// What a request's conditions are compared with: the selected representation.
struct representation {
    bool exists = true;  ///< False for a PUT that would make it, for example.
    std::optional<entity_tag> tag;
    std::optional<std::int64_t> modified_seconds;  ///< As sent in Last-Modified.
};

/// What the conditions of a request ask for.
enum class condition_outcome : std::uint8_t {
    serve_whole,          ///< Perform the method; Range, if there is one, does not apply.
    serve_ranges,         ///< GET with one Range that applies: its value goes to parse_byte_ranges.
    not_modified,         ///< 304, with ETag, Cache-Control, Vary and so on. RFC 9110, 15.4.5.
    precondition_failed,  ///< 412. RFC 9110, 15.5.13.
};

/// Evaluates If-Match, If-Unmodified-Since, If-None-Match, If-Modified-Since, and If-Range with
/// Range, in the order of RFC 9110, 13.2.2. Call it only for what would be answered with 2xx
/// without them (RFC 9110, 13.2.1). CONNECT, OPTIONS and TRACE have no conditions.
///
/// Several lines of a list of tags are one list. Dates, If-Range and Range are no lists: with more
/// than one line a date or Range is ignored, and If-Range does not hold. What is malformed: a date
/// is ignored (13.1.3, 13.1.4); If-Match does not hold, so that nothing is done that was not meant;
/// If-None-Match lets a GET or HEAD through and stops every other method; If-Range does not hold.
/// `now` is the response's Date in seconds since 1970.
[[nodiscard]] condition_outcome evaluate_conditions(const request_head& head,
                                                    const representation& selected,
                                                    std::int64_t now) noexcept;

/// What to send as Last-Modified: never later than Date. RFC 9110, 8.8.2.1.
[[nodiscard]] constexpr std::int64_t last_modified(std::int64_t modified_seconds,
                                                   std::int64_t now) noexcept {
    return std::min(modified_seconds, now);
}

}  // namespace rouse::http
