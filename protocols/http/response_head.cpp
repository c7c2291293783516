#include "protocols/http/response_head.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstring>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/date.hpp"
#include "protocols/http/status.hpp"

namespace rouse::http {
namespace {

constexpr std::string_view server_line = "Server: rouse\r\n";
constexpr std::string_view server_and_date_name = "Server: rouse\r\nDate: ";
constexpr std::string_view content_type_name = "Content-Type: ";
constexpr std::string_view content_length_name = "Content-Length: ";
constexpr std::string_view chunked_line = "Transfer-Encoding: chunked\r\n";
constexpr std::string_view close_line = "Connection: close\r\n";
constexpr std::string_view keep_alive_line = "Connection: keep-alive\r\n";
constexpr std::string_view line_end = "\r\n";
constexpr std::string_view name_end = ": ";
constexpr std::size_t length_digits_max = 20;

// Everything that is written whatever the views hold, with the longer choice of each.
constexpr std::size_t fixed_bytes_max =
    status_line_bytes_max + server_and_date_name.size() + http_date_bytes + line_end.size() +
    content_type_name.size() + line_end.size() +
    std::max(content_length_name.size() + length_digits_max + line_end.size(),
             chunked_line.size()) +
    keep_alive_line.size() + line_end.size();

// A template on the text, so that the length is a constant and the copy a few moves.
template <const std::string_view& Text>
char* put(char* out) noexcept {
    std::memcpy(out, Text.data(), Text.size());
    return out + Text.size();
}

// std::copy instead of memcpy: an empty view may have a null pointer.
char* put(char* out, std::string_view text) noexcept {
    return std::copy(text.begin(), text.end(), out);
}

[[maybe_unused]] bool may_be_written(const response_head& head) noexcept {
    const bool forbidden_content =
        status_forbids_content(head.status) && head.framing != response_framing::none;
    return !forbidden_content && (head.date.empty() || head.date.size() == http_date_bytes) &&
           all_in(head.content_type, byte_class::field_value) &&
           std::ranges::all_of(head.extra_headers, is_valid);
}

}  // namespace

std::size_t response_head_bytes_bound(const response_head& head) noexcept {
    std::size_t bound = fixed_bytes_max + head.content_type.size() + head.lines_before.size() +
                        head.lines_behind.size();
    for (const header_field& field : head.extra_headers) {
        bound += field.name.size() + name_end.size() + field.value.size() + line_end.size();
    }
    return bound;
}

char* write_response_head(char* out, const response_head& head) noexcept {
    assert(may_be_written(head));
    out = write_status_line(out, head.status);
    if (head.date.empty()) [[unlikely]] {
        out = put<server_line>(out);
    } else {
        out = put<server_and_date_name>(out);
        std::memcpy(out, head.date.data(), http_date_bytes);
        out = put<line_end>(out + http_date_bytes);
    }
    if (!head.content_type.empty()) {
        out = put<content_type_name>(out);
        out = put(out, head.content_type);
        out = put<line_end>(out);
    }
    if (head.framing == response_framing::length) [[likely]] {
        out = put<content_length_name>(out);
        out = std::to_chars(out, out + length_digits_max, head.content_length).ptr;
        out = put<line_end>(out);
    } else if (head.framing == response_framing::chunked) {
        out = put<chunked_line>(out);
    }
    if (head.connection == connection_option::close) {
        out = put<close_line>(out);
    } else if (head.connection == connection_option::keep_alive) {
        out = put<keep_alive_line>(out);
    }
    out = put(out, head.lines_before);
    for (const header_field& field : head.extra_headers) {
        out = put(out, field.name);
        out = put<name_end>(out);
        out = put(out, field.value);
        out = put<line_end>(out);
    }
    out = put(out, head.lines_behind);
    return put<line_end>(out);
}

}  // namespace rouse::http
