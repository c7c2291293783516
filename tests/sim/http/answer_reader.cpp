#include "tests/sim/http/answer_reader.hpp"

#include <algorithm>

namespace rouse::sim {
namespace {

/// What this service says in a head is far shorter.
constexpr std::size_t head_bytes_max = 4'096;
constexpr std::size_t reason_bytes_max = 200;
constexpr unsigned chunk_digits_max = 8;
constexpr int timeout_status = 408;

int hexadecimal_value(char byte) noexcept {
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

}  // namespace

std::string answer_reader::say(std::string_view what) const {
    std::string text = "answer " + std::to_string(answered_) + ": ";
    text += what;
    if (answered_ < planned_.size()) {
        const std::string& bytes = current().bytes;
        text += ", to ";
        text += bytes.substr(0, std::min<std::size_t>(bytes.find("\r\n", 8), 100));
    }
    return text;
}

std::optional<std::string> answer_reader::feed(std::string_view bytes,
                                               std::uint64_t script_bytes_sent) {
    while (!bytes.empty()) {
        if (state_ == state::between) {
            sent_ = script_bytes_sent;
            if (auto wrong = begin()) {
                return wrong;
            }
        }
        if (auto wrong = take(bytes)) {
            return wrong;
        }
    }
    return std::nullopt;
}

answer_reader::complaint answer_reader::begin() {
    if (closing_) {
        return say("bytes after an answer that closes");
    }
    if (answered_ == planned_.size()) {
        return say("bytes that answer no request");
    }
    head_.clear();
    state_ = state::head;
    return std::nullopt;
}

answer_reader::complaint answer_reader::take(std::string_view& bytes) {
    switch (state_) {
        case state::between:
            break;
        case state::head:
            return take_head(bytes);
        case state::counted:
        case state::chunk_data:
            return take_counted(bytes);
        case state::chunk_size:
        case state::chunk_size_lf:
        case state::chunk_cr:
        case state::chunk_lf:
        case state::last_cr:
        case state::last_lf: {
            const char byte = bytes.front();
            bytes.remove_prefix(1);
            return take_chunk(byte);
        }
        case state::until_close: {
            auto wrong = take_content(bytes);
            bytes = {};
            return wrong;
        }
    }
    return std::nullopt;
}

answer_reader::complaint answer_reader::take_head(std::string_view& bytes) {
    constexpr std::string_view head_end = "\r\n\r\n";
    if (head_.empty()) {
        const std::size_t end = bytes.find(head_end);
        if (end != std::string_view::npos) {
            const std::string_view text = bytes.substr(0, end + head_end.size());
            bytes.remove_prefix(text.size());
            return end_head(text);
        }
    }
    const std::size_t before = head_.size();
    head_ += bytes;
    const std::size_t end = head_.find(head_end, before < head_end.size() ? 0 : before - 3);
    if (std::min(end, head_.size()) > head_bytes_max) {
        return say("a head without an end");
    }
    if (end == std::string::npos) {
        bytes = {};
        return std::nullopt;
    }
    head_.resize(end + head_end.size());
    bytes.remove_prefix(head_.size() - before);
    return end_head(head_);
}

answer_reader::complaint answer_reader::end_head(std::string_view text) {
    const std::size_t line_end = text.find("\r\n");
    const int status = parse_status_line(text.substr(0, line_end));
    if (status == 0) {
        return say("not a status line");
    }
    text.remove_prefix(line_end + 2);
    if (status < 200) {
        return status == 100 ? end_interim(text) : say("an unknown interim answer");
    }
    if (auto wrong = choose_answer(status)) {
        return wrong;
    }
    answer_head head;
    if (auto wrong = parse_header_lines(text, answer().headers, head)) {
        return say(*wrong);
    }
    if (auto wrong = check_lines(head)) {
        return wrong;
    }
    return begin_content(head);
}

answer_reader::complaint answer_reader::end_interim(std::string_view text) {
    if (text != "\r\n") {
        return say("100 Continue with header lines");
    }
    if (saw_continue(answered_)) {
        return say("100 Continue twice");
    }
    if (current().interim == continue_rule::forbidden) {
        return say("100 Continue that nobody waits for");
    }
    if (sent_ < base_ + current().head_bytes) {
        return say("100 Continue before the head has come");
    }
    continued_ = answered_ + 1;
    state_ = state::between;
    return std::nullopt;
}

answer_reader::complaint answer_reader::choose_answer(int status) {
    const planned_exchange& asked = current();
    const bool timed_out =
        status == timeout_status && may_time_out_ && asked.answer.status != status;
    content_may_miss_ = timed_out && asked.is_head;
    is_refusal_ = status != asked.answer.status;
    if (is_refusal_) {
        if (!timed_out && status != asked.refusal_status) {
            return say("status " + std::to_string(status) + " instead of " +
                       std::to_string(asked.answer.status));
        }
        refusal_ = refusal(status);
    }
    if (timed_out) {
        return sent_ > base_ ? std::nullopt : complaint(say("a timeout of nothing"));
    }
    if (sent_ < base_ + asked.answerable_from) {
        return say("it comes before its request");
    }
    if (asked.interim == continue_rule::required && !saw_continue(answered_)) {
        return say("no 100 Continue before it");
    }
    return std::nullopt;
}

answer_reader::complaint answer_reader::check_lines(const answer_head& head) {
    const planned_answer& wanted = answer();
    if (!head.has_date) {
        return say("no Date");
    }
    if (head.content_type != wanted.content_type) {
        return say("another content type: " + std::string(head.content_type));
    }
    if (head.extra_count != wanted.headers.size()) {
        return say("a header line is missing: " +
                   std::string(wanted.headers[head.extra_count].name));
    }
    const bool is_to_close = wanted.fate == connection_fate::closes;
    if (is_to_close && !head.says_close) {
        return say("it does not say that it closes");
    }
    if (head.says_close && !is_to_close && !may_close_) {
        return say("it closes");
    }
    if (!head.says_close && head.says_keep_alive != wanted.says_keep_alive) {
        return say(head.says_keep_alive ? "it says keep-alive" : "it does not say keep-alive");
    }
    closing_ = head.says_close || wanted.fate == connection_fate::ends || wanted.is_cut;
    return std::nullopt;
}

bool answer_reader::is_right_length(std::uint64_t length) const noexcept {
    const planned_answer& wanted = answer();
    switch (wanted.rule) {
        case content_rule::absent:
        case content_rule::exact:
            return length == wanted.length;
        case content_rule::first_piece:
            return length <= wanted.content().size() && (length > 0 || wanted.content().empty());
        case content_rule::beginning:
            return length <= wanted.content().size();
        case content_rule::reason:
            return length > 4 && length <= reason_bytes_max;
    }
    return false;
}

answer_reader::complaint answer_reader::begin_content(const answer_head& head) {
    const planned_answer& wanted = answer();
    if (head.has_length != (wanted.framing == answer_framing::length)) {
        return say(head.has_length ? "it has a Content-Length" : "no Content-Length");
    }
    if (head.is_chunked != (wanted.framing == answer_framing::chunked)) {
        return say(head.is_chunked ? "it is chunked" : "it is not chunked");
    }
    if (head.has_length && !is_right_length(head.length)) {
        return say("Content-Length " + std::to_string(head.length));
    }
    length_ = head.length;
    left_ = head.length;
    taken_ = 0;
    digits_ = 0;
    const bool is_for_head = wanted.rule == content_rule::reason && current().is_head;
    if (wanted.rule == content_rule::absent || (is_for_head && !content_may_miss_)) {
        answer_is_over();
        return std::nullopt;
    }
    switch (wanted.framing) {
        case answer_framing::none:
            answer_is_over();
            return std::nullopt;
        case answer_framing::length:
            state_ = state::counted;
            return left_ == 0 ? finish_answer() : std::nullopt;
        case answer_framing::chunked:
            state_ = state::chunk_size;
            return std::nullopt;
        case answer_framing::until_close:
            state_ = state::until_close;
            return std::nullopt;
    }
    return std::nullopt;
}

answer_reader::complaint answer_reader::take_content(std::string_view bytes) {
    if (answer().rule == content_rule::reason) {
        return take_reason(bytes);
    }
    const std::string_view content = answer().content();
    const std::string_view wanted = content.substr(std::min(taken_, content.size()), bytes.size());
    if (bytes != wanted) {
        return say("other content, somewhere behind byte " + std::to_string(taken_) + " of " +
                   std::to_string(content.size()));
    }
    taken_ += bytes.size();
    return std::nullopt;
}

// "400 Bad Request: why" and a line end.
answer_reader::complaint answer_reader::take_reason(std::string_view bytes) {
    const std::string begin = std::to_string(answer().status) + " ";
    for (const char byte : bytes) {
        const bool is_right = taken_ < begin.size()   ? byte == begin[taken_]
                              : taken_ + 1 == length_ ? byte == '\n'
                                                      : byte >= 0x20 && byte < 0x7f;
        if (!is_right) {
            return say("a reason that is no line of text");
        }
        ++taken_;
    }
    return std::nullopt;
}

answer_reader::complaint answer_reader::take_counted(std::string_view& bytes) {
    const std::string_view taken = bytes.substr(0, std::min<std::uint64_t>(left_, bytes.size()));
    bytes.remove_prefix(taken.size());
    if (auto wrong = take_content(taken)) {
        return wrong;
    }
    left_ -= taken.size();
    if (left_ > 0) {
        return std::nullopt;
    }
    if (state_ == state::counted) {
        return finish_answer();
    }
    state_ = state::chunk_cr;
    return std::nullopt;
}

answer_reader::complaint answer_reader::take_chunk(char byte) {
    const bool is_line_feed =
        state_ == state::chunk_size_lf || state_ == state::chunk_lf || state_ == state::last_lf;
    if (state_ == state::chunk_size && byte != '\r') {
        return take_chunk_size(byte);
    }
    if (byte != (is_line_feed ? '\n' : '\r') || (state_ == state::chunk_size && digits_ == 0)) {
        return say("a chunk that is malformed");
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
            return finish_answer();
    }
    return std::nullopt;
}

// As this service writes it: in small letters, with no zero before it and nothing behind it.
answer_reader::complaint answer_reader::take_chunk_size(char byte) {
    const int value = hexadecimal_value(byte);
    if (digits_ == 0) {
        left_ = 0;
    }
    const bool has_zero = digits_ > 0 && left_ == 0;
    if (value < 0 || has_zero || digits_ == chunk_digits_max) {
        return say("a chunk size that is malformed");
    }
    ++digits_;
    left_ = left_ * 16 + static_cast<unsigned>(value);
    return std::nullopt;
}

bool answer_reader::is_content_whole() const noexcept {
    const std::size_t size = answer().content().size();
    switch (answer().rule) {
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

answer_reader::complaint answer_reader::finish_answer() {
    if (answer().is_cut) {
        return say("it is whole, and was to be cut short");
    }
    if (!is_content_whole()) {
        return say("it ends after " + std::to_string(taken_) + " bytes of " +
                   std::to_string(answer().content().size()));
    }
    answer_is_over();
    return std::nullopt;
}

void answer_reader::answer_is_over() {
    base_ += current().bytes.size();
    ++answered_;
    state_ = state::between;
}

// Between two chunks, or inside what Content-Length promises.
bool answer_reader::is_cut_as_planned() const noexcept {
    const bool is_at_end =
        state_ == state::counted || (state_ == state::chunk_size && digits_ == 0);
    return answer().is_cut && is_at_end && is_content_whole();
}

std::optional<std::string> answer_reader::end(bool clean) {
    if (state_ == state::between) {
        if (closing_ || answered_ == planned_.size()) {
            return std::nullopt;
        }
        return say("the connection ends before it");
    }
    const bool misses_nothing = state_ == state::counted && content_may_miss_ && taken_ == 0;
    const bool is_closed = state_ == state::until_close && is_content_whole();
    if (state_ != state::head && clean && (misses_nothing || is_closed || is_cut_as_planned())) {
        answer_is_over();
        return std::nullopt;
    }
    return say("the connection ends inside it");
}

}  // namespace rouse::sim
