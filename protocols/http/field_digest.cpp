#include "protocols/http/field_digest.hpp"

#include <charconv>
#include <cstddef>
#include <cstring>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/request_target.hpp"

namespace rouse::http {
namespace {

// Compares a name of the same length with a lower-case literal. Setting the case bit of a token
// byte makes none equal to a letter or '-' that was not so before, and the loop over a constant
// length becomes a few wide operations.
template <std::size_t Size>
bool is_named(std::string_view name, const char (&lower)[Size]) noexcept {
    unsigned difference = 0;
    for (std::size_t index = 0; index < Size - 1; ++index) {
        difference |= static_cast<unsigned>((name[index] | 0x20) ^ lower[index]);
    }
    return difference == 0;
}

}  // namespace

parse_error field_digest::add(const header_field& field, std::uint8_t index) noexcept {
    const std::string_view name = field.name;
    switch (name.size()) {
        case 4:
            return is_named(name, "host") ? add_host(field.value, index) : parse_error::none;
        case 6:
            return is_named(name, "expect") ? add_expect(field.value) : parse_error::none;
        case 10:
            if (is_named(name, "connection")) {
                add_connection(field.value);
            }
            return parse_error::none;
        case 12:
            if (content_type_index_ == absent && is_named(name, "content-type")) {
                content_type_index_ = index;
            }
            return parse_error::none;
        case 14:
            return is_named(name, "content-length") ? add_content_length(field.value)
                                                    : parse_error::none;
        case 17:
            return is_named(name, "transfer-encoding") ? add_transfer_encoding(field.value)
                                                       : parse_error::none;
        default:
            return parse_error::none;
    }
}

// RFC 9112, 3.2: more than one Host, or one with an invalid value, is answered with 400.
parse_error field_digest::add_host(std::string_view value, std::uint8_t index) noexcept {
    if (host_index_ != absent) {
        return parse_error::host_duplicate;
    }
    host_index_ = index;
    return is_valid_host(value) ? parse_error::none : parse_error::host_invalid;
}

// RFC 9110, 8.6: 1*DIGIT. A list of equal lengths could be accepted (RFC 9112, 6.3), but only a
// sender that tries something makes one, so it is refused.
parse_error field_digest::add_content_length(std::string_view value) noexcept {
    if (has_content_length_) {
        return parse_error::content_length_duplicate;
    }
    has_content_length_ = true;
    if (value.empty() || !is_digit(value.front())) {
        return parse_error::content_length_invalid;
    }
    const char* const end = value.data() + value.size();
    const auto [stopped, status] = std::from_chars(value.data(), end, content_length_);
    return status == std::errc() && stopped == end ? parse_error::none
                                                   : parse_error::content_length_invalid;
}

// RFC 9112, 6.3: a request whose last coding is not chunked has no length that both sides agree on:
// 400. RFC 9112, 6.1: one with a coding that is not known here: 501. Two lines would be one list,
// but are refused: chunked may stand there once.
parse_error field_digest::add_transfer_encoding(std::string_view value) noexcept {
    if (has_chunked_) {
        return parse_error::transfer_encoding_duplicate;
    }
    if (equals_ignoring_case(value, "chunked")) [[likely]] {
        has_chunked_ = true;
        return parse_error::none;
    }
    std::size_t members = 0;
    bool chunked_last = false;
    std::string_view rest = value;
    for (std::string_view member = next_list_member(rest); !member.empty();
         member = next_list_member(rest)) {
        if (chunked_last) {
            return parse_error::transfer_encoding_invalid;
        }
        chunked_last = equals_ignoring_case(member, "chunked");
        ++members;
    }
    return chunked_last && members > 1 ? parse_error::transfer_encoding_unknown
                                       : parse_error::transfer_encoding_invalid;
}

// RFC 9110, 10.1.1: 417 for any other member.
parse_error field_digest::add_expect(std::string_view value) noexcept {
    std::string_view rest = value;
    for (std::string_view member = next_list_member(rest); !member.empty();
         member = next_list_member(rest)) {
        if (!equals_ignoring_case(member, "100-continue")) {
            return parse_error::expectation_unknown;
        }
        has_continue_ = true;
    }
    return parse_error::none;
}

// RFC 9110, 7.6.1: a list of options; several lines are one list.
void field_digest::add_connection(std::string_view value) noexcept {
    std::string_view rest = value;
    for (std::string_view member = next_list_member(rest); !member.empty();
         member = next_list_member(rest)) {
        has_close_ = has_close_ || equals_ignoring_case(member, "close");
        has_keep_alive_ = has_keep_alive_ || equals_ignoring_case(member, "keep-alive");
    }
}

parse_error field_digest::finish(request_head& head) const noexcept {
    const bool is_http_1_0 = head.minor_version == 0;
    // RFC 9112, 3.2: HTTP/1.1 requires Host, also when the target has the authority in it.
    if (host_index_ == absent && !is_http_1_0) {
        return parse_error::host_missing;
    }
    // RFC 9112, 6.1: faulty framing, since a recipient of that time would not have looked at it.
    if (has_chunked_ && is_http_1_0) {
        return parse_error::transfer_encoding_in_http_1_0;
    }
    // RFC 9112, 6.3: allowed to be handled by ignoring Content-Length, and to be refused: this is
    // how smuggling looks.
    if (has_chunked_ && has_content_length_) {
        return parse_error::transfer_encoding_and_content_length;
    }
    head.framing = has_chunked_          ? body_framing::chunked
                   : has_content_length_ ? body_framing::length
                                         : body_framing::none;
    head.content_length = content_length_;
    // RFC 9112, 9.3: close wins; HTTP/1.0 stays open only when it asks.
    head.keep_alive = !has_close_ && (!is_http_1_0 || has_keep_alive_);
    // RFC 9110, 10.1.1: ignored in HTTP/1.0; without content to come there is nothing to wait for.
    head.expect_continue = has_continue_ && !is_http_1_0 && (has_chunked_ || content_length_ > 0);
    if (head.host.empty() && host_index_ != absent) {
        head.host = head.headers[host_index_].value;
    }
    head.content_type = content_type_index_ == absent ? std::string_view()
                                                      : head.headers[content_type_index_].value;
    return parse_error::none;
}

}  // namespace rouse::http
