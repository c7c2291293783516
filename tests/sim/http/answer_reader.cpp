#include "tests/sim/http/answer_reader.hpp"

#include <algorithm>

namespace rouse::sim {
namespace {

/// What this service says in a head is far shorter.
constexpr std::size_t head_bytes_max = 4'096;
constexpr std::size_t reason_bytes_max = 200;
constexpr int timeout_status = 408;
constexpr int error_status = 500;

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
        if (auto wrong = state_ == state::head ? take_head(bytes) : take_content(bytes)) {
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
    const bool failed = status == error_status && may_fail_;
    is_failure_ = failed;
    content_may_miss_ = timed_out && asked.is_head;
    is_refusal_ = failed || status != asked.answer.status;
    if (is_refusal_) {
        if (!timed_out && !failed && status != asked.refusal_status) {
            return say("status " + std::to_string(status) + " instead of " +
                       std::to_string(asked.answer.status));
        }
        refusal_ = refusal(status);
    }
    if (timed_out) {
        return sent_ > base_ ? std::nullopt : complaint(say("a timeout of nothing"));
    }
    if (sent_ < base_ + (failed ? asked.head_bytes : asked.answerable_from)) {
        return say("it comes before its request");
    }
    if (asked.interim == continue_rule::required && !failed && !saw_continue(answered_)) {
        return say("no 100 Continue before it");
    }
    return std::nullopt;
}

answer_reader::complaint answer_reader::check_lines(const answer_head& head) {
    const planned_answer& wanted = answer();
    if (!head.has_date) {
        return say("no Date");
    }
    if (head.date < date_min_ || head.date > date_max_) {
        return say("its Date is that of another time");
    }
    if (head.content_type != wanted.content_type) {
        return say("another content type: " + std::string(head.content_type));
    }
    if (head.extra_count != wanted.headers.size()) {
        return say("a header line is missing: " +
                   std::string(wanted.headers[head.extra_count].name));
    }
    if (is_failure_) {
        refusal_.fate = head.says_close ? connection_fate::closes : connection_fate::stays;
        refusal_.says_keep_alive = head.says_keep_alive;
    }
    const bool is_to_close = wanted.fate == connection_fate::closes || answered_ + 1 == last_;
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
    const bool is_for_head = wanted.rule == content_rule::reason && current().is_head;
    if (wanted.rule == content_rule::absent || (is_for_head && !content_may_miss_)) {
        answer_is_over();
        return std::nullopt;
    }
    state_ = state::content;
    return settle(content_.begin(wanted, head.length));
}

answer_reader::complaint answer_reader::take_content(std::string_view& bytes) {
    return settle(content_.take(answer(), bytes));
}

answer_reader::complaint answer_reader::settle(answer_content::outcome outcome) {
    if (outcome == answer_content::outcome::wrong) {
        return say(std::string(content_.fault()) + ", behind byte " +
                   std::to_string(content_.taken()) + " of " +
                   std::to_string(answer().content().size()));
    }
    if (outcome == answer_content::outcome::whole) {
        answer_is_over();
    }
    return std::nullopt;
}

void answer_reader::answer_is_over() {
    base_ += current().bytes.size();
    ++answered_;
    state_ = state::between;
}

std::optional<std::string> answer_reader::end(bool clean) {
    if (state_ == state::between) {
        if (closing_ || answered_ == planned_.size()) {
            return std::nullopt;
        }
        return say("the connection ends before it");
    }
    const bool misses_nothing = content_may_miss_ && content_.taken() == 0;
    if (state_ == state::content && clean && (misses_nothing || content_.may_end(answer()))) {
        answer_is_over();
        return std::nullopt;
    }
    return say("the connection ends inside it");
}

}  // namespace rouse::sim
