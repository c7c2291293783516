#include "protocols/http/request_target.hpp"

#include <algorithm>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/header_field.hpp"

namespace rouse::http {
namespace {

bool is_valid_port(std::string_view port) noexcept {
    constexpr std::size_t digits_max = 5;
    if (port.size() > digits_max) {
        return false;
    }
    unsigned value = 0;
    for (const char byte : port) {
        if (!is_digit(byte)) {
            return false;
        }
        value = value * 10 + static_cast<unsigned>(byte - '0');
    }
    return value <= 65'535;
}

// RFC 3986, 3.2.2: IPv6 addresses and the reserved IPvFuture; only the bytes are checked, nobody
// here connects to it.
bool is_valid_ip_literal(std::string_view literal) noexcept {
    return !literal.empty() && std::ranges::all_of(literal, [](char byte) {
        return byte == ':' || (byte != '%' && is_in(byte, byte_class::host));
    });
}

bool has_scheme(std::string_view target, std::string_view scheme) noexcept {
    return equals_ignoring_case(target.substr(0, scheme.size()), scheme);
}

}  // namespace

bool is_valid_host(std::string_view host) noexcept {
    std::size_t name_end = 0;
    if (host.starts_with('[')) {
        const std::size_t bracket = host.find(']');
        if (bracket == std::string_view::npos ||
            !is_valid_ip_literal(host.substr(1, bracket - 1))) {
            return false;
        }
        name_end = bracket + 1;
    } else {
        while (name_end < host.size() && is_in(host[name_end], byte_class::host)) {
            ++name_end;
        }
    }
    const std::string_view rest = host.substr(name_end);
    if (rest.empty()) {
        return true;
    }
    // A port needs a host before it.
    return rest.front() == ':' && name_end > 0 && is_valid_port(rest.substr(1));
}

std::optional<absolute_target> split_absolute_target(std::string_view target) noexcept {
    constexpr std::string_view http = "http://";
    constexpr std::string_view https = "https://";
    if (has_scheme(target, http)) {
        target.remove_prefix(http.size());
    } else if (has_scheme(target, https)) {
        target.remove_prefix(https.size());
    } else {
        return std::nullopt;
    }
    absolute_target parts;
    const std::size_t authority_end = std::min(target.find_first_of("/?"), target.size());
    parts.authority = target.substr(0, authority_end);
    if (parts.authority.empty() || !is_valid_host(parts.authority)) {
        return std::nullopt;
    }
    target.remove_prefix(authority_end);
    const std::size_t path_end = std::min(target.find('?'), target.size());
    parts.path = path_end == 0 ? std::string_view("/") : target.substr(0, path_end);
    parts.query = target.substr(std::min(path_end + 1, target.size()));
    return parts;
}

}  // namespace rouse::http
