#pragma once

#include <cstddef>
#include <cstdint>

#include "protocols/http/scan_path.hpp"

namespace rouse::http::scan {

/// What is looked at in one go.
inline constexpr std::size_t block_bytes = 64;

/// The bytes of a block at which a run may end: bit i stands for byte i.
struct field_stops {
    std::uint64_t name;   ///< Not a letter, digit or '-'. The rest of tchar is rare.
    std::uint64_t value;  ///< Not permitted in a field value: normally the CR of its line.

    bool operator==(const field_stops&) const = default;
};

/// Finds the stops in the block_bytes at `begin`, and reads nothing outside them.
using find_stops_function = field_stops (*)(const char* begin) noexcept;

/// The function of a path, which must be supported here. All give the same answers; that of the
/// portable path is their meaning, byte by byte, and no faster than going without.
[[nodiscard]] find_stops_function find_stops_of(scan_path path) noexcept;

}  // namespace rouse::http::scan
