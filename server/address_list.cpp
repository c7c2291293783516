#include "server/address_list.hpp"

#include <algorithm>
#include <string_view>

#include "server/quoted_text.hpp"

namespace rouse::server {
namespace {

constexpr std::string_view off = "off";
constexpr std::size_t port_digits_max = 5;

// The mistakes that people make, each with its cure.
std::string cure(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (text.starts_with("unix:")) {
        return "a unix path has 1 to 107 bytes, an abstract name is unix:@NAME";
    }
    if (text.starts_with("*:") || (text.starts_with(':') && colon == 0)) {
        const std::string_view rest = text.substr(colon + 1);
        const bool is_number = rest.size() <= port_digits_max &&
                               rest.find_first_not_of("0123456789") == std::string_view::npos;
        const std::string port(is_number ? rest : "PORT");
        return "for every interface write 0.0.0.0:" + port + " or [::]:" + port;
    }
    if (text.starts_with("localhost")) {
        return "names are not resolved: write 127.0.0.1 or [::1]";
    }
    if (!text.starts_with('[') && std::ranges::count(text, ':') > 1) {
        return "an IPv6 address stands in brackets, as in [::1]:8080";
    }
    return "want IPV4:PORT, [IPV6]:PORT, unix:PATH or off, with a port from 0 to 65535";
}

}  // namespace

std::expected<std::vector<address>, std::string> parse_address_list(
    std::span<const std::string> texts) {
    std::vector<address> addresses;
    if (texts.size() == 1 && texts.front() == off) {
        return addresses;
    }
    if (texts.size() > listen_addresses_max) {
        return std::unexpected(std::to_string(texts.size()) + " addresses, but at most " +
                               std::to_string(listen_addresses_max) + " are allowed");
    }
    for (const std::string& text : texts) {
        if (text == off) {
            return std::unexpected("\"off\" stands alone, without addresses beside it");
        }
        const auto parsed = address::parse(text);
        if (!parsed) {
            return std::unexpected(quoted_text(text) + " is not an address: " + cure(text));
        }
        if (!is_utf8(text)) {
            // No TOML could say it, so what --print-config prints would not be the same name.
            return std::unexpected(quoted_text(text) + " is not UTF-8");
        }
        // Port 0 twice asks for two ports; any other address can be bound once.
        const bool any_port = parsed->family() != AF_UNIX && parsed->port() == 0;
        if (!any_port && std::ranges::find(addresses, *parsed) != addresses.end()) {
            return std::unexpected(quoted_text(text) + " is listed twice");
        }
        addresses.push_back(*parsed);
    }
    return addresses;
}

}  // namespace rouse::server
