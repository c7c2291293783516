#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rouse::http {

/// What a client sends in Authorization, in bytes of its encoded form. More is no credential.
inline constexpr std::size_t basic_credentials_bytes_max = 1'024;

/// A user and a password as they came, in UTF-8 as the challenge asks for.
struct basic_credentials {
    std::string user;
    std::string password;
};

/// Takes apart the value of an Authorization header: "Basic dXNlcjpwYXNz". Nothing when the scheme
/// is another one, the base64 is not the one way to write its bytes (RFC 4648, 3.5 and 4), there is
/// no colon, or a control character stands in it (RFC 7617, 2).
[[nodiscard]] std::optional<basic_credentials> parse_basic_credentials(std::string_view value);

}  // namespace rouse::http
