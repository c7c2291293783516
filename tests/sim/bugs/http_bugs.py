"""Bugs in an HTTP connection: its deadlines, its requests, and its end."""

from bug import Bug

CONNECTION = "protocols/http/connection.cpp"
DEADLINE = "protocols/http/connection_deadline.cpp"
BODY = "protocols/http/request_body.cpp"
INPUT = "protocols/http/input.hpp"
SERVICE = "protocols/http/service.cpp"
SERVICE_HEADER = "protocols/http/service.hpp"
DECODER = "protocols/http/chunked_decoder.cpp"
PARSER = "protocols/http/request_parser.cpp"
DIGEST = "protocols/http/field_digest.cpp"


def skipped_deadline(kind):
    return Bug(f"{kind}-deadline-skipped", f"the deadline of {DEADLINES[kind]} is not looked at",
               DEADLINE,
               "!deadline_.has_passed();",
               f"(PLANTED && kind == wait_kind::{kind}) || !deadline_.has_passed();",
               "http")


DEADLINES = {
    "idle": "an idle connection",
    "head": "a request head",
    "body": "a request body",
    "write": "a send",
    "linger": "a connection that lingers",
}

HTTP_BUGS = [
    *map(skipped_deadline, DEADLINES),
    Bug("head-deadline-renewed", "every byte of a head puts its deadline off", DEADLINE,
        "        return await_until(cx, wait_kind::head, std::exchange(answered_, false))",
        "        return await_until(cx, wait_kind::head,\n"
        "                           std::exchange(answered_, false) || PLANTED)",
        "http"),
    Bug("drain-forgets-idle", "a drain does not wake idle connections", CONNECTION,
        "    if (waiting_for_ == wait_kind::idle) {",
        "    if (waiting_for_ == wait_kind::idle && !PLANTED) {",
        "http"),
    Bug("drain-forgets-busy", "a connection that is busy during a drain goes on after it",
        DEADLINE,
        "            return service_.is_draining() ? drain_look : limits.idle_timeout;",
        "            return service_.is_draining() && !PLANTED ? drain_look : limits.idle_timeout;",
        "http", seeds=100_000),
    Bug("drain-not-announced", "an answer during a drain does not say that the connection closes",
        CONNECTION,
        "made.close || service_.is_drain_announced() ||",
        "made.close || (service_.is_drain_announced() && !PLANTED) ||",
        "http"),
    Bug("parser-not-reset", "the parser is not reset between pipelined requests", CONNECTION,
        "        here.parser.reset();\n        here.is_understood = false;\n        if (closing_) {",
        "        if (!PLANTED) {\n            here.parser.reset();\n        }\n"
        "        here.is_understood = false;\n        if (closing_) {",
        "http"),
    Bug("output-dropped", "what was gathered is dropped at the high-water mark", CONNECTION,
        "            return progress::full;",
        "            if (PLANTED) {\n                here.out.clear();\n"
        "                here.gathered = 0;\n            }\n"
        "            return progress::full;",
        "http", seeds=100_000),
    Bug("high-water-ignored", "answers are gathered without a bound", CONNECTION,
        "        if (here.out.size() >= output_bytes_high_water || !here.tail.empty() ||\n",
        "        if ((here.out.size() >= output_bytes_high_water && !PLANTED) ||\n"
        "            !here.tail.empty() ||\n",
        "http", seeds=100_000),
    Bug("end-as-abort", "a peer that has ended its side gets no more answers", CONNECTION,
        "        if (received.value()->empty()) {",
        "        if (received.value()->empty() && PLANTED) {\n"
        "            return connection_step::closed;\n        }\n"
        "        if (received.value()->empty()) {",
        "http"),
    Bug("exception-unanswered", "an exception of a handler ends the connection", CONNECTION,
        "    } catch (...) {\n",
        "    } catch (...) {\n        if (PLANTED) {\n            throw;\n        }\n",
        "http"),
    Bug("response-unchecked", "a response that cannot be written is written", CONNECTION,
        "    if (!is_writable(made)) {",
        "    if (!is_writable(made) && !PLANTED) {",
        "http"),
    Bug("error-keeps-open", "a request that is refused does not close", CONNECTION,
        "    exchange_->terms.keep_alive = false;",
        "    exchange_->terms.keep_alive = PLANTED;",
        "http"),
    Bug("body-bound-tight", "a body that is as long as the limit is refused", CONNECTION,
        "        head.content_length > service_.limits_.body_bytes_max) {",
        "        head.content_length + (PLANTED ? 1 : 0) > service_.limits_.body_bytes_max) {",
        "http"),
    Bug("send-error-ignored", "a connection goes on after a send that failed", CONNECTION,
        "    broken_ = sent.is_ready() && !sent.value();",
        "    broken_ = sent.is_ready() && !sent.value() && !PLANTED;",
        "http"),
    Bug("head-answered-with-body", "HEAD is answered with the content", CONNECTION,
        "    if (has_content) {\n        exchange_->out.append(body);",
        "    if (has_content || (PLANTED && !status_forbids_content(made.status))) {\n"
        "        exchange_->out.append(body);",
        "http"),
    Bug("answered-twice", "an answer is written twice", CONNECTION,
        "        append_fixed(made, content_type, now);\n        return true;",
        "        append_fixed(made, content_type, now);\n        if (PLANTED && !closing_) {\n"
        "            append_fixed(made, content_type, now);\n        }\n"
        "        return true;",
        "http"),
    Bug("length-one-more", "Content-Length is one more than the content", CONNECTION,
        "    append_head(made, content_type, true, body.size(), now);",
        "    append_head(made, content_type, true, body.size() + (PLANTED ? 1 : 0), now);",
        "http"),
    Bug("requests-without-bound", "a connection may have any number of requests", CONNECTION,
        " || requests_ >= service_.limits_.requests_max;",
        " || (requests_ >= service_.limits_.requests_max && !PLANTED);",
        "http"),
    Bug("close-unsaid", "the head of the last answer does not say that it closes", CONNECTION,
        "        head.connection = connection_option::close;",
        "        if (!PLANTED) {\n"
        "            head.connection = connection_option::close;\n        }",
        "http"),
    Bug("http10-kept-open", "HTTP/1.0 is taken for HTTP/1.1", CONNECTION,
        "                  .http_1_0 = head.minor_version == 0};",
        "                  .http_1_0 = head.minor_version == 0 && !PLANTED};",
        "http"),
    Bug("open-count-stuck", "a connection that has closed counts as open", CONNECTION,
        "        --service_.counters_.connections_open;",
        "        if (!PLANTED) {\n"
        "            --service_.counters_.connections_open;\n        }",
        "http"),
    Bug("close-not-told", "nobody is told that a connection has closed", CONNECTION,
        "        service_.closed_.notify_one();",
        "        if (!PLANTED) {\n            service_.closed_.notify_one();\n        }",
        "http"),
    Bug("head-holds-buffer", "a head that is not whole holds a buffer of the pool", CONNECTION,
        "            case parse_status::need_more:\n                here.in.keep();",
        "            case parse_status::need_more:\n                if (!PLANTED) {\n"
        "                    here.in.keep();\n                }",
        "http"),
    Bug("exchange-not-reset", "a connection gets working memory with the state of another",
        SERVICE,
        "    used->parser.reset();",
        "    if (!PLANTED) {\n        used->parser.reset();\n    }",
        "http"),
    Bug("date-stale", "Date is that of the first answer", SERVICE_HEADER,
        "        if (turn != date_turn_) {",
        "        if (turn != date_turn_ && !(PLANTED && date_now_ != 0)) {",
        "http"),
    Bug("body-memory-forgotten", "a body loses its place when memory fails", BODY,
        "    } catch (const std::bad_alloc&) {",
        "    } catch (const std::bad_alloc&) {\n        if (PLANTED) {\n            throw;\n        }",
        "http", seeds=200_000),
    Bug("body-taken-too-far", "what follows a body in its buffer is lost", BODY,
        "            input_.set_aside(bytes.text().substr(taken));",
        "            if (!PLANTED) {\n"
        "                input_.set_aside(bytes.text().substr(taken));\n            }",
        "http"),
    Bug("body-not-truncated", "what follows a body in its buffer counts as body", BODY,
        "            bytes.truncate(taken);",
        "            if (!PLANTED) {\n                bytes.truncate(taken);\n            }",
        "http"),
    Bug("chunked-unbounded", "a chunked body may be longer than the limit", BODY,
        "    if (bytes > left_) {\n        return fail(errc::limit_exceeded);",
        "    if (bytes > left_ && PLANTED) {\n        return {};\n    }\n"
        "    if (bytes > left_) {\n        return fail(errc::limit_exceeded);",
        "http"),
    Bug("chunked-bound-tight", "a chunked body that is as long as the limit is refused", BODY,
        "    if (bytes > left_ && ",
        "    if (PLANTED && bytes > 0 && bytes == left_) {\n"
        "        return fail(errc::limit_exceeded);\n    }\n"
        "    if (bytes > left_ && ",
        "http"),
    Bug("continue-twice", "100 Continue is sent with each read", "protocols/http/request_body.hpp",
        "        if (std::exchange(continue_pending_, false)) {",
        "        if (PLANTED ? continue_pending_ : std::exchange(continue_pending_, false)) {",
        "http"),
    Bug("aside-forgotten", "what came behind a body is not put back", INPUT,
        "        if (!aside_.empty()) {",
        "        if (!aside_.empty() && !PLANTED) {",
        "http"),
    Bug("chunk-end-unchecked", "the line end behind a chunk may be any byte", DECODER,
        "            return expect(byte, '\\r', state::data_lf, parse_error::chunk_end_invalid);",
        "            return expect(PLANTED ? '\\r' : byte, '\\r', state::data_lf,\n"
        "                          parse_error::chunk_end_invalid);",
        "http"),
    Bug("trailer-as-request", "a trailer is read as the next request", DECODER,
        "left_ == 0 ? state::line_start : state::data,",
        "left_ == 0 ? (PLANTED ? state::done : state::line_start) : state::data,",
        "http"),
    Bug("views-not-moved", "header lines point at a buffer that is gone", PARSER,
        "        move_headers(buffer.data());",
        "        if (PLANTED) {\n            base_ = buffer.data();\n        }\n"
        "        move_headers(buffer.data());",
        "http"),
    Bug("head-bound-tight", "a head that is as long as the limit is refused", PARSER,
        "    if (outcome == step::starved && visible == limits_.header_bytes_max) {",
        "    if ((outcome == step::starved || PLANTED) && visible == limits_.header_bytes_max) {",
        "http"),
    Bug("close-ignored", "Connection: close is not looked at", DIGEST,
        "    head.keep_alive = !has_close_ &&",
        "    head.keep_alive = (!has_close_ || PLANTED) &&",
        "http"),
]
