#include "protocols/http/request_parser.hpp"

#include <algorithm>

#include "protocols/http/request_target.hpp"
#include "protocols/http/scan.hpp"
#include "protocols/http/scan_fields.hpp"

namespace rouse::http {
namespace {

bool is_space(char byte) noexcept {
    return byte == ' ' || byte == '\t';
}

}  // namespace

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

request_parser::step request_parser::parse_fields(cursor& in) noexcept {
    for (;;) {
        if (state_ == state::field_start && path_ != scan_path::portable &&
            scan::field_scan::has_block(in.at, in.end) && parse_whole_fields(in) == step::failed) {
            return step::failed;
        }
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

// The ordinary lines that are there as a whole, with everything in registers. It stops before the
// first line that is not: the steps below finish that one, and know what is wrong with it.
request_parser::step request_parser::parse_whole_fields(cursor& in) noexcept {
    scan::field_scan fields(in.at, in.end, find_stops_);
    const char* at = in.at;
    std::uint8_t count = header_count_;
    step outcome = step::next;
    while (count < limits_.header_count_max) {
        const char* const name_end = fields.find_name_end(at);
        // At the least a colon, CR and LF, of which two are looked at before the end is known.
        if (in.end - name_end < 3 || *name_end != ':' || name_end == at) {
            break;
        }
        const char* const value = name_end + (name_end[1] == ' ' ? 2 : 1);
        const char* const stop = fields.find_value_end(value);
        if (in.end - stop < 2 || stop[0] != '\r' || stop[1] != '\n' || is_space(*value) ||
            is_space(stop[-1])) [[unlikely]] {
            break;
        }
        const parse_error error = add_field(count, {at, name_end}, {value, stop});
        if (error != parse_error::none) [[unlikely]] {
            outcome = fail(error);
            break;
        }
        ++count;
        at = stop + 2;
    }
    header_count_ = count;
    in.at = at;
    return outcome;
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
    if (is_space(*in.at)) {
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
    in.at = scan::portable::find_token_end(in.at, in.end);
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
        while (in.at != in.end && is_space(*in.at)) {
            ++in.at;
        }
        if (in.at == in.end) {
            return step::starved;
        }
        value_begin_ = in.offset(in.at);
        state_ = state::field_value;
    }
    const char* const stop = path_ == scan_path::portable
                                 ? scan::portable::find_value_end(in.at, in.end)
                                 : scan::find_value_end(in.at, in.end);
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
    while (value_end != value && is_space(value_end[-1])) {
        --value_end;
    }
    const parse_error error = add_field(
        header_count_, {in.begin + name_begin_, in.begin + name_end_}, {value, value_end});
    if (error != parse_error::none) [[unlikely]] {
        return fail(error);
    }
    ++header_count_;
    in.at = stop + 2;
    state_ = state::field_start;
    return step::next;
}

inline parse_error request_parser::add_field(std::uint8_t index, std::string_view name,
                                             std::string_view value) noexcept {
    headers_[index] = {name, value};
    return digest_.add(headers_[index], index);
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
    // RFC 9112, 3.2.4: "*" on its way through proxies.
    const bool is_whole_server =
        head_.verb == method::options && parts->authority.end() == target.end();
    head_.path = is_whole_server ? std::string_view("*") : parts->path;
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
