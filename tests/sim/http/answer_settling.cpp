#include <charconv>
#include <utility>

#include "tests/sim/http/refused_requests.hpp"
#include "tests/sim/http/request_draft.hpp"
#include "tests/sim/http/route_content.hpp"
#include "tests/sim/http/route_plans.hpp"
#include "tests/sim/http/routes.hpp"

namespace rouse::sim {
namespace {

using route_plans::plain_text;

/// More than what is read of a body that nobody wants, with a margin of one buffer.
constexpr std::uint64_t unwanted_bytes_max = http::unread_body_bytes_max;

std::string_view allow_text(http::method_mask methods) noexcept {
    switch (methods) {
        case route_methods::get:
            return "GET, HEAD, OPTIONS";
        case route_methods::post:
            return "POST, OPTIONS";
        case route_methods::get_or_post:
            return "GET, HEAD, POST, OPTIONS";
        case route_methods::post_or_put:
            return "POST, PUT, OPTIONS";
        default:
            return "GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE, PATCH";
    }
}

// The answer to a method that the route does not take, or a path that none has.
planned_answer unmatched(const request_draft& draft) {
    planned_answer answer;
    answer.content_type = plain_text;
    if (draft.is_missing) {
        answer.status = 404;
        answer.fixed = "404 Not Found\n";
    } else {
        if (draft.verb == http::method::options) {
            answer.status = 204;
            answer.content_type = {};
        } else {
            answer.status = 405;
            answer.fixed = "405 Method Not Allowed\n";
        }
        answer.headers.push_back(
            {.name = "Allow", .value = std::string(allow_text(draft.methods))});
    }
    return answer;
}

bool is_matched(const request_draft& draft) noexcept {
    const bool as_get =
        draft.verb == http::method::head && (draft.methods & route_methods::get) != 0;
    return draft.is_whole_server ||
           (!draft.is_missing && (as_get || (draft.methods & http::to_mask(draft.verb)) != 0));
}

void tell(request_draft& draft) {
    planned_answer& answer = draft.made.answer;
    if (draft.has_type_of_body) {
        answer.content_type = draft.content_type;
    }
    if (draft.tells_head) {
        const std::string_view target =
            std::string_view(draft.made.bytes).substr(draft.target_begin, draft.target_bytes);
        answer.owned = describe({.method = draft.method_name,
                                 .target = target,
                                 .path = draft.path,
                                 .query = draft.query,
                                 .host = draft.host,
                                 .tag = draft.tag,
                                 .minor_version = draft.minor_version == 0 ? 0U : 1U,
                                 .header_count = draft.header_count});
        if (draft.tells_body) {
            answer.owned += draft.data;
        }
    } else if (draft.tells_body) {
        answer.fixed = draft.data;
    }
}

int status_of(const request_draft& draft) noexcept {
    return draft.fault == body_fault::malformed ? draft.malformed_status : 413;
}

void settle_echo(request_draft& draft) {
    planned_answer& answer = draft.made.answer;
    answer.fixed = draft.data;
    if (draft.framing == request_framing::chunked) {
        answer.framing = answer_framing::chunked;
    }
    if (draft.fault != body_fault::none) {
        // How much of what is right has left depends on how it came.
        answer.rule = content_rule::beginning;
        answer.is_cut = true;
    }
}

void settle_first_piece(request_draft& draft) {
    planned_exchange& made = draft.made;
    if (made.answer.rule == content_rule::first_piece) {
        made.answer.fixed = draft.data;
    }
    made.answerable_from += draft.data.empty() ? 0U : 1U;
    if (draft.fault == body_fault::none) {
        return;
    }
    if (draft.data.empty()) {
        made.answer = refusal(status_of(draft));
    } else {
        // What is wrong may be in the piece that was read, or behind it.
        made.refusal_status = status_of(draft);
        made.answer.fate = connection_fate::ends;
    }
}

void settle_unwanted_body(request_draft& draft) {
    planned_answer& answer = draft.made.answer;
    if (draft.expects() && draft.use == body_use::ignored) {
        answer.fate = connection_fate::closes;
    } else if (answer.fate == connection_fate::stays &&
               (draft.fault != body_fault::none || draft.data.size() > unwanted_bytes_max)) {
        answer.fate = connection_fate::ends;
    }
}

void settle_body(request_draft& draft) {
    planned_exchange& made = draft.made;
    const std::size_t whole = draft.fault == body_fault::none ? made.bytes.size() : draft.fault_at;
    if (draft.expects() && draft.use != body_use::ignored) {
        made.interim = made.waits_for_continue ? continue_rule::required : continue_rule::allowed;
    }
    switch (draft.use) {
        case body_use::ignored:
        case body_use::passed_by:
            return settle_unwanted_body(draft);
        case body_use::read:
            made.answerable_from = whole;
            made.answered_from = whole;
            if (draft.fault != body_fault::none) {
                made.answer = refusal(status_of(draft));
            }
            return;
        case body_use::echoed:
            made.answered_from = whole;
            return settle_echo(draft);
        case body_use::first_piece:
            made.answered_from = whole;
            return settle_first_piece(draft);
    }
}

// What is left of the framing, and of the connection.
void settle_end(request_draft& draft) {
    planned_exchange& made = draft.made;
    planned_answer& answer = made.answer;
    const bool is_old = draft.minor_version == 0;
    const bool is_empty = answer.status == 204 || answer.status == 304;
    if (is_old && answer.framing == answer_framing::chunked) {
        answer.framing =
            is_empty || made.is_head ? answer_framing::none : answer_framing::until_close;
        answer.fate = connection_fate::closes;
        answer.is_cut_unseen = std::exchange(answer.is_cut, false);
        made.answered_from = made.bytes.size();
    }
    answer.length += answer.content().size();
    if (is_empty) {
        answer.framing = answer_framing::none;
    }
    if ((is_empty || made.is_head) && answer.rule != content_rule::reason) {
        answer.rule = content_rule::absent;
        answer.is_cut = false;
    } else if (draft.has_surplus && answer.fate == connection_fate::stays) {
        answer.fate = connection_fate::ends;
    }
    if (!draft.keeps_alive) {
        answer.fate = connection_fate::closes;
    }
    answer.says_keep_alive = is_old && answer.fate != connection_fate::closes;
}

}  // namespace

planned_answer refusal(int status) {
    planned_answer answer;
    answer.status = status;
    answer.rule = content_rule::reason;
    answer.fate = connection_fate::closes;
    answer.content_type = plain_text;
    return answer;
}

void settle_answer(request_draft& draft) {
    planned_exchange& made = draft.made;
    made.is_head = draft.verb == http::method::head;
    made.answerable_from = made.head_bytes;
    made.answered_from = made.head_bytes;
    if (draft.verb == http::method::other) {
        made.answer = refusal(501);  // Whatever its path.
        return;
    }
    if (draft.fault == body_fault::announced) {
        made.answer = refusal(413);
        return;
    }
    if (is_matched(draft)) {
        tell(draft);
    } else {
        made.answer = unmatched(draft);
        draft.use = body_use::ignored;
        draft.has_surplus = false;
    }
    settle_body(draft);
    settle_end(draft);
}

}  // namespace rouse::sim
