"""Bugs in what bounds a client: connections of an address, the rate of a body, the time to read."""

from bug import Bug

QUOTA = "server/address_quota.cpp"
PLACE = "server/address_quota.hpp"
WORKER = "server/worker_tasks.cpp"
CONNECTION = "protocols/http/connection.cpp"
ANSWER = "protocols/http/connection_answer.cpp"
DEADLINE = "protocols/http/connection_deadline.cpp"

LIMIT_BUGS = [
    Bug("place-leaked", "a connection that has closed keeps its place", PLACE,
        "                client_->owner.leave(*client_);",
        "                if (!PLANTED) {\n                    client_->owner.leave(*client_);\n"
        "                }",
        "limits"),
    Bug("place-not-forgotten", "an address without connections is remembered", QUOTA,
        "    if (--counted.open == 0) {",
        "    if (--counted.open == 0 && !PLANTED) {",
        "limits"),
    Bug("place-counted-twice", "a connection needs two places to be let in", WORKER,
        "        if (auto held = quota_.enter(from)) {",
        "        auto again = PLANTED ? quota_.enter(from) : std::nullopt;\n"
        "        if (auto held = quota_.enter(from)) {",
        "limits"),
    Bug("places-unbounded", "an address may have any number of connections", QUOTA,
        "    if (counted.open == connections_max_) {",
        "    if (counted.open == connections_max_ && !PLANTED) {",
        "limits"),
    Bug("places-one-more", "an address may have one connection more", QUOTA,
        "(counted.open == connections_max_ &&",
        "(counted.open == connections_max_ + (PLANTED ? 1 : 0) &&",
        "limits"),
    Bug("network-not-masked", "an IPv6 client counts by its whole address", QUOTA,
        "    const ip_address key = from.client();",
        "    const ip_address key = PLANTED ? from : from.client();",
        "limits"),
    Bug("refused-with-place", "a connection that is refused is kept open", WORKER,
        "            refuse(from);\n",
        "            refuse(from);\n            if (PLANTED) {\n"
        "                serve(std::move(accepted), spoken, address_quota::place());\n"
        "            }\n",
        "limits"),
    Bug("requests-one-more", "a connection may ask once more than requests_max", CONNECTION,
        "(requests_ >= service_.limits_.requests_max &&",
        "(requests_ >= service_.limits_.requests_max + (PLANTED ? 1U : 0U) &&",
        "limits"),
    Bug("gathered-unbounded", "any number of pipelined answers leave in one send", CONNECTION,
        "            here.gathered >= service_.limits_.pipelined_requests_max) {",
        "            (here.gathered >= service_.limits_.pipelined_requests_max && !PLANTED)) {",
        "limits"),
    Bug("body-rate-ignored", "a body may come as slowly as it likes", DEADLINE,
        "    if (limits.body_rate_min > 0) {",
        "    if (limits.body_rate_min > 0 && !PLANTED) {",
        "limits"),
    Bug("body-bytes-not-counted", "what has come of a body earns no time", ANSWER,
        "        exchange_->body_received +=",
        "        exchange_->body_received += PLANTED ? 0 :",
        "limits"),
    Bug("body-grace-ignored", "a body must have its rate from the first byte on", DEADLINE,
        "limits.body_grace + earned - here.body_waited",
        "(PLANTED ? milliseconds(0) : limits.body_grace) + earned - here.body_waited",
        "limits"),
    Bug("body-wait-not-counted", "the time that was waited for a body is forgotten", ANSWER,
        "            exchange_->body_waited += cx.timers()->now() - exchange_->body_asked_at;",
        "            exchange_->body_waited +=\n"
        "                PLANTED ? duration::zero()\n"
        "                        : cx.timers()->now() - exchange_->body_asked_at;",
        "limits"),
    Bug("body-wait-kept", "the time of one body counts against the next", ANSWER,
        "    here.body_waited = {};",
        "    if (!PLANTED) {\n        here.body_waited = {};\n    }",
        "limits"),
    Bug("body-bytes-kept", "the bytes of one body earn time for the next", ANSWER,
        "    here.body_received = 0;",
        "    here.body_received = PLANTED ? here.body_received : 0;",
        "limits"),
    Bug("stall-look-skipped", "who reads slowly is cut when write_timeout is over", DEADLINE,
        "    if (now_delivered && now_delivered != exchange_->delivered) {",
        "    if (now_delivered && now_delivered != exchange_->delivered && !PLANTED) {",
        "limits"),
    Bug("stall-never-renewed", "who reads slowly gets no more time", DEADLINE,
        "        exchange_->delivered = now_delivered;\n        exchange_->moved_at = now;",
        "        if (!PLANTED || !exchange_->delivered) {\n"
        "            exchange_->moved_at = now;\n        }\n"
        "        exchange_->delivered = now_delivered;",
        "limits"),
    Bug("stall-always-renewed", "who reads nothing gets more time", DEADLINE,
        "    if (now >= end) {",
        "    if (now >= end && !PLANTED) {",
        "limits"),
    Bug("stall-late", "the looks are as far apart as write_timeout is", DEADLINE,
        "            return limits.write_timeout / write_looks;",
        "            return limits.write_timeout / (PLANTED ? 1 : write_looks);",
        "limits"),
]
