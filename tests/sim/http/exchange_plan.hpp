#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/http/service.hpp"
#include "tests/sim/random_source.hpp"

namespace rouse::sim {

/// What delimits the content of an answer.
enum class answer_framing : std::uint8_t {
    none,     ///< There is no content and no word of it: 204, 304, HEAD of a stream in HTTP/1.0.
    length,   ///< Content-Length.
    chunked,  ///< Transfer-Encoding: chunked.
    until_close,  ///< The end of the connection: a stream of unknown length in HTTP/1.0.
};

/// What the content of an answer must be.
enum class content_rule : std::uint8_t {
    absent,       ///< Header lines only: HEAD, 204, 304.
    exact,        ///< The text of planned_answer::content().
    first_piece,  ///< A beginning of that text; empty only when the text is.
    beginning,    ///< A beginning of that text, or nothing at all.
    reason,       ///< A line of printable text that begins with the status. To HEAD: absent.
};

/// What becomes of the connection after an answer.
enum class connection_fate : std::uint8_t {
    stays,
    closes,  ///< It closes, and the answer says so.
    ends,    ///< It closes, and the answer does not say so: what went wrong came after it.
};

/// A header line that an answer must have besides those that all have.
struct planned_header {
    std::string_view name;  ///< A literal.
    std::string value;
};

struct planned_answer {
    int status = 200;
    answer_framing framing = answer_framing::length;
    content_rule rule = content_rule::exact;
    connection_fate fate = connection_fate::stays;
    bool says_keep_alive = false;  ///< To HTTP/1.0, which would expect the close otherwise.
    /// The stream behind it fails: the connection ends inside the answer, after the content that
    /// the rule says, and before what would make it whole.
    bool is_cut = false;
    /// The same, but HTTP/1.0 has no way to tell: it looks whole, unless the end is a reset.
    bool is_cut_unseen = false;
    std::uint64_t length = 0;       ///< Content-Length, where the rule is `absent` or `exact`.
    std::string_view content_type;  ///< Text that lives for ever; empty for none.
    std::vector<planned_header> headers;
    std::string_view fixed;  ///< The content, if it lives for ever.
    std::string owned;       ///< The content otherwise.

    [[nodiscard]] std::string_view content() const noexcept {
        return fixed.empty() ? std::string_view(owned) : fixed;
    }
};

/// An answer that refuses a request, says why, and closes.
[[nodiscard]] planned_answer refusal(int status);

/// Whether `100 Continue` comes before the answer.
enum class continue_rule : std::uint8_t { forbidden, allowed, required };

/// One request as it goes over the wire, and what must come back.
struct planned_exchange {
    std::string bytes;  ///< All of it: head, body, and what is wrong with them.
    /// Where the head ends and the body begins. Of a head that is refused: all bytes.
    std::size_t head_bytes = 0;
    /// No answer comes before so many bytes were sent: of a malformed request, up to the byte that
    /// tells.
    std::size_t answerable_from = 0;
    /// When so many bytes have come, the answer follows, though the rest be kept back; handlers and
    /// streams that pause take their time.
    std::size_t answered_from = 0;
    /// The client sends no more than head_bytes before it has read `100 Continue`. When the answer
    /// comes instead, it never sends the rest, and the connection closes.
    bool waits_for_continue = false;
    continue_rule interim = continue_rule::forbidden;
    bool is_head = false;  ///< The method is HEAD, and the request is not refused for its head.
    planned_answer answer;
    /// If not 0: a refusal with this status, which closes, may come instead of `answer`.
    int refusal_status = 0;

    /// Requests may follow, and be sent before this answer is read. Otherwise this is the last one
    /// of its connection: nothing that follows is answered.
    [[nodiscard]] bool may_be_followed() const noexcept {
        return answer.fate == connection_fate::stays && !answer.is_cut && refusal_status == 0;
    }
};

/// One in so many planned requests must be refused.
inline constexpr std::uint64_t plan_refused_one_in = 16;

/// Draws a request: to any of add_routes(), in any form that HTTP/1.x has, with or without a fault.
/// The same draws make the same exchange on every machine. Wants limits of at least 384 bytes a
/// head, 96 bytes a target, 12 header lines and 64 bytes a body.
[[nodiscard]] planned_exchange plan_exchange(random_source& draw,
                                             const http::service_limits& limits);

}  // namespace rouse::sim
