#include "server/worker_tasks.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "protocols/echo/tcp_echo.hpp"
#include "protocols/echo/udp_echo.hpp"
#include "protocols/http/serve.hpp"
#include "runtime/task/select.hpp"
#include "runtime/time/sleep.hpp"
#include "runtime/time/timeout.hpp"
#include "server/logging.hpp"

namespace rouse::server {
namespace {

http::service_limits http_limits(const http_settings& from) noexcept {
    return {.head = {.header_bytes_max = from.header_bytes_max,
                     .target_bytes_max = from.target_bytes_max,
                     .header_count_max = from.header_count_max},
            .body_bytes_max = from.body_bytes_max,
            .header_timeout = from.header_timeout,
            .idle_timeout = from.idle_timeout,
            .body_timeout = from.body_timeout,
            .body_rate_min = static_cast<std::uint32_t>(from.body_rate_min),
            .body_grace = from.body_grace,
            .write_timeout = from.write_timeout,
            .requests_max = from.requests_max,
            .pipelined_requests_max = from.pipelined_requests_max};
}

// A connection, and its place among those of its client for as long as it lives.
template <future F>
class [[nodiscard]] holding {
   public:
    holding(F&& connection, address_quota::place&& held) noexcept
        : held_(std::move(held)), connection_(std::move(connection)) {}
    [[nodiscard]] rouse::poll<> poll(context& cx) { return connection_.poll(cx); }

