#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace rouse::http {

using hash_key = std::array<std::uint64_t, 2>;
using hash_value = std::array<std::uint64_t, 2>;

/// 128 bits that nobody can foretell without the key, of any text: SipHash-2-4-128 (Aumasson and
/// Bernstein, "SipHash: a fast short-input PRF", 2012).
[[nodiscard]] hash_value keyed_hash(const hash_key& key, std::string_view text) noexcept;

/// A key of this process. Throws std::system_error when the kernel gives no random bytes. See
/// getrandom(2).
[[nodiscard]] hash_key make_hash_key();

}  // namespace rouse::http
