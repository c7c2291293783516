#include "protocols/http/request_parser.hpp"

#include <algorithm>
#include <cstring>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/request_target.hpp"
#include "protocols/http/scan.hpp"

namespace rouse::http {

parse_status request_parser::parse(std::string_view buffer) noexcept {
    if (state_ >= state::done) [[unlikely]] {
        return state_ == state::done ? parse_status::done : parse_status::bad;
    }
    if (buffer.data() != base_) {
        move_headers(buffer.data());
    }
    // Nothing beyond the limit is looked at, so that the answer does not depend on how the bytes
    // were cut.
    const std::size_t visible = std::min(buffer.size(), limits_.header_bytes_max);
    cursor in{buffer.data(), buffer.data() + offset_, buffer.data() + visible};
    step outcome = state_ < state::field_start ? parse_request_line(in) : step::next;
    if (outcome == step::next) {
        outcome = parse_fields(in);
    }
    if (outcome == step::next) {
        outcome = finish(in);
    }
    offset_ = in.offset(in.at);
    if (outcome == step::starved && visible == limits_.header_bytes_max) {
        outcome = fail(parse_error::head_too_long);
    }
    switch (outcome) {
        case step::next:
            return parse_status::done;
        case step::starved:
            return parse_status::need_more;
        case step::failed:
            break;
    }
    return parse_status::bad;
}

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

request_parser::step request_parser::parse_path(cursor& in) noexcept {
    const char* const stop = scan::find_path_end(in.at, in.end);
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
    in.at = scan::find_target_end(in.at, in.end);
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

request_parser::step request_parser::parse_fields(cursor& in) noexcept {
    for (;;) {
        step outcome = step::next;
        if (state_ == state::field_start) {
            bool is_last = false;
            outcome = begin_field(in, is_last);
            if (is_last) {
                return step::next;
            }
        }
        if (state_ == state::field_name && outcome == step::next) {
            outcome = parse_field_name(in);
        }
        if (state_ >= state::field_space && outcome == step::next) {
            outcome = parse_field_value(in);
        }
        if (outcome != step::next) {
            return outcome;
        }
    }
}

inline request_parser::step request_parser::begin_field(cursor& in, bool& is_last) noexcept {
    if (in.at == in.end) {
        return step::starved;
    }
    if (*in.at == '\r') {
        if (in.end - in.at < 2) {
            return step::starved;
        }
        if (in.at[1] != '\n') {
            return fail(parse_error::bare_cr);
        }
        in.at += 2;
        is_last = true;
        return step::next;
    }
    // RFC 9112, 5.2: obs-fold; 2.2: white space between the request line and the first header line.
    if (*in.at == ' ' || *in.at == '\t') {
        return fail(parse_error::line_folding);
    }
    if (header_count_ == limits_.header_count_max) {
        return fail(parse_error::too_many_fields);
    }
    name_begin_ = in.offset(in.at);
    state_ = state::field_name;
    return step::next;
}

inline request_parser::step request_parser::parse_field_name(cursor& in) noexcept {
    in.at = scan::find_token_end(in.at, in.end);
    if (in.at == in.end) {
        return step::starved;
    }
    name_end_ = in.offset(in.at);
    // RFC 9112, 5.1: no white space before the colon; it has led to smuggling.
    if (*in.at != ':' || name_end_ == name_begin_) [[unlikely]] {
        switch (*in.at) {
            case ' ':
            case '\t':
                return fail(parse_error::field_colon_spaced);
            case '\n':
                return fail(parse_error::bare_lf);
            default:
                return fail(parse_error::field_name_invalid);
        }
    }
    ++in.at;
    state_ = state::field_space;
    return step::next;
}

inline request_parser::step request_parser::parse_field_value(cursor& in) noexcept {
    if (state_ == state::field_space) {
        while (in.at != in.end && (*in.at == ' ' || *in.at == '\t')) {
            ++in.at;
        }
        if (in.at == in.end) {
            return step::starved;
        }
        value_begin_ = in.offset(in.at);
        state_ = state::field_value;
    }
    const char* const stop = scan::find_value_end(in.at, in.end);
    in.at = stop;
    // A CR that is last stays unread: the next call begins at it.
    if (stop == in.end || (*stop == '\r' && in.end - stop < 2)) {
        return step::starved;
    }
    if (*stop != '\r') [[unlikely]] {
        return fail(*stop == '\n' ? parse_error::bare_lf : parse_error::field_value_invalid);
    }
    if (stop[1] != '\n') [[unlikely]] {
        return fail(parse_error::bare_cr);
    }
    const char* const value = in.begin + value_begin_;
    const char* value_end = stop;
    while (value_end != value && (value_end[-1] == ' ' || value_end[-1] == '\t')) {
        --value_end;
    }
    header_field& field = headers_[header_count_];
    field.name = {in.begin + name_begin_, name_end_ - name_begin_};
    field.value = {value, static_cast<std::size_t>(value_end - value)};
    const parse_error error = digest_.add(field, header_count_);
    if (error != parse_error::none) [[unlikely]] {
        return fail(error);
    }
    ++header_count_;
    in.at = stop + 2;
    state_ = state::field_start;
    return step::next;
}

request_parser::step request_parser::finish(const cursor& in) noexcept {
    const std::uint32_t target_begin = method_end_ + 1;
    head_.method_name = {in.begin + method_begin_, method_end_ - method_begin_};
    head_.verb = parse_method(head_.method_name);
    head_.minor_version = minor_version_;
    head_.target = {in.begin + target_begin, target_end_ - target_begin};
    head_.headers = {headers_.data(), header_count_};
    parse_error error = split_target(path_end_ - target_begin);
    if (error == parse_error::none) {
        error = digest_.finish(head_);
    }
    if (error != parse_error::none) {
        return fail(error);
    }
    state_ = state::done;
    return step::next;
}

// RFC 9112, 3.2: the four forms of a target.
parse_error request_parser::split_target(std::size_t path_bytes) noexcept {
    const std::string_view target = head_.target;
    if (head_.verb == method::connect) [[unlikely]] {
        return parse_error::method_not_implemented;
    }
    if (target.front() == '/') [[likely]] {
        head_.host = {};
        head_.path = target.substr(0, path_bytes);
        head_.query = target.substr(std::min(path_bytes + 1, target.size()));
        return parse_error::none;
    }
    if (target == "*" && head_.verb == method::options) {
        head_.host = {};
        head_.path = target;
        head_.query = {};
        return parse_error::none;
    }
    const auto parts = split_absolute_target(target);
    if (!parts) {
        return parse_error::target_invalid;
    }
    head_.host = parts->authority;
    head_.path = parts->path;
    head_.query = parts->query;
    return parse_error::none;
}

void request_parser::move_headers(const char* base) noexcept {
    for (header_field& field : std::span(headers_).first(header_count_)) {
        field.name = {base + (field.name.data() - base_), field.name.size()};
        field.value = {base + (field.value.data() - base_), field.value.size()};
    }
    base_ = base;
}

request_parser::step request_parser::fail(parse_error error) noexcept {
    error_ = error;
    state_ = state::bad;
    return step::failed;
}

}  // namespace rouse::http
