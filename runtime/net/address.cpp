#include "runtime/net/address.hpp"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

namespace rouse {
namespace {

constexpr std::string_view unix_prefix = "unix:";
constexpr std::size_t unix_header_bytes = offsetof(sockaddr_un, sun_path);
constexpr std::size_t unix_name_bytes_max = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t port_digits_max = 5;

std::optional<std::uint32_t> parse_number(std::string_view digits) noexcept {
    std::uint32_t number = 0;
    const char* const begin = digits.data();
    const char* const end = begin + digits.size();
    const auto [stop, error] = std::from_chars(begin, end, number);
    if (error != std::errc{} || stop != end) {
        return std::nullopt;
    }
    return number;
}

std::optional<std::uint16_t> parse_port(std::string_view digits) noexcept {
    if (digits.size() > port_digits_max) {
        return std::nullopt;
    }
    const auto number = parse_number(digits);
    if (!number || *number > UINT16_MAX) {
        return std::nullopt;
    }
    return static_cast<std::uint16_t>(*number);
}

// inet_pton and if_nametoindex want a terminated string; a name with a NUL inside is no name.
template <std::size_t Size>
bool copy_terminated(std::string_view text, std::array<char, Size>& copy) noexcept {
    if (text.empty() || text.size() >= Size || text.contains('\0')) {
        return false;
    }
    std::ranges::copy(text, copy.begin());
    copy[text.size()] = '\0';
    return true;
}

std::optional<std::uint32_t> parse_scope(std::string_view scope) noexcept {
    if (const auto number = parse_number(scope)) {
        return number;
    }
    std::array<char, IF_NAMESIZE> name{};
    const unsigned index = copy_terminated(scope, name) ? ::if_nametoindex(name.data()) : 0;
    return index != 0 ? std::optional<std::uint32_t>(index) : std::nullopt;
}

}  // namespace

template <class Sockaddr>
void address::store(const Sockaddr& source, std::size_t size) noexcept {
    static_assert(sizeof(Sockaddr) <= sizeof(bytes_) && alignof(Sockaddr) <= 8);
    std::memcpy(bytes_.data(), &source, size);
    size_ = static_cast<socklen_t>(size);
}

template <class Sockaddr>
Sockaddr address::load() const noexcept {
    Sockaddr copy{};
    std::memcpy(&copy, bytes_.data(), std::min<std::size_t>(size_, sizeof copy));
    return copy;
}

result<address> address::parse(std::string_view text) noexcept {
    if (text.starts_with(unix_prefix)) {
        return parse_unix(text.substr(unix_prefix.size()));
    }
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) {
        return failure(errc::address_invalid);
    }
    const auto port = parse_port(text.substr(colon + 1));
    const std::string_view host = text.substr(0, colon);
    if (!port) {
        return failure(errc::address_invalid);
    }
    if (host.starts_with('[') && host.ends_with(']')) {
        return parse_ipv6(host.substr(1, host.size() - 2), *port);
    }
    return parse_ipv4(host, *port);
}

result<address> address::parse_unix(std::string_view name) noexcept {
    if (name.empty() || name == "@" || name.size() > unix_name_bytes_max || name.contains('\0')) {
        return failure(errc::address_invalid);
    }
    sockaddr_un target{};
    target.sun_family = AF_UNIX;
    std::ranges::copy(name, &target.sun_path[0]);
    const bool abstract = name.front() == '@';
    if (abstract) {
        target.sun_path[0] = '\0';
    }
    // An abstract name ends with its length, a path with a NUL that counts.
    address parsed;
    parsed.store(target, unix_header_bytes + name.size() + (abstract ? 0 : 1));
    return parsed;
}

result<address> address::parse_ipv6(std::string_view host, std::uint16_t port) noexcept {
    sockaddr_in6 target{};
    target.sin6_family = AF_INET6;
    target.sin6_port = htons(port);
    if (const std::size_t percent = host.find('%'); percent != std::string_view::npos) {
        const auto scope = parse_scope(host.substr(percent + 1));
        if (!scope) {
            return failure(errc::address_invalid);
        }
        target.sin6_scope_id = *scope;
        host = host.substr(0, percent);
    }
    std::array<char, INET6_ADDRSTRLEN> copy{};
    if (!copy_terminated(host, copy) ||
        ::inet_pton(AF_INET6, copy.data(), &target.sin6_addr) != 1) {
        return failure(errc::address_invalid);
    }
    address parsed;
    parsed.store(target, sizeof target);
    return parsed;
}

