#include "protocols/http/response.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/header_field.hpp"
#include "protocols/http/status.hpp"

namespace rouse::http {
namespace {

bool is_made_by_connection(std::string_view name) noexcept {
    constexpr std::array<std::string_view, 6> names = {
        "Connection", "Content-Length", "Content-Type", "Date", "Server", "Transfer-Encoding"};
    return std::ranges::any_of(
        names, [name](std::string_view each) { return equals_ignoring_case(name, each); });
}

bool are_writable(const std::vector<response_header>& headers) noexcept {
    return headers.size() <= response_headers_max &&
           std::ranges::all_of(headers, [](const response_header& each) {
               return is_valid({.name = each.name, .value = each.value}) &&
                      !is_made_by_connection(each.name);
           });
}

// A literal of this program is known by its address, so that most responses pay for no scan.
bool is_content_type(std::string_view type) noexcept {
    return type.data() == text_plain.data() || type.data() == application_json.data() ||
           type.data() == text_html.data() || all_in(type, byte_class::field_value);
}

// Most names that differ have another length, which is enough to tell.
std::uint64_t length_bit(std::string_view name) noexcept {
    return std::uint64_t{1} << std::min<std::size_t>(name.size(), 63);
}

}  // namespace

shared_headers::shared_headers(std::vector<response_header> headers)
    : headers_(std::move(headers)), is_writable_(are_writable(headers_)) {
    for (const response_header& each : headers_) {
        name_lengths_ |= length_bit(each.name);
    }
    if (is_writable_) {
        for (const response_header& each : headers_) {
            lines_.append(each.name).append(": ").append(each.value).append("\r\n");
        }
    }
}

bool shared_headers::has(std::string_view name) const noexcept {
    return (name_lengths_ & length_bit(name)) != 0 &&
           std::ranges::any_of(headers_, [name](const response_header& each) {
               return equals_ignoring_case(each.name, name);
           });
}

bool shared_headers::overlaps(const shared_headers& other) const noexcept {
    return (name_lengths_ & other.name_lengths_) != 0 &&
           std::ranges::any_of(
               headers_, [&other](const response_header& each) { return other.has(each.name); });
}

void unshare(response& made) {
    if (const auto shared = std::exchange(made.shared, nullptr)) {
        made.headers.insert(made.headers.begin(), shared->headers().begin(),
                            shared->headers().end());
    }
    if (const shared_headers* const common = std::exchange(made.common, nullptr)) {
        made.headers.insert(made.headers.end(), common->headers().begin(), common->headers().end());
    }
}

bool is_writable(const response& made) noexcept {
    const auto* source = std::get_if<std::unique_ptr<body_source>>(&made.body);
    return made.status >= 200 && made.status <= status_max && is_content_type(made.content_type) &&
           (made.headers.empty() || are_writable(made.headers)) &&
           (made.shared == nullptr || made.shared->is_writable()) &&
           (made.common == nullptr || made.common->is_writable()) &&
           (source == nullptr || *source != nullptr);
}

response response::of_status(int status) {
    response made{.status = status};
    // RFC 9110, 15.3.6: 205 has no content either, and says so by its length.
    if (!status_forbids_content(status) && status != 205) {
        std::string text = std::to_string(status);
        if (const auto phrase = reason_phrase(status); !phrase.empty()) {
            text.append(" ").append(phrase);
        }
        text += '\n';
        made.content_type = text_plain;
        made.body = std::move(text);
    }
    return made;
}

}  // namespace rouse::http
