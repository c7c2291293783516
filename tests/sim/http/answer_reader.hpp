#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/http/answer_content.hpp"
#include "tests/sim/http/answer_head.hpp"
#include "tests/sim/http/exchange_plan.hpp"

namespace rouse::sim {

/// Reads what a server sends on one connection, in any pieces, and checks it against the planned
/// exchanges: strict, and with no code of the server in it. After a complaint it is not to be used
/// any more.
class answer_reader {
   public:
    /// The next request of the connection; its first byte comes right behind the last one of the
    /// request before. Borrowed: it stays where it is while the reader is used. To be said before
    /// any byte of it is sent.
    void expect(const planned_exchange& planned) { planned_.push_back(&planned); }

    /// From now on a request, or its body, that came too slowly may be answered with 408 instead.
    void allow_timeout_answer(bool allowed) noexcept { may_time_out_ = allowed; }
    /// From now on, since the server drains, any answer may say that the connection closes.
    void allow_close(bool allowed) noexcept { may_close_ = allowed; }
    /// The answer with this number, from 1, says that the connection closes, whatever it is.
    void close_at(std::size_t last) noexcept { last_ = last; }
    /// From now on, since memory has failed, a handler may have become a 500.
    void allow_error_answer(bool allowed) noexcept { may_fail_ = allowed; }

    /// From now on a Date is between these, in seconds since 1970.
    void allow_dates(std::int64_t earliest, std::int64_t latest) noexcept {
        date_min_ = earliest;
        date_max_ = latest;
    }

    /// Takes these bytes; `script_bytes_sent` bytes of the expected requests, all together, were
    /// sent before. A complaint, if there is one: about malformed or unexpected bytes, for which
    /// there is no excuse.
    [[nodiscard]] std::optional<std::string> feed(std::string_view bytes,
                                                  std::uint64_t script_bytes_sent);

    /// The stream has ended here: cleanly, or by a reset. A complaint when something is missing,
    /// which faults may excuse: the rest of an answer, or an answer.
    [[nodiscard]] std::optional<std::string> end(bool clean);

    /// Whole answers, and those that ended as planned with the stream.
    [[nodiscard]] std::size_t answered() const noexcept { return answered_; }
    /// The request with this number, from 0, has got its `100 Continue`; its answer may be here
    /// already too. To be asked of the last one that was begun to be sent.
    [[nodiscard]] bool saw_continue(std::size_t exchange) const noexcept {
        return continued_ == exchange + 1;
    }
    /// An answer, or an interim one, has begun and is not whole.
    [[nodiscard]] bool inside_answer() const noexcept { return state_ != state::between; }
    /// Nothing is answered after what is read now: the connection is to close.
    [[nodiscard]] bool closing() const noexcept { return closing_; }

   private:
    using complaint = std::optional<std::string>;
    enum class state : std::uint8_t { between, head, content };

    [[nodiscard]] complaint begin();
    [[nodiscard]] complaint take_head(std::string_view& bytes);
    [[nodiscard]] complaint end_head(std::string_view text);
    [[nodiscard]] complaint end_interim(std::string_view text);
    [[nodiscard]] complaint choose_answer(int status);
    [[nodiscard]] complaint check_lines(const answer_head& head);
    [[nodiscard]] complaint begin_content(const answer_head& head);
    [[nodiscard]] bool is_right_length(std::uint64_t length) const noexcept;
    [[nodiscard]] complaint take_content(std::string_view& bytes);
    [[nodiscard]] complaint settle(answer_content::outcome outcome);
    void answer_is_over();
    [[nodiscard]] std::string say(std::string_view what) const;

    [[nodiscard]] const planned_exchange& current() const noexcept { return *planned_[answered_]; }
    /// What is being read.
    [[nodiscard]] const planned_answer& answer() const noexcept {
        return is_refusal_ ? refusal_ : current().answer;
    }

    std::vector<const planned_exchange*> planned_;
    std::size_t answered_ = 0;
    std::uint64_t base_ = 0;  // Where the current request begins in the script.
    std::uint64_t sent_ = 0;  // Of the script, when the answer began.
    std::string head_;        // What has come of one in pieces.
    planned_answer refusal_;  // What is read, when it is not the answer that was planned.
    bool is_refusal_ = false;
    bool is_failure_ = false;        // A 500 for lack of memory, which closes or not.
    bool content_may_miss_ = false;  // A timeout of a request whose method may have been seen.
    answer_content content_;
    std::size_t continued_ = 0;  // One more than the number of the last that got 100 Continue.
    state state_ = state::between;
    std::int64_t date_min_ = INT64_MIN;
    std::int64_t date_max_ = INT64_MAX;
    bool may_time_out_ = false;
    std::size_t last_ = SIZE_MAX;
    bool may_close_ = false;
    bool may_fail_ = false;
    bool closing_ = false;
};

}  // namespace rouse::sim
