#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace rouse::http {

/// The parts of an absolute request target; `path` is "/" when the target has none.
struct absolute_target {
    std::string_view authority;
    std::string_view path;
    std::string_view query;
};

/// Splits "http://host:port/path?query" (or https). Empty when the scheme is another one, or the
/// host is empty or malformed. See RFC 9112, 3.2.2 and RFC 9110, 4.2.
[[nodiscard]] std::optional<absolute_target> split_absolute_target(
    std::string_view target) noexcept;

/// True for uri-host [ ":" port ]: a registered name, an IPv4 address or a bracketed IP literal,
/// with a port up to 65535 or an empty one. Empty text is valid: RFC 9110, 7.2. User information is
/// not (RFC 9110, 4.2.4).
[[nodiscard]] bool is_valid_host(std::string_view host) noexcept;

}  // namespace rouse::http
