#include <algorithm>
#include <cstring>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/request_parser.hpp"
#include "protocols/http/scan.hpp"

namespace rouse::http {

request_parser::step request_parser::parse_request_line(cursor& in) noexcept {
    step outcome = step::next;
    if (state_ == state::empty_lines) {
        outcome = skip_empty_lines(in);
    }
    if (state_ == state::method && outcome == step::next) {
        outcome = parse_method_name(in);
    }
    if (state_ == state::path && outcome == step::next) {
        outcome = parse_path(in);
    }
    if (state_ == state::query && outcome == step::next) {
        outcome = parse_query(in);
    }
    if (state_ == state::version && outcome == step::next) {
        outcome = parse_version(in);
    }
    return outcome;
}

// RFC 9112, 2.2: empty lines before a request line are passed over; old clients send one after a
// body.
request_parser::step request_parser::skip_empty_lines(cursor& in) noexcept {
    while (in.at != in.end && *in.at == '\r') {
        if (in.end - in.at < 2) {
            return step::starved;
        }
        if (in.at[1] != '\n') {
            return fail(parse_error::bare_cr);
        }
        in.at += 2;
        if (in.offset(in.at) > 2 * empty_lines_max) {
            return fail(parse_error::too_many_empty_lines);
        }
    }
    if (in.at == in.end) {
        return step::starved;
    }
    method_begin_ = in.offset(in.at);
    state_ = state::method;
    return step::next;
}

request_parser::step request_parser::parse_method_name(cursor& in) noexcept {
    in.at = scan::portable::find_token_end(in.at, in.end);
    const std::size_t length = in.offset(in.at) - method_begin_;
    if (length > method_bytes_max) {
        return fail(parse_error::method_too_long);
    }
    if (in.at == in.end) {
        return step::starved;
    }
    if (*in.at != ' ' || length == 0) {
        return fail(*in.at == '\n' ? parse_error::bare_lf : parse_error::method_invalid);
    }
    method_end_ = in.offset(in.at);
    ++in.at;
    state_ = state::path;
    return step::next;
}

// The portable path is portable throughout, so that it can be compared with the others.
const char* request_parser::find_path_end(const cursor& in) const noexcept {
    return path_ == scan_path::portable ? scan::portable::find_path_end(in.at, in.end)
                                        : scan::find_path_end(in.at, in.end);
}

const char* request_parser::find_target_end(const cursor& in) const noexcept {
    return path_ == scan_path::portable ? scan::portable::find_target_end(in.at, in.end)
                                        : scan::find_target_end(in.at, in.end);
}

request_parser::step request_parser::parse_path(cursor& in) noexcept {
    const char* const stop = find_path_end(in);
    in.at = stop;
    if (stop != in.end && *stop == '?' &&
        in.offset(stop) - method_end_ - 1 <= limits_.target_bytes_max) {
        path_end_ = in.offset(stop);
        ++in.at;
        state_ = state::query;
        return step::next;
    }
    const step outcome = end_target(in, stop);
    if (outcome == step::next) {
        path_end_ = target_end_;
        ++in.at;
    }
    return outcome;
}

request_parser::step request_parser::parse_query(cursor& in) noexcept {
    in.at = find_target_end(in);
    const step outcome = end_target(in, in.at);
    if (outcome == step::next) {
        ++in.at;
    }
    return outcome;
}

// RFC 9112, 3: exactly one SP on either side of the target. `stop` is the first byte that cannot be
// in one.
request_parser::step request_parser::end_target(const cursor& in, const char* stop) noexcept {
    const std::size_t length = in.offset(stop) - method_end_ - 1;
    // Before the byte is looked at: in pieces, the length is known first.
    if (length > limits_.target_bytes_max) {
        return fail(parse_error::target_too_long);
    }
    if (stop == in.end) {
        return step::starved;
    }
    if (*stop != ' ' || length == 0) {
        return fail(parse_error::target_invalid);
    }
    target_end_ = in.offset(stop);
    state_ = state::version;
    return step::next;
}

request_parser::step request_parser::parse_version(cursor& in) noexcept {
    constexpr std::string_view common = "HTTP/1.1\r\n";
    if (in.end - in.at >= static_cast<std::ptrdiff_t>(common.size()) &&
        std::memcmp(in.at, common.data(), common.size()) == 0) [[likely]] {
        in.at += common.size();
        minor_version_ = 1;
        state_ = state::field_start;
        return step::next;
    }
    return parse_odd_version(in);
}

// RFC 9112, 2.3: "HTTP/" DIGIT "." DIGIT, compared with case. What there is of it is checked now,
// so that a client which sends too little does not wait for its answer; the few bytes are looked at
// again when more come.
request_parser::step request_parser::parse_odd_version(cursor& in) noexcept {
    constexpr std::string_view form = "HTTP/d.d\r\n";
    constexpr std::size_t major_offset = 5;
    constexpr std::size_t minor_offset = 7;
    const std::size_t available =
        std::min<std::size_t>(form.size(), in.offset(in.end) - in.offset(in.at));
    for (std::size_t index = 0; index < available; ++index) {
        const char byte = in.at[index];
        if (form[index] == 'd' ? !is_digit(byte) : byte != form[index]) {
            return fail(byte == '\n' ? parse_error::bare_lf : parse_error::version_invalid);
        }
    }
    if (available < form.size()) {
        return step::starved;
    }
    if (in.at[major_offset] != '1') {
        return fail(parse_error::version_not_supported);
    }
    minor_version_ = in.at[minor_offset] == '0' ? 0 : 1;
    in.at += form.size();
    state_ = state::field_start;
    return step::next;
}

}  // namespace rouse::http
