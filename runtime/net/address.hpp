#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/base/result.hpp"

namespace rouse {

/// A socket address: IPv4, IPv6, a unix path, an abstract unix name, or none. A value of fixed size
/// that allocates only in to_string. Equal addresses have equal bytes: what the kernel ignores is
/// kept at zero. See ip(7), ipv6(7), unix(7).
class address {
   public:
    /// No address: family AF_UNSPEC, size 0.
    address() noexcept = default;

    /// Reads "127.0.0.1:8080", "[::1]:8080", "[fe80::1%eth0]:8080", "unix:PATH" or "unix:@NAME"
    /// (abstract). Port 0 is allowed: bind picks one. Names are not resolved, and there is no
    /// wildcard but 0.0.0.0 and [::]. Error: errc::address_invalid.
    [[nodiscard]] static result<address> parse(std::string_view text) noexcept;

    /// Copies what the kernel wrote, as from accept(2) or getsockname(2). A family that is not
    /// listed above, or a length too short for its family, gives no address.
    [[nodiscard]] static address from_sockaddr(const sockaddr* source, socklen_t size) noexcept;

    /// What bind(2), connect(2) and sendmsg(2) take. Valid as long as this address is and does not
    /// change.
    [[nodiscard]] const sockaddr* data() const noexcept;
    [[nodiscard]] socklen_t size() const noexcept { return size_; }

    /// AF_INET, AF_INET6, AF_UNIX or AF_UNSPEC.
    [[nodiscard]] sa_family_t family() const noexcept;

    /// In host byte order; 0 for unix sockets.
    [[nodiscard]] std::uint16_t port() const noexcept;

    /// The path of a unix socket that has one in the file system, otherwise empty. Lives as long as
    /// this address.
    [[nodiscard]] std::string_view unix_path() const noexcept;

    /// What parse reads back as an equal address. No address is "none"; an unnamed unix peer is
    /// "unix:".
    [[nodiscard]] std::string to_string() const;

    friend bool operator==(const address& left, const address& right) noexcept = default;

   private:
    template <class Sockaddr>
    void store(const Sockaddr& source, std::size_t size) noexcept;
    template <class Sockaddr>
    [[nodiscard]] Sockaddr load() const noexcept;
    [[nodiscard]] static result<address> parse_unix(std::string_view name) noexcept;
    [[nodiscard]] static result<address> parse_ipv6(std::string_view host,
                                                    std::uint16_t port) noexcept;
    [[nodiscard]] static result<address> parse_ipv4(std::string_view host,
                                                    std::uint16_t port) noexcept;

    alignas(sockaddr_un) alignas(8) std::array<std::byte, sizeof(sockaddr_un)> bytes_{};
    socklen_t size_ = 0;
};

}  // namespace rouse
