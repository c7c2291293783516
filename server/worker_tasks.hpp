#pragma once

#include <vector>

#include "protocols/echo/echo_service.hpp"
#include "protocols/http/service.hpp"
#include "runtime/executor/executor.hpp"
#include "runtime/net/tcp_listener.hpp"
#include "runtime/net/udp_socket.hpp"
#include "runtime/reactor/make_reactor.hpp"
#include "runtime/task/task.hpp"
#include "server/accept_backoff.hpp"
#include "server/address_quota.hpp"
#include "server/worker.hpp"
#include "server/worker_pulse.hpp"

namespace rouse::server {

/// What a worker's reactor is made with.
[[nodiscard]] reactor_options options_of_reactor(const settings& values) noexcept;

/// Everything that runs on one worker's thread: the services, and the tasks that accept, echo and
/// obey. Destroyed before the reactor.
class worker_tasks {
   public:
    class order_future;
    enum class protocol : std::uint8_t { http, echo };

    worker_tasks(reactor& io, const settings& values, const http::router& routes,
                 address_quota& quota, executor_options options = {});
    worker_tasks(const worker_tasks&) = delete;
    worker_tasks& operator=(const worker_tasks&) = delete;

    /// Is told of every HTTP answer from now on.
    void observe(http::access_observer& observer) noexcept { http_.observe(observer); }

    /// Is told of every question that is answered from now on.
    void observe(worker_pulse& pulse) noexcept { pulse_ = &pulse; }

    /// Waits for the command to serve, and serves until another ends it.
    [[nodiscard]] worker_report run(thread_channel<worker_command>& commands,
                                    worker_sockets sockets);

    /// What runs them; other tasks may be spawned on it before run().
    [[nodiscard]] executor& tasks() noexcept { return executor_; }

   private:
    [[nodiscard]] task<> accept(tcp_listener listener, protocol spoken);
    [[nodiscard]] std::error_code admit(tcp_stream accepted, protocol spoken) noexcept;
    void serve(tcp_stream accepted, protocol spoken, address_quota::place held);
    void refuse(const ip_address& from) noexcept;
    [[nodiscard]] task<> echo_datagrams(task<std::error_code> serving);
    /// Hands the sockets to the reactor and starts to accept.
    [[nodiscard]] result<> open(worker_sockets sockets);
    [[nodiscard]] task<result<>> obey(thread_channel<worker_command>& commands,
                                      worker_sockets sockets);
    [[nodiscard]] order_future next_order(thread_channel<worker_command>& commands) noexcept;
    [[nodiscard]] task<> drain();
    [[nodiscard]] task<> connections_closed();
    [[nodiscard]] std::uint64_t connections_open() noexcept;

    const settings& values_;
    std::uint64_t connections_max_;
    address_quota& quota_;
    std::uint64_t connections_refused_ = 0;
    http::service http_;
    echo::echo_service echo_;
    executor executor_;
    std::vector<join_handle<void>> accepting_;
    worker_pulse* pulse_ = nullptr;
};

/// The next command that is no question; those are answered.
class [[nodiscard]] worker_tasks::order_future {
   public:
    order_future(worker_tasks& asked, thread_channel_recv_future<worker_command> next) noexcept
        : asked_(asked), next_(next) {}
    [[nodiscard]] rouse::poll<result<worker_command>> poll(context& cx);

   private:
    worker_tasks& asked_;
    thread_channel_recv_future<worker_command> next_;
};
static_assert(future<worker_tasks::order_future>);

}  // namespace rouse::server
