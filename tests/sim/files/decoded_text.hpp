#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tests/sim/files/tag_book.hpp"

namespace rouse::sim {

/// What a browser makes of a coded body; nothing when it is no whole body of that coding, or comes
/// to more bytes.
[[nodiscard]] std::optional<std::string> decode(coding sent_as, std::string_view coded,
                                                std::size_t bytes_max);

}  // namespace rouse::sim
