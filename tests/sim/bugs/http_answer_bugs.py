"""Bugs in the coroutine of an HTTP connection: bodies, streams, and the close."""

from bug import Bug

ANSWER = "protocols/http/connection_answer.cpp"
WRITE = "protocols/http/connection_body.cpp"

HTTP_ANSWER_BUGS = [
    Bug("continue-unsent", "100 Continue is not sent", ANSWER,
        '    exchange_->out.append("HTTP/1.1 100 Continue\\r\\n\\r\\n");',
        '    if (PLANTED) {\n        return;\n    }\n'
        '    exchange_->out.append("HTTP/1.1 100 Continue\\r\\n\\r\\n");',
        "http"),
    Bug("async-exception-unanswered", "an exception of a handler that waits ends the connection",
        ANSWER,
        "    } catch (...) {\n",
        "    } catch (...) {\n        if (PLANTED) {\n            throw;\n        }\n",
        "http"),
    Bug("stream-parser-not-reset", "the parser is not reset behind a request with a body", ANSWER,
        "    here.in.end_of_views();\n    here.parser.reset();",
        "    here.in.end_of_views();\n    if (!PLANTED) {\n        here.parser.reset();\n    }",
        "http"),
    Bug("body-read-as-request", "what a handler left of a body is read as the next request",
        ANSWER,
        "    if (body.is_complete() || broken_ || cut_) {",
        "    if (body.is_complete() || broken_ || cut_ || PLANTED) {",
        "http"),
    Bug("unasked-body-waited-for", "a body that nobody asked for is waited for", ANSWER,
        "    if (body.is_unasked()) {",
        "    if (body.is_unasked() && !PLANTED) {",
        "http"),
    Bug("body-error-unanswered", "a body that is wrong gets the answer of the handler", ANSWER,
        "    if (here.body.error()) {",
        "    if (here.body.error() && !PLANTED) {",
        "http"),
    Bug("lingering-skipped", "a connection closes with bytes unread, which is a reset", ANSWER,
        "!sent || !lingering_) {",
        "!sent || !lingering_ || PLANTED) {",
        "http"),
    Bug("linger-without-end", "a peer that lingers is not told that nothing more comes", ANSWER,
        "    if (const auto shut = co_await shutdown_write(); !shut) {\n        co_return;\n    }",
        "    if (!PLANTED) {\n"
        "        if (const auto shut = co_await shutdown_write(); !shut) {\n"
        "            co_return;\n        }\n    }",
        "http"),
    Bug("finish-unsent", "the close does not wait for what is still to be sent", ANSWER,
        "    if (const auto sent = co_await sent_future(*this); !sent || !lingering_",
        "    if (PLANTED && !lingering_) {\n        co_return;\n    }\n"
        "    if (const auto sent = co_await sent_future(*this); !sent || !lingering_",
        "http"),
    Bug("last-chunk-missing", "a chunked answer has no end", WRITE,
        "        here.out.append(last_chunk);",
        "        if (!PLANTED) {\n            here.out.append(last_chunk);\n        }",
        "http"),
    Bug("cut-as-whole", "a chunked answer that is cut short ends as if it were whole", WRITE,
        "            cut();\n            // By a reset",
        "            cut();\n            if (PLANTED && chunked) {\n"
        "                here.out.append(last_chunk);\n            }\n            // By a reset",
        "http"),
    Bug("cut-by-reset", "an answer that is cut short takes those before it along", WRITE,
        "            lingering_ = lingering_ || length || chunked;",
        "            lingering_ = lingering_ || ((length || chunked) && !PLANTED);",
        "http", seeds=400_000),
    Bug("cut-goes-on", "a connection goes on after an answer that is cut short", WRITE,
        "    closing_ = true;\n    cut_ = true;",
        "    closing_ = !PLANTED;\n    cut_ = true;",
        "http"),
    Bug("surplus-sent", "a stream may have more bytes than it has promised", WRITE,
        "piece->size() > left ||",
        "(piece->size() > left && !PLANTED) ||",
        "http"),
    Bug("chunk-size-late", "a chunk that waited for a send goes out without its size", WRITE,
        "            if (!gathered.empty()) {",
        "            if (!gathered.empty() && !PLANTED) {",
        "http"),
    Bug("gathered-twice", "what was gathered during a send goes out twice", WRITE,
        "            owned_bytes gathered = here.out.take();",
        "            const std::size_t kept = here.out.size();\n"
        "            char* const again = PLANTED && kept > 0 ? here.out.reserve(0) : nullptr;\n"
        "            const std::string copy =\n"
        "                again == nullptr ? std::string() : std::string(again - kept, kept);\n"
        "            here.out.append(copy);\n"
        "            owned_bytes gathered = here.out.take();",
        "http"),
    Bug("send-failure-unseen", "a send that has just begun is not looked at while a body comes",
        ANSWER,
        "    // Of a send that has just begun too: when it fails, nobody else would tell.\n"
        "    if (!settle_send(cx)) {",
        "    if (!PLANTED && !settle_send(cx)) {",
        "http", seeds=200_000),
    Bug("write-without-deadline", "a send of a stream has no deadline", ANSWER,
        "                if (await_sent(cx)) {",
        "                if (PLANTED || await_sent(cx)) {",
        "http"),
    Bug("body-deadline-not-renewed", "all of a body must come in the time of one piece", ANSWER,
        "        if (std::exchange(waiting_for_, wait_kind::none) == wait_kind::body) {",
        "        if (PLANTED && waiting_for_ == wait_kind::body) {\n"
        "            return received;\n        }\n"
        "        if (std::exchange(waiting_for_, wait_kind::none) == wait_kind::body) {",
        "http", seeds=100_000),
]
