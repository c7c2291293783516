#pragma once

#include <cstdint>
#include <string_view>

#include "tests/sim/http/exchange_plan.hpp"

namespace rouse::sim {

/// A request whose head is refused: malformed, or beyond a limit.
void plan_refused_head(random_source& draw, const http::service_limits& limits,
                       planned_exchange& made);

/// What is wrong with a chunked body, and may stand in the place of a chunk. A '|' stands where the
/// fault shows, and is not sent.
[[nodiscard]] std::string_view draw_chunk_fault(random_source& draw);

/// Appends text with a '|' in it, without that, and answers where it stood.
std::size_t append_marked(std::string& out, std::string_view text);

/// No body is sent that is longer than this only because the limit is.
inline constexpr std::uint64_t body_bytes_max_to_pass = 32'768;

}  // namespace rouse::sim
