#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rouse::http {

/// The methods of RFC 9110, 9.3, and PATCH (RFC 5789). `other` is any other token: valid, and not
/// known here, so that no route has it. See parse_error::method_unknown.
enum class method : std::uint8_t {
    get,
    head,
    post,
    put,
    delete_,
    connect,
    options,
    trace,
    patch,
    other,
};

/// A set of methods: one bit each, see to_mask.
using method_mask = std::uint16_t;

inline constexpr std::size_t method_count = 10;

[[nodiscard]] constexpr method_mask to_mask(method verb) noexcept {
    return static_cast<method_mask>(1U << static_cast<unsigned>(verb));
}

/// All that are known, without `other`, which is the last.
inline constexpr method_mask method_mask_all = to_mask(method::other) - 1;

/// The method named by a token. Names are case-sensitive (RFC 9110, 9.1): "get" is `other`.
[[nodiscard]] method parse_method(std::string_view token) noexcept;

/// "GET" for method::get; empty for `other`, whose name only the request knows.
[[nodiscard]] std::string_view to_string(method verb) noexcept;

}  // namespace rouse::http
