#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "runtime/net/address.hpp"

namespace rouse::server {

inline constexpr std::size_t listen_addresses_max = 64;

/// Reads the addresses of a listen setting; none, or "off" alone, is none. Port 0 may stand several
/// times. The error is a sentence part for the operator: what is wrong with which text, and the
/// cure.
[[nodiscard]] std::expected<std::vector<address>, std::string> parse_address_list(
    std::span<const std::string> texts);

}  // namespace rouse::server
