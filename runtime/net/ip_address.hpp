#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "runtime/net/address.hpp"

namespace rouse {

/// An IP address without its port, as a small value to count, compare and log by: IPv4 in its
/// mapped form (RFC 4291, 2.5.5.2). A peer that has none, such as that of a unix socket, is the
/// unspecified address.
class ip_address {
   public:
    ip_address() noexcept = default;
    /// Of an IPv4 or IPv6 address; unspecified for any other.
    explicit ip_address(const address& whole) noexcept;

    [[nodiscard]] bool is_specified() const noexcept { return *this != ip_address(); }
    [[nodiscard]] bool is_ipv4() const noexcept;
    /// In network order: the last four are those of an IPv4 address.
    [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }

    /// Whom a limit for one client counts together: an IPv4 address, or the first 64 bits of an
    /// IPv6 one, of which one client has all (RFC 4291, 2.5.4).
    [[nodiscard]] ip_address client() const noexcept;

    /// "192.0.2.1", "2001:db8::1", or "-" when unspecified.
    [[nodiscard]] std::string to_string() const;

    [[nodiscard]] std::size_t hash() const noexcept;
    friend bool operator==(const ip_address& left, const ip_address& right) noexcept = default;

   private:
    std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace rouse

template <>
struct std::hash<rouse::ip_address> {
    std::size_t operator()(const rouse::ip_address& hashed) const noexcept { return hashed.hash(); }
};
