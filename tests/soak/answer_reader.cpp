#include "tests/soak/answer_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <span>

namespace rouse::soak {
namespace {

constexpr std::size_t head_bytes_max = 4096;
constexpr std::size_t chunk_line_bytes_max = 18;  // 16 digits and the end of the line.
constexpr std::string_view head_end = "\r\n\r\n";
/// How far the Date of an answer may be from this machine's clock, which the server shares.
constexpr std::time_t date_tolerance = 9;

std::optional<std::uint64_t> parse_number(std::string_view text, int base) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole ? std::optional(value) : std::nullopt;
}

// "0123456789abcdef", over and over.
bool is_digits(std::uint64_t offset, std::string_view found) {
    constexpr std::size_t period = 16;
    static const std::string pattern = [] {
        std::string made;
        for (int i = 0; i < 1024; ++i) {
            made += "0123456789abcdef";
        }
        return made;
    }();
    while (!found.empty()) {
        const std::string_view expected = std::string_view(pattern).substr(offset % period);
        const std::size_t count = std::min(expected.size(), found.size());
        if (found.substr(0, count) != expected.substr(0, count)) {
            return false;
        }
        found.remove_prefix(count);
        offset += count;
    }
    return true;
}

// For people, cut short.
std::string quoted(std::string_view bytes) {
    constexpr std::size_t shown_bytes_max = 80;
    std::string text = "\"";
    for (const char each : bytes.substr(0, shown_bytes_max)) {
        text += each >= ' ' && each <= '~' ? each : '.';
    }
    return text + (bytes.size() > shown_bytes_max ? "...\"" : "\"");
}

std::string_view take_front(std::string_view& bytes, std::uint64_t count) {
    const std::string_view front = bytes.substr(0, count);
    bytes.remove_prefix(front.size());
    return front;
}

}  // namespace

void answer_reader::expect(const expected_answer& next) noexcept {
    expected_ = &next;
    state_ = state::head;
    head_.clear();
    line_.clear();
    left_ = offset_ = after_ = 0;
    has_length_ = is_chunked_ = announces_close_ = false;
}

bool answer_reader::wrong(std::string_view what, std::string_view found) {
    fault_.assign(what).append(": ").append(quoted(found));
    return false;
}

answer_reader::step answer_reader::take(std::string_view& bytes) {
    while (state_ != state::done) {
        if (bytes.empty() && !(state_ == state::body && left_ == 0)) {
            return step::need_more;
        }
        bool good = true;
        switch (state_) {
            case state::head:
                good = take_head(bytes);
                break;
            case state::chunk_line:
            case state::chunk_end:
            case state::last_line:
                good = take_chunk_line(bytes);
                break;
            case state::body:
            case state::chunk:
                good = take_body(bytes);
                break;
            case state::done:
                break;
        }
        if (!good) {
            return step::wrong;
        }
    }
    return step::done;
}

bool answer_reader::take_head(std::string_view& bytes) {
    // The end may be spread over pieces: what is here is searched from just before them.
    const std::size_t before = head_.size();
    const std::size_t from = before < head_end.size() ? 0 : before - head_end.size() + 1;
    const std::size_t room = head_bytes_max - std::min(before, head_bytes_max);
    head_.append(bytes.substr(0, room));
    const std::size_t end = head_.find(head_end, from);
    if (end == std::string::npos) {
        take_front(bytes, room);
        return head_.size() < head_bytes_max || wrong("no end of the head", head_);
    }
    head_.resize(end + head_end.size());
    bytes.remove_prefix(head_.size() - before);
    return check_head() && check_framing();
}

bool answer_reader::check_head() {
    std::string_view lines = head_;
    lines.remove_suffix(2);
    const std::string_view status = lines.substr(0, lines.find('\r'));
    constexpr std::string_view version = "HTTP/1.1 ";
    if (!status.starts_with(version) || status.substr(version.size()) != expected_->status) {
        return wrong("not the status", status);
    }
    lines.remove_prefix(status.size() + 2);
    while (!lines.empty()) {
        const std::string_view line = lines.substr(0, lines.find('\r'));
        const std::size_t colon = line.find(": ");
        if (colon == std::string_view::npos ||
            !check_header(line.substr(0, colon), line.substr(colon + 2))) {
            return fault_.empty() ? wrong("not a header of this answer", line) : false;
        }
        lines.remove_prefix(std::min(line.size() + 2, lines.size()));
    }
    return true;
}

