#include "runtime/net/ip_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace rouse {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t network_bytes = 8;

}  // namespace

ip_address::ip_address(const address& whole) noexcept {
    if (whole.family() == AF_INET) {
        sockaddr_in source{};
        std::memcpy(&source, whole.data(), sizeof source);
        std::ranges::copy(mapped_prefix, bytes_.begin());
        std::memcpy(bytes_.data() + mapped_prefix.size(), &source.sin_addr, sizeof source.sin_addr);
    } else if (whole.family() == AF_INET6) {
        sockaddr_in6 source{};
        std::memcpy(&source, whole.data(), sizeof source);
        std::memcpy(bytes_.data(), &source.sin6_addr, bytes_.size());
    }
}

bool ip_address::is_ipv4() const noexcept {
    return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes_.begin());
}

ip_address ip_address::client() const noexcept {
    ip_address masked = *this;
    if (!is_ipv4()) {
        std::fill(masked.bytes_.begin() + network_bytes, masked.bytes_.end(), std::uint8_t{0});
    }
    return masked;
}

std::string ip_address::to_string() const {
    if (!is_specified()) {
        return "-";
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (is_ipv4()) {
        (void)::inet_ntop(AF_INET, bytes_.data() + mapped_prefix.size(), text.data(), text.size());
    } else {
        (void)::inet_ntop(AF_INET6, bytes_.data(), text.data(), text.size());
    }
    return text.data();
}

// Who chooses addresses so that they collide gains a longer walk of one list at most.
std::size_t ip_address::hash() const noexcept {
    std::uint64_t halves[2];
    std::memcpy(&halves, bytes_.data(), sizeof halves);
    constexpr std::uint64_t odd = 0x9e3779b97f4a7c15;
    std::uint64_t mixed = (halves[0] * odd) ^ halves[1];
    mixed ^= mixed >> 32U;
    mixed *= odd;
    return mixed ^ (mixed >> 29U);
}

}  // namespace rouse