result<address> address::parse_ipv4(std::string_view host, std::uint16_t port) noexcept {
    sockaddr_in target{};
    target.sin_family = AF_INET;
    target.sin_port = htons(port);
    std::array<char, INET_ADDRSTRLEN> copy{};
    if (!copy_terminated(host, copy) || ::inet_pton(AF_INET, copy.data(), &target.sin_addr) != 1) {
        return failure(errc::address_invalid);
    }
    address parsed;
    parsed.store(target, sizeof target);
    return parsed;
}

address address::from_sockaddr(const sockaddr* source, socklen_t size) noexcept {
    address copied;
    if (source == nullptr || size < sizeof(sa_family_t)) {
        return copied;
    }
    sa_family_t family = AF_UNSPEC;
    std::memcpy(&family, source, sizeof family);
    if (family == AF_INET && size >= sizeof(sockaddr_in)) {
        sockaddr_in target{};
        // sin_zero is left out: it may hold anything and would make equal addresses differ.
        std::memcpy(&target, source, offsetof(sockaddr_in, sin_zero));
        copied.store(target, sizeof target);
    } else if (family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
        sockaddr_in6 target{};
        std::memcpy(&target, source, sizeof target);
        copied.store(target, sizeof target);
    } else if (family == AF_UNIX) {
        sockaddr_un target{};
        std::size_t bytes = std::min<std::size_t>(size, sizeof target);
        std::memcpy(&target, source, bytes);
        // The kernel may report a path's length with or without its NUL, or with more behind it.
        if (bytes > unix_header_bytes && target.sun_path[0] != '\0') {
            const std::size_t path_bytes = ::strnlen(&target.sun_path[0], unix_name_bytes_max);
            bytes = unix_header_bytes + path_bytes + 1;
            std::fill(&target.sun_path[path_bytes], std::end(target.sun_path), '\0');
        }
        copied.store(target, bytes);
    }
    return copied;
}

const sockaddr* address::data() const noexcept {
    return reinterpret_cast<const sockaddr*>(bytes_.data());
}

sa_family_t address::family() const noexcept {
    return size_ == 0 ? sa_family_t{AF_UNSPEC} : load<sockaddr>().sa_family;
}

std::uint16_t address::port() const noexcept {
    switch (family()) {
        case AF_INET:
            return ntohs(load<sockaddr_in>().sin_port);
        case AF_INET6:
            return ntohs(load<sockaddr_in6>().sin6_port);
        default:
            return 0;
    }
}

std::string_view address::unix_path() const noexcept {
    if (family() != AF_UNIX || size_ <= unix_header_bytes) {
        return {};
    }
    const char* const path = reinterpret_cast<const char*>(bytes_.data()) + unix_header_bytes;
    return {path, ::strnlen(path, size_ - unix_header_bytes)};
}

std::string address::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> host{};
    switch (family()) {
        case AF_INET: {
            const auto source = load<sockaddr_in>();
            (void)::inet_ntop(AF_INET, &source.sin_addr, host.data(),
                              host.size());  // host is large enough.
            return std::string(host.data()) + ':' + std::to_string(port());
        }
        case AF_INET6: {
            const auto source = load<sockaddr_in6>();
            (void)::inet_ntop(AF_INET6, &source.sin6_addr, host.data(),
                              host.size());  // host is large enough.
            const std::string scope = source.sin6_scope_id != 0
                                          ? '%' + std::to_string(source.sin6_scope_id)
                                          : std::string();
            return '[' + std::string(host.data()) + scope + "]:" + std::to_string(port());
        }
        case AF_UNIX: {
            if (size_ <= unix_header_bytes || !unix_path().empty()) {
                return std::string(unix_prefix) + std::string(unix_path());
            }
            const char* const name =
                reinterpret_cast<const char*>(bytes_.data()) + unix_header_bytes;
            return std::string(unix_prefix) + '@' +
                   std::string(name + 1, size_ - unix_header_bytes - 1);
        }
        default:
            return "none";
    }
}

}  // namespace rouse
