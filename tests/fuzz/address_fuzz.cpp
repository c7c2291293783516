#include <netinet/in.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/net/address.hpp"
#include "tests/fuzz/reference_text.hpp"
#include "tests/fuzz/require.hpp"

namespace {

using rouse::address;
using rouse::errc;
using rouse::fuzz::require;
using rouse::fuzz::split;

// The simplest meaning of "1 to so many digits, and no more than that".
std::optional<unsigned> number_up_to(std::string_view digits, std::size_t digits_max,
                                     unsigned max) {
    if (digits.empty() || digits.size() > digits_max) {
        return std::nullopt;
    }
    unsigned number = 0;
    for (const char digit : digits) {
        if (digit < '0' || digit > '9') {
            return std::nullopt;
        }
        number = number * 10 + static_cast<unsigned>(digit - '0');
    }
    return number <= max ? std::optional(number) : std::nullopt;
}

bool is_ipv4_with_port(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || !number_up_to(text.substr(colon + 1), 5, 65'535)) {
        return false;
    }
    const auto parts = split(text.substr(0, colon), '.');
    return parts.size() == 4 && std::ranges::all_of(parts, [](std::string_view part) {
               return number_up_to(part, 3, 255) && (part.size() == 1 || part.front() != '0');
           });
}

void check_consistent(const address& known) {
    require(known.size() <= sizeof(sockaddr_un));
    require(known.family() == AF_UNSPEC ? known.size() == 0 : known.size() >= sizeof(sa_family_t));
    require(address::from_sockaddr(known.data(), known.size()) == known);
    require(known.unix_path().size() < sizeof(sockaddr_un::sun_path));
    require(known.family() == AF_UNIX ? known.port() == 0 : known.unix_path().empty());
}

void check_parse(std::string_view text) {
    const auto parsed = address::parse(text);
    require((parsed && parsed->family() == AF_INET) == is_ipv4_with_port(text));
    if (!parsed) {
        require(parsed.error() == errc::address_invalid);
        return;
    }
    check_consistent(*parsed);
    require((parsed->family() == AF_INET6) == text.starts_with('['));
    require((parsed->family() == AF_UNIX) == text.starts_with("unix:"));
    require(address::parse(parsed->to_string()) == *parsed);
}

// What no text says: the flow of an IPv6 address, an unnamed unix socket, and names that the kernel
// allows and the text form does not.
bool has_text(const address& known) {
    switch (known.family()) {
        case AF_INET:
            return true;
        case AF_INET6: {
            sockaddr_in6 raw{};
            std::memcpy(&raw, known.data(), sizeof raw);
            return raw.sin6_flowinfo == 0;
        }
        case AF_UNIX: {
            constexpr std::size_t header_bytes = offsetof(sockaddr_un, sun_path);
            sockaddr_un raw{};
            std::memcpy(&raw, known.data(), known.size());
            const std::size_t bytes = known.size() - header_bytes;
            const bool abstract = bytes > 0 && raw.sun_path[0] == '\0';
            const std::string_view name(&raw.sun_path[1], abstract ? bytes - 1 : 0);
            return abstract ? !name.empty() && !name.contains('\0') &&
                                  name.size() < sizeof raw.sun_path - 1
                            : bytes > 0 && raw.sun_path[0] != '@';
        }
        default:
            return false;
    }
}

void check_from_sockaddr(std::string_view bytes) {
    sa_family_t family = AF_UNSPEC;
    std::memcpy(&family, bytes.data(), std::min(bytes.size(), sizeof family));
    const bool known_family = (family == AF_INET && bytes.size() >= sizeof(sockaddr_in)) ||
                              (family == AF_INET6 && bytes.size() >= sizeof(sockaddr_in6)) ||
                              (family == AF_UNIX && bytes.size() >= sizeof family);
    const address taken = address::from_sockaddr(reinterpret_cast<const sockaddr*>(bytes.data()),
                                                 static_cast<socklen_t>(bytes.size()));
    require(taken.family() == (known_family ? family : AF_UNSPEC));
    check_consistent(taken);
    if (has_text(taken)) {
        require(address::parse(taken.to_string()) == taken);
    }
}

}  // namespace

// The bytes as a text, and as what a kernel would have written: what is taken is an address whose
// text and whose bytes give the same address again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check_parse(bytes);
    if (size > 0) {
        check_from_sockaddr(bytes);
    }
    return 0;
}
