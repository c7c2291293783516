#pragma once

#include <netinet/in.h>

#include <cstdint>

namespace rouse::soak {

/// Connection number n leaves from an address of its own, 127.16.0.0 + n. So ports do not run out,
/// however many of the last million connections still wait in TIME_WAIT, and a proxy can tell the
/// number.
inline constexpr std::uint32_t first_source = (127U << 24U) + (16U << 16U);
/// Numbers are below this: what is left of 127.0.0.0/8, without its last 65,536 addresses.
inline constexpr std::uint32_t connections_max = 239U << 16U;

[[nodiscard]] inline sockaddr_in source_of(std::uint32_t connection) noexcept {
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(first_source + connection);
    return source;
}

[[nodiscard]] inline std::uint32_t connection_of(const sockaddr_in& source) noexcept {
    return ntohl(source.sin_addr.s_addr) - first_source;
}

}  // namespace rouse::soak
