#include "server/health_url.hpp"

#include <algorithm>
#include <array>

#include "server/routes.hpp"

namespace rouse::server {
namespace {

constexpr std::string_view http_scheme = "http://";
constexpr std::string_view unix_scheme = "unix:";
constexpr std::string_view default_port = ":80";
constexpr std::string_view url_forms =
    "is neither http://HOST:PORT/PATH, with an address or localhost for HOST, nor "
    "unix:SOCKET:/PATH";

std::unexpected<std::string> refuse(std::string_view why) {
    return std::unexpected(std::string(why));
}

// What may stand in a request line as it is: RFC 9112, section 3.2.1, leaves out the fragment.
bool is_target(std::string_view text) noexcept {
    return std::ranges::all_of(text,
                               [](char each) { return each > ' ' && each < 0x7f && each != '#'; });
}

std::expected<health_question, std::string> parse_unix(std::string_view rest) {
    const std::size_t end = rest.find(":/");
    const auto place = address::parse(std::string(unix_scheme) + std::string(rest.substr(0, end)));
    if (!place) {
        return refuse("names no unix socket");
    }
    return health_question{
        .places = {*place},
        .host = "localhost",
        .target = std::string(end == std::string_view::npos ? "/" : rest.substr(end + 1))};
}

// The loopback addresses are all that localhost may be: RFC 6761, section 6.3.
std::vector<address> places_of(std::string_view host, std::string_view port) {
    std::vector<address> places;
    const std::array<std::string_view, 2> loopback{"127.0.0.1", "[::1]"};
    for (const std::string_view each : loopback) {
        const std::string_view chosen = host == "localhost" ? each : host;
        const auto place = address::parse(std::string(chosen) + std::string(port));
        if (place && place->port() != 0 && std::ranges::find(places, *place) == places.end()) {
            places.push_back(*place);
        }
    }
    return places;
}

std::expected<health_question, std::string> parse_http(std::string_view rest) {
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    const std::string_view authority = rest.substr(0, end);
    const std::size_t colon = authority.rfind(':');
    const bool has_port = colon != std::string_view::npos && !authority.ends_with(']');
    health_question question;
    question.places = places_of(authority.substr(0, has_port ? colon : end),
                                has_port ? authority.substr(colon) : default_port);
    if (question.places.empty() || authority.starts_with(unix_scheme)) {
        return refuse(url_forms);
    }
    question.host = authority;
    question.target =
        (rest.substr(end).starts_with('/') ? "" : "/") + std::string(rest.substr(end));
    return question;
}

}  // namespace

std::expected<health_question, std::string> parse_health_url(std::string_view url) {
    if (!is_target(url)) {
        return refuse("has a fragment, a space or another character that no URL has");
    }
    auto question = url.starts_with(http_scheme)   ? parse_http(url.substr(http_scheme.size()))
                    : url.starts_with(unix_scheme) ? parse_unix(url.substr(unix_scheme.size()))
                                                   : refuse(url_forms);
    return question;
}

health_question health_question_of(const address& listening) {
    const std::string text = listening.to_string();
    const std::string port = ':' + std::to_string(listening.port());
    address place = listening;
    if (text == "0.0.0.0" + port) {
        place = address::parse("127.0.0.1" + port).value();
    } else if (text == "[::]" + port) {
        place = address::parse("[::1]" + port).value();
    }
    return {.places = {place},
            .host = place.family() == AF_UNIX ? "localhost" : place.to_string(),
            .target = std::string(health_path)};
}

}  // namespace rouse::server