bool answer_reader::check_header(std::string_view name, std::string_view value) {
    if (name == "Server") {
        return value == "rouse";
    }
    if (name == "Date") {
        return check_date(value);
    }
    if (name == "Content-Type") {
        return value == expected_->content_type;
    }
    if (name == "Content-Length") {
        const auto length = parse_number(value, 10);
        left_ = length.value_or(0);
        has_length_ = length.has_value();
        const bool known = expected_->body != body_kind::peer;
        return has_length_ && expected_->says_length && (!known || left_ == expected_->length);
    }
    if (name == "Transfer-Encoding") {
        is_chunked_ = value == "chunked";
        return is_chunked_ && expected_->chunked;
    }
    if (name == "Connection") {
        announces_close_ = value == "close";
        return announces_close_;
    }
    return false;
}

bool answer_reader::check_date(std::string_view value) {
    if (value == last_date_) {
        return true;
    }
    std::tm parts{};
    const std::string text(value);
    const char* const end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    const std::time_t off = std::time(nullptr) - ::timegm(&parts);
    if (end == nullptr || *end != '\0' || std::abs(off) > date_tolerance) {
        return wrong("not the date", value);
    }
    last_date_ = value;
    return true;
}

bool answer_reader::check_framing() {
    if (has_length_ != expected_->says_length || is_chunked_ != expected_->chunked) {
        return wrong("not the framing of this answer", head_);
    }
    if (expected_->body == body_kind::none) {
        state_ = state::done;
    } else {
        state_ = is_chunked_ ? state::chunk_line : state::body;
    }
    return true;
}

bool answer_reader::take_line(std::string_view& bytes) {
    const std::size_t end = bytes.find('\n');
    line_.append(take_front(bytes, end == std::string_view::npos ? bytes.size() : end + 1));
    return line_.ends_with("\r\n");
}

bool answer_reader::take_chunk_line(std::string_view& bytes) {
    if (!take_line(bytes)) {
        return line_.size() <= chunk_line_bytes_max || wrong("no line of a chunk", line_);
    }
    std::string line;
    line.swap(line_);
    line.resize(line.size() - 2);
    if (state_ == state::chunk_line) {
        const auto size = parse_number(line, 16);
        if (!size) {
            return wrong("not the size of a chunk", line);
        }
        left_ = *size;
        state_ = *size == 0 ? state::last_line : state::chunk;
        return true;
    }
    if (!line.empty()) {
        return wrong("not the end of a chunk", line);
    }
    if (state_ == state::chunk_end) {
        state_ = state::chunk_line;
        return true;
    }
    state_ = state::done;
    return offset_ == expected_->length || wrong("the body ends too early", head_);
}

bool answer_reader::take_body(std::string_view& bytes) {
    const std::string_view piece = take_front(bytes, left_);
    if (!check_body(piece)) {
        return wrong("not the body from byte " + std::to_string(offset_) + " on", piece);
    }
    offset_ += piece.size();
    left_ -= piece.size();
    if (left_ == 0 && state_ == state::chunk) {
        state_ = state::chunk_end;
    } else if (left_ == 0) {
        state_ = state::done;
        const bool whole =
            expected_->body != body_kind::peer || after_ == expected_->text_after.size();
        return whole || wrong("the body ends too early", head_);
    }
    return true;
}

bool answer_reader::check_body(std::string_view bytes) noexcept {
    switch (expected_->body) {
        case body_kind::none:
            return bytes.empty();
        case body_kind::text:
        case body_kind::peer:
            return check_text(bytes);
        case body_kind::digits:
            return is_digits(offset_, bytes);
        case body_kind::content:
            return offset_ + bytes.size() <= expected_->length &&
                   content(expected_->key).matches(offset_, std::span(bytes));
    }
    return false;
}

// The text, and for `peer` the digits of a port and the text after them.
bool answer_reader::check_text(std::string_view bytes) noexcept {
    const std::string_view before = expected_->text;
    const std::size_t at = std::min<std::uint64_t>(offset_, before.size());
    const std::string_view first = take_front(bytes, before.size() - at);
    if (first != before.substr(at, first.size())) {
        return false;
    }
    if (after_ == 0 && expected_->body == body_kind::peer) {
        while (!bytes.empty() && bytes.front() >= '0' && bytes.front() <= '9') {
            bytes.remove_prefix(1);
        }
    }
    const std::string_view after = expected_->text_after;
    const bool good = bytes == after.substr(after_, bytes.size());
    after_ += bytes.size();
    return good;
}

}  // namespace rouse::soak
