#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rouse::server {

/// Reads a whole number of bytes, alone or with a unit: "4096", "16KiB", "64MiB", "1GiB" or "1TiB".
/// No sign, space or fraction, no decimal units; nothing beyond what a size_t holds.
[[nodiscard]] std::optional<std::size_t> parse_size(std::string_view text) noexcept;

/// The shortest text that parse_size reads back as the same size.
[[nodiscard]] std::string size_text(std::size_t bytes);

}  // namespace rouse::server