   private:
    address_quota::place held_;
    F connection_;
};

// Some turns of the reactor.
constexpr milliseconds settle_time{5};

constexpr std::string_view name_of(worker_tasks::protocol spoken) noexcept {
    return spoken == worker_tasks::protocol::http ? "http" : "echo";
}

}  // namespace

reactor_options options_of_reactor(const settings& values) noexcept {
    const uring_settings& from = values.uring;
    const std::size_t queue_max =
        std::max<std::size_t>(1, from.receive_queue_bytes_max / from.buffer_bytes);
    reactor_options options{.wanted = values.server.backend,
                            .entries = from.entries,
                            .completion_entries = from.entries * 4,
                            .buffers = static_cast<std::uint16_t>(from.buffers),
                            .buffers_max = static_cast<std::uint16_t>(from.buffers_max),
                            .buffer_bytes = static_cast<std::uint32_t>(from.buffer_bytes)};
    options.limits.receive_queue_max =
        static_cast<std::uint16_t>(std::min<std::size_t>(queue_max, UINT16_MAX));
    return options;
}

worker_tasks::worker_tasks(reactor& io, const settings& values, const http::router& routes,
                           address_quota& quota, executor_options options)
    : values_(values),
      connections_max_(std::max(1U, values.server.connections_max / worker_count(values))),
      quota_(quota),
      http_(routes, http_limits(values.http)),
      echo_({.idle_timeout = values.echo.idle_timeout, .write_timeout = values.echo.write_timeout}),
      executor_(io, options) {}

std::uint64_t worker_tasks::connections_open() noexcept {
    return http_.counters().connections_open + echo_.counters().connections_open;
}

result<> worker_tasks::open(worker_sockets sockets) {
    for (unique_fd& socket : sockets.http) {
        auto listener = tcp_listener::adopt(executor_.io(), std::move(socket));
        if (!listener) {
            return failure(listener.error());
        }
        if (sockets.http_is_passed) {
            listener->keep_path();
        }
        accepting_.push_back(executor_.spawn(accept(std::move(*listener), protocol::http)));
    }
    for (unique_fd& socket : sockets.echo_streams) {
        auto listener = tcp_listener::adopt(executor_.io(), std::move(socket));
        if (!listener) {
            return failure(listener.error());
        }
        if (sockets.echo_is_passed) {
            listener->keep_path();
        }
        accepting_.push_back(executor_.spawn(accept(std::move(*listener), protocol::echo)));
    }
    for (unique_fd& socket : sockets.echo_datagrams) {
        auto bound = udp_socket::adopt(executor_.io(), std::move(socket));
        if (!bound) {
            return failure(bound.error());
        }
        accepting_.push_back(executor_.spawn(echo_datagrams(echo::serve(std::move(*bound)))));
    }
    return {};
}

// Gives each connection a task of its own. Errors pass, lack of memory among them: it waits and
// goes on.
task<> worker_tasks::accept(tcp_listener listener, protocol spoken) {
    accept_backoff backoff;
    while (true) {
        result<tcp_stream> accepted = failure(errc::limit_exceeded);
        try {
            accepted = co_await listener.accept();
        } catch (const std::bad_alloc&) {  // There was a connection and no memory for it.
            accepted = failure(std::make_error_code(std::errc::not_enough_memory));
        }
        // Behind the accept: before it, the place could go to another listener's connection
        // meanwhile, and the one that closes would wake a task that has nobody to give its place
        // to.
        while (accepted && connections_open() >= connections_max_) {
            co_await select(http_.closed().notified(), echo_.closed().notified());
        }
        const std::error_code failed =
            accepted ? admit(std::move(*accepted), spoken) : accepted.error();
        if (!failed) {
            backoff.succeeded();
        } else {
            const milliseconds wait = backoff.failed(failed);
            if (backoff.is_first()) {
                log_warn("accept_failed", {{"protocol", name_of(spoken)}, {"reason", failed}});
            }
            co_await sleep_for(wait);
        }
    }
}

std::error_code worker_tasks::admit(tcp_stream accepted, protocol spoken) noexcept {
    try {
        ip_address from;
        if (quota_.is_bounded()) {
            from = ip_address(accepted.peer_address());
        }
        if (auto held = quota_.enter(from)) {
            serve(std::move(accepted), spoken, std::move(*held));
        } else {
            refuse(from);
        }
    } catch (const std::bad_alloc&) {
        return std::make_error_code(std::errc::not_enough_memory);
    }
    return {};
}

void worker_tasks::serve(tcp_stream accepted, protocol spoken, address_quota::place held) {
    if (spoken == protocol::http) {
        executor_.spawn(holding(http::serve(http_, std::move(accepted)), std::move(held))).detach();
    } else {
        executor_.spawn(holding(echo::serve(echo_, std::move(accepted)), std::move(held))).detach();
    }
}

// Closed without an answer: whoever opens so many would only take more of our time with one. Said
// once, and counted.
void worker_tasks::refuse(const ip_address& from) noexcept {
    if (connections_refused_++ == 0) {
        log_warn("connections_per_address_max",
                 {{"address", from.to_string()},
                  {"limit", values_.server.connections_per_address_max},
                  {"note", "closed; more of the kind are counted, not logged"}});
    }
}

task<> worker_tasks::echo_datagrams(task<std::error_code> serving) {
    const std::error_code error = co_await serving;
    log_error("udp_echo_ended", {{"reason", error}});
}

worker_report worker_tasks::run(thread_channel<worker_command>& commands, worker_sockets sockets) {
    const auto ran = executor_.run_until(obey(commands, std::move(sockets)));
    worker_report report{.http_connections = http_.counters().connections_accepted,
                         .http_requests = http_.counters().requests,
                         .http_timeouts = http_.counters().timeouts,
                         .http_refused = http_.counters().refused_requests,
                         .http_refused_by = http_.counters().refused_by,
                         .echo_connections = echo_.counters().connections_accepted,
                         .connections_refused = connections_refused_,
                         .connections_cut = connections_open(),
                         .failure = {}};
    if (!ran) {
        report.failure = "the reactor: " + ran.error().message();
    } else if (!*ran) {
        report.failure = "the sockets: " + ran->error().message();
    }
    return report;
}

task<result<>> worker_tasks::obey(thread_channel<worker_command>& commands,
                                  worker_sockets sockets) {
    if (const auto first = co_await next_order(commands);
        !first || *first != worker_command::serve) {
        co_return {};
    }
    if (auto opened = open(std::move(sockets)); !opened) {
        co_return opened;
    }
    const auto second = co_await next_order(commands);
    if (second && *second == worker_command::drain) {
        // A third command, whatever it says, means now.
        (void)co_await select(drain(), next_order(commands));
    }
    co_return {};
}

worker_tasks::order_future worker_tasks::next_order(
    thread_channel<worker_command>& commands) noexcept {
    return {*this, commands.recv()};
}

rouse::poll<result<worker_command>> worker_tasks::order_future::poll(context& cx) {
    while (true) {
        auto received = next_.poll(cx);
        if (received.is_pending()) {
            return pending;
        }
        const result<worker_command>& said = received.value();
        if (!said || *said != worker_command::answer) {
            return received;
        }
        if (asked_.pulse_ != nullptr) {
            asked_.pulse_->answer(asked_.connections_open());
        }
    }
}

task<> worker_tasks::drain() {
    // Who has connected and asked before the signal is answered: the backlog is accepted first, and
    // then what has arrived on the connections is taken in.
    http_.announce_drain();
    co_await sleep_for(settle_time);
    accepting_.clear();  // Closes the listeners: the tasks own them.
    co_await sleep_for(settle_time);
    http_.drain(executor_.timers());
    echo_.drain(executor_.timers());
    (void)co_await with_timeout(connections_closed(), values_.server.shutdown_timeout);
}

task<> worker_tasks::connections_closed() {
    while (http_.counters().connections_open > 0) {
        co_await http_.closed().notified();
    }
    while (echo_.counters().connections_open > 0) {
        co_await echo_.closed().notified();
    }
}

}  // namespace rouse::server
