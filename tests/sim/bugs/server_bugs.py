"""Bugs in the echo protocol, and in the worker that accepts and drains."""

from bug import Bug

ECHO = "protocols/echo/tcp_echo.hpp"
ECHO_SERVICE = "protocols/echo/echo_service.hpp"
UDP = "protocols/echo/udp_echo.cpp"
WORKER = "server/worker_tasks.cpp"

SERVER_BUGS = [
    Bug("echo-ends-early", "the end is sent before the last piece", ECHO,
        "                    if (!waiting_.empty() || ended_) {",
        "                    if (!waiting_.empty() || (ended_ && !PLANTED)) {",
        "echo"),
    Bug("echo-overwrites", "a piece takes the place of one that waits for a send", ECHO,
        "                    if (!waiting_.empty() || (ended_",
        "                    if ((!waiting_.empty() && !PLANTED) || (ended_",
        "echo"),
    Bug("echo-error-ignored", "echo goes on after a send that failed", ECHO,
        "                    if (!sent.value()) {",
        "                    if (!sent.value() && !PLANTED) {",
        "echo"),
    Bug("echo-write-deadline-skipped", "a peer may take any time to read", ECHO,
        "deadline_.has_passed() && !service_.is_draining()) {",
        "deadline_.has_passed() && !service_.is_draining() && !(PLANTED && sending_)) {",
        "echo"),
    Bug("echo-idle-deadline-skipped", "a peer may be silent for ever", ECHO,
        "deadline_.has_passed() && !service_.is_draining() &&",
        "deadline_.has_passed() && !service_.is_draining() && !(PLANTED && !sending_) &&",
        "echo"),
    Bug("echo-counted-late", "a connection counts as open from its first poll on", ECHO,
        "template <byte_stream Stream>\n[[nodiscard]] task<> serve(echo_service& shared, "
        "Stream stream) {\n",
        "template <byte_stream Stream>\n"
        "task<> serve_late(echo_service& shared, Stream stream) {\n"
        "    co_await detail::serve_in(echo_place(shared), std::move(stream));\n}\n\n"
        "template <byte_stream Stream>\n[[nodiscard]] task<> serve(echo_service& shared, "
        "Stream stream) {\n    if (PLANTED) {\n"
        "        return serve_late(shared, std::move(stream));\n    }\n",
        "echo"),
    Bug("echo-drain-forgets", "a drain does not wake echo connections", ECHO_SERVICE,
        "        connections_.for_each([&](echo_connection& each) {",
        "        if (PLANTED) {\n            return;\n        }\n"
        "        connections_.for_each([&](echo_connection& each) {",
        "echo"),
    Bug("echo-open-count-stuck", "an echo connection that has closed counts as open", ECHO_SERVICE,
        "        --service_->counters_.connections_open;",
        "        if (!PLANTED) {\n            --service_->counters_.connections_open;\n        }",
        "echo"),
    Bug("echo-close-not-told", "nobody is told that an echo connection has closed", ECHO_SERVICE,
        "        service_->closed_.notify_one();",
        "        if (!PLANTED) {\n            service_->closed_.notify_one();\n        }",
        "echo"),
    Bug("datagram-unsent", "a datagram is sent when its place is wanted again", UDP,
        "            place->start();",
        "            if (!PLANTED) {\n                place->start();\n            }",
        "datagrams"),
    Bug("datagram-cancelled", "a datagram that is being sent gives way to a later one", UDP,
        "        if (place) {",
        "        if (place && !PLANTED) {",
        "datagrams"),
    Bug("datagram-error-ends", "one datagram that fails is the last one", UDP,
        "            if (concerns_one_peer(received.error())) {",
        "            if (concerns_one_peer(received.error()) && !PLANTED) {",
        "datagrams"),
    Bug("datagram-memory-ends", "memory that fails ends the echo of datagrams", UDP,
        "        } catch (const std::bad_alloc&) {",
        "        } catch (const std::bad_alloc&) {\n            if (PLANTED) {\n"
        "                throw;\n            }",
        "datagrams"),
    Bug("accept-error-ends", "an accept that fails is the last one", WORKER,
        "            co_await sleep_for(wait);",
        "            if (PLANTED) {\n                co_return;\n            }\n"
        "            co_await sleep_for(wait);",
        "echo"),
    Bug("connections-unbounded", "more connections are served than the limit permits", WORKER,
        "        while (accepted && connections_open() >= connections_max_) {",
        "        while (accepted && connections_open() >= connections_max_ && !PLANTED) {",
        "echo"),
    Bug("connections-one-more", "one connection more is served than the limit permits", WORKER,
        "connections_open() >= connections_max_ &&",
        "connections_open() >= connections_max_ + (PLANTED ? 1 : 0) &&",
        "echo"),
    Bug("listener-not-closed", "a drain goes on accepting", WORKER,
        "    accepting_.clear();",
        "    if (!PLANTED) {\n        accepting_.clear();\n    }",
        "http"),
    Bug("cut-ignored", "the command to end now is not looked at during a drain", WORKER,
        "        (void)co_await select(drain(), next_order(commands));",
        "        if (PLANTED) {\n            co_await drain();\n            co_return {};\n        }\n"
        "        (void)co_await select(drain(), next_order(commands));",
        "http"),
    Bug("drain-without-bound", "a drain waits for its connections however long it takes", WORKER,
        "    (void)co_await with_timeout(connections_closed(), values_.server.shutdown_timeout);",
        "    if (PLANTED) {\n        co_await connections_closed();\n        co_return;\n    }\n"
        "    (void)co_await with_timeout(connections_closed(), values_.server.shutdown_timeout);",
        "http"),
    Bug("drain-does-not-wait", "a drain does not wait for its connections", WORKER,
        "    (void)co_await with_timeout(connections_closed(), values_",
        "    if (PLANTED) {\n        co_return;\n    }\n"
        "    (void)co_await with_timeout(connections_closed(), values_",
        "http"),
]
