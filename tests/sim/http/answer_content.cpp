#include "tests/sim/http/answer_content.hpp"

#include <algorithm>
#include <string>

namespace rouse::sim {
namespace {

constexpr unsigned chunk_digits_max = 8;

int hexadecimal_value(char byte) noexcept {
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

}  // namespace

answer_content::outcome answer_content::fail(std::string_view fault) noexcept {
    fault_ = fault;
    return outcome::wrong;
}

answer_content::outcome answer_content::begin(const planned_answer& wanted,
                                              std::uint64_t length) noexcept {
    length_ = length;
    left_ = length;
    taken_ = 0;
    digits_ = 0;
    switch (wanted.framing) {
        case answer_framing::none:
            return outcome::whole;
        case answer_framing::length:
            state_ = state::counted;
            return length == 0 ? finish(wanted) : outcome::more;
        case answer_framing::chunked:
            state_ = state::chunk_size;
            break;
        case answer_framing::until_close:
            state_ = state::until_close;
            break;
    }
    return outcome::more;
}

answer_content::outcome answer_content::take(const planned_answer& wanted,
                                             std::string_view& bytes) {
    outcome made = outcome::more;
    while (made == outcome::more && !bytes.empty()) {
        switch (state_) {
            case state::counted:
            case state::chunk_data:
                made = take_counted(wanted, bytes);
                break;
            case state::until_close:
                made = take_data(wanted, bytes);
                bytes = {};
                break;
            default: {
                const char byte = bytes.front();
                bytes.remove_prefix(1);
                made = take_around_chunk(wanted, byte);
                break;
            }
        }
    }
    return made;
}

answer_content::outcome answer_content::take_data(const planned_answer& wanted,
                                                  std::string_view bytes) {
    if (wanted.rule == content_rule::reason) {
        return take_reason(wanted, bytes);
    }
    const std::string_view content = wanted.content();
    if (bytes != content.substr(std::min(taken_, content.size()), bytes.size())) {
        return fail("other content");
    }
    taken_ += bytes.size();
    return outcome::more;
}

// "400 Bad Request: why" and a line end.
answer_content::outcome answer_content::take_reason(const planned_answer& wanted,
                                                    std::string_view bytes) {
    const std::string begin = std::to_string(wanted.status) + " ";
    for (const char byte : bytes) {
        const bool is_right = taken_ < begin.size()   ? byte == begin[taken_]
                              : taken_ + 1 == length_ ? byte == '\n'
                                                      : byte >= 0x20 && byte < 0x7f;
        if (!is_right) {
            return fail("a reason that is no line of text with the status before it");
        }
        ++taken_;
    }
    return outcome::more;
}

answer_content::outcome answer_content::take_counted(const planned_answer& wanted,
                                                     std::string_view& bytes) {
    const std::string_view taken = bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size()));
    bytes.remove_prefix(taken.size());
    left_ -= taken.size();
    const outcome made = take_data(wanted, taken);
    if (made == outcome::wrong || left_ > 0) {
        return made;
    }
    if (state_ == state::counted) {
        return finish(wanted);
    }
    state_ = state::chunk_cr;
    return outcome::more;
}

answer_content::outcome answer_content::take_around_chunk(const planned_answer& wanted, char byte) {
    const bool is_in_size = state_ == state::chunk_size;
    if (is_in_size && byte != '\r') {
        return take_chunk_size(byte);
    }
    const bool is_line_feed =
        state_ == state::chunk_size_lf || state_ == state::chunk_lf || state_ == state::last_lf;
    if (byte != (is_line_feed ? '\n' : '\r') || (is_in_size && digits_ == 0)) {
        return fail("a chunk that is malformed");
    }
    switch (state_) {
        case state::chunk_size:
            state_ = state::chunk_size_lf;
            break;
        case state::chunk_size_lf:
            state_ = left_ > 0 ? state::chunk_data : state::last_cr;
            break;
        case state::chunk_cr:
            state_ = state::chunk_lf;
            break;
        case state::chunk_lf:
            digits_ = 0;
            state_ = state::chunk_size;
            break;
        case state::last_cr:
            state_ = state::last_lf;
            break;
        default:
            return finish(wanted);
    }
    return outcome::more;
}

// As this service writes it: in small letters, with no zero before it and nothing behind it.
answer_content::outcome answer_content::take_chunk_size(char byte) {
    const int value = hexadecimal_value(byte);
    if (digits_ == 0) {
        left_ = 0;
    }
    const bool has_zero = digits_ > 0 && left_ == 0;
    if (value < 0 || has_zero || digits_ == chunk_digits_max) {
        return fail("a chunk size that is malformed");
    }
    ++digits_;
    left_ = left_ * 16 + static_cast<unsigned>(value);
    return outcome::more;
}

bool answer_content::has_all(const planned_answer& wanted) const noexcept {
    const std::size_t size = wanted.content().size();
    switch (wanted.rule) {
        case content_rule::exact:
            return taken_ == size;
        case content_rule::first_piece:
            return taken_ > 0 || size == 0;
        case content_rule::absent:
        case content_rule::beginning:
        case content_rule::reason:
            break;
    }
    return true;
}

answer_content::outcome answer_content::finish(const planned_answer& wanted) {
    if (wanted.is_cut) {
        return fail("it is whole, and was to be cut short");
    }
    return has_all(wanted) ? outcome::whole : fail("it ends too early");
}

bool answer_content::may_end(const planned_answer& wanted) const noexcept {
    if (state_ == state::until_close) {
        return has_all(wanted);
    }
    // Between two chunks, or inside what Content-Length promises.
    const bool is_between = state_ == state::chunk_size && digits_ == 0;
    return wanted.is_cut && has_all(wanted) && (is_between || state_ == state::counted);
}

}  // namespace rouse::sim
