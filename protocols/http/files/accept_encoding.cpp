#include "protocols/http/files/accept_encoding.hpp"

#include <algorithm>
#include <optional>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/header_field.hpp"

namespace rouse::http {
namespace {

constexpr std::array<std::string_view, content_coding_count> names = {"identity", "gzip", "br",
                                                                      "zstd"};
constexpr std::int16_t weight_max = 1'000;

// RFC 9110, 12.4.2: qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ).
std::optional<std::int16_t> parse_weight(std::string_view text) noexcept {
    constexpr std::size_t qvalue_bytes_max = 5;
    if (text.empty() || text.size() > qvalue_bytes_max || (text[0] != '0' && text[0] != '1') ||
        (text.size() > 1 && text[1] != '.')) {
        return std::nullopt;
    }
    int weight = (text[0] - '0') * weight_max;
    int place = weight_max / 10;
    for (const char digit : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (!is_digit(digit)) {
            return std::nullopt;
        }
        weight += (digit - '0') * place;
        place /= 10;
    }
    return weight <= weight_max ? std::optional(static_cast<std::int16_t>(weight)) : std::nullopt;
}

// RFC 9110, 12.5.3: codings [ OWS ";" OWS "q=" qvalue ]. No other parameter is defined.
std::optional<std::int16_t> parse_parameters(std::string_view text) noexcept {
    const std::string_view parameter = trim(text);
    if (!equals_ignoring_case(parameter.substr(0, 2), "q=")) {
        return std::nullopt;
    }
    return parse_weight(parameter.substr(2));
}

}  // namespace

std::string_view to_string(content_coding coding) noexcept {
    return names[static_cast<std::size_t>(coding)];
}

std::string_view suffix_of(content_coding coding) noexcept {
    constexpr std::array<std::string_view, content_coding_count> suffixes = {"", ".gz", ".br",
                                                                             ".zst"};
    return suffixes[static_cast<std::size_t>(coding)];
}

accepted_codings::accepted_codings(const request_head& head) noexcept : accepted_codings() {
    for (const header_field& field : head.headers) {
        if (equals_ignoring_case(field.name, "accept-encoding")) {
            add_line(field.value);
        }
    }
}

void accepted_codings::add_line(std::string_view value) noexcept {
    for (std::string_view member = next_list_member(value); !member.empty();
         member = next_list_member(value)) {
        const std::size_t semicolon = member.find(';');
        const std::string_view name = trim(member.substr(0, semicolon));
        const std::optional<std::int16_t> weight =
            semicolon == std::string_view::npos ? weight_max
                                                : parse_parameters(member.substr(semicolon + 1));
        if (!weight) {
            continue;
        }
        if (name == "*") {
            any_weight_ = *weight;
        }
        for (std::size_t index = 0; index < names.size(); ++index) {
            if (equals_ignoring_case(name, names[index])) {
                weights_[index] = *weight;
            }
        }
        if (equals_ignoring_case(name, "x-gzip")) {
            weights_[static_cast<std::size_t>(content_coding::gzip)] = *weight;
        }
    }
}

unsigned accepted_codings::weight(content_coding coding) const noexcept {
    const std::int16_t own = weights_[static_cast<std::size_t>(coding)];
    const std::int16_t effective = own != unlisted ? own : any_weight_;
    return effective != unlisted ? static_cast<unsigned>(effective) : 0;
}

content_coding accepted_codings::choose(std::span<const content_coding> available) const noexcept {
    content_coding chosen = content_coding::identity;
    unsigned highest = 0;
    for (const content_coding coding : available) {
        if (weight(coding) > highest) {
            highest = weight(coding);
            chosen = coding;
        }
    }
    return weight(content_coding::identity) > highest ? content_coding::identity : chosen;
}

}  // namespace rouse::http
