#include "protocols/http/chunked_decoder.hpp"

#include <algorithm>

#include "protocols/http/byte_class.hpp"

namespace rouse::http {

chunk_result chunked_decoder::decode(std::string_view in) noexcept {
    std::size_t at = 0;
    while (state_ < state::done) {
        if (at == in.size()) {
            return {chunk_status::need_more, at, {}};
        }
        if (state_ == state::data) {
            const std::size_t length = std::min<std::uint64_t>(left_, in.size() - at);
            left_ -= length;
            if (left_ == 0) {
                state_ = state::data_cr;
            }
            return {chunk_status::data, at + length, in.substr(at, length)};
        }
        take(in[at]);
        ++at;
    }
    return {state_ == state::done ? chunk_status::done : chunk_status::bad, at, {}};
}

void chunked_decoder::take(char byte) noexcept {
    switch (state_) {
        case state::size_first:
        case state::size:
            return take_size_digit(byte);
        case state::before_extension:
            return take_after_size(byte);
        case state::extension:
            return take_extension(byte);
        case state::size_lf:
            return expect(byte, '\n', left_ == 0 ? state::line_start : state::data,
                          parse_error::bare_cr);
        case state::data_cr:
            return expect(byte, '\r', state::data_lf, parse_error::chunk_end_invalid);
        case state::data_lf:
            return expect(byte, '\n', state::size_first, parse_error::chunk_end_invalid);
        case state::line_start:
        case state::trailer_name:
        case state::trailer_value:
            return take_trailer(byte);
        case state::trailer_lf:
            return expect(byte, '\n', state::line_start, parse_error::bare_cr);
        case state::end_lf:
            return expect(byte, '\n', state::done, parse_error::bare_cr);
        case state::data:
        case state::done:
        case state::bad:
            return;
    }
}

// RFC 9112, 7.1: 1*HEXDIG; no sign, no "0x", no white space before it.
void chunked_decoder::take_size_digit(char byte) noexcept {
    const int digit = hex_value(byte);
    if (digit >= 0) {
        if (state_ == state::size_first) {
            left_ = 0;
            size_digits_ = 0;
            state_ = state::size;
        }
        if (size_digits_ == chunk_size_digits_max) {
            return fail(parse_error::chunk_size_too_large);
        }
        ++size_digits_;
        left_ = left_ << 4U | static_cast<unsigned>(digit);
        return;
    }
    if (state_ == state::size_first) {
        return fail(byte == '\n' ? parse_error::bare_lf : parse_error::chunk_size_invalid);
    }
    take_after_size(byte);
}

// RFC 9112, 7.1.1: white space is bad here, but to be accepted before an extension. Elsewhere it is
// refused.
void chunked_decoder::take_after_size(char byte) noexcept {
    const bool is_space = byte == ' ' || byte == '\t';
    if (is_space || byte == ';') {
        state_ = is_space ? state::before_extension : state::extension;
        ++extension_bytes_;
        if (extension_bytes_ > chunk_extension_bytes_max) {
            fail(parse_error::chunk_extension_too_long);
        }
        return;
    }
    if (byte == '\r' && state_ == state::size) {
        state_ = state::size_lf;
        return;
    }
    fail(byte == '\n' ? parse_error::bare_lf : parse_error::chunk_size_invalid);
}

// No part of an extension, a quoted string neither, can have a CR or another control in it.
void chunked_decoder::take_extension(char byte) noexcept {
    if (byte == '\r') {
        state_ = state::size_lf;
        return;
    }
    if (!is_in(byte, byte_class::field_value)) {
        return fail(byte == '\n' ? parse_error::bare_lf : parse_error::chunk_extension_invalid);
    }
    ++extension_bytes_;
    if (extension_bytes_ > chunk_extension_bytes_max) {
        fail(parse_error::chunk_extension_too_long);
    }
}

// The rules of header lines (RFC 9112, 5): no folding, no white space before the colon, no empty
// name.
void chunked_decoder::take_trailer(char byte) noexcept {
    if (byte == '\r' && state_ != state::trailer_name) {
        state_ = state_ == state::line_start ? state::end_lf : state::trailer_lf;
        return;
    }
    ++trailer_bytes_;
    if (trailer_bytes_ > trailer_bytes_max) {
        return fail(parse_error::trailer_too_long);
    }
    if (byte == '\n') {
        return fail(parse_error::bare_lf);
    }
    if (state_ == state::trailer_value) {
        if (!is_in(byte, byte_class::field_value)) {
            fail(parse_error::trailer_invalid);
        }
        return;
    }
    if (is_in(byte, byte_class::token)) {
        state_ = state::trailer_name;
    } else if (byte == ':' && state_ == state::trailer_name) {
        state_ = state::trailer_value;
    } else {
        fail(parse_error::trailer_invalid);
    }
}

void chunked_decoder::expect(char byte, char wanted, state following,
                             parse_error otherwise) noexcept {
    if (byte == wanted) {
        state_ = following;
    } else {
        fail(otherwise);
    }
}

void chunked_decoder::fail(parse_error error) noexcept {
    error_ = error;
    state_ = state::bad;
}

}  // namespace rouse::http
