#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <expected>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "protocols/http/access.hpp"
#include "protocols/http/parse_failure.hpp"
#include "protocols/http/router.hpp"
#include "runtime/executor/wake_signal.hpp"
#include "runtime/reactor/reactor.hpp"
#include "runtime/sync/thread_channel.hpp"
#include "server/address_quota.hpp"
#include "server/backends.hpp"
#include "server/listeners.hpp"
#include "server/settings.hpp"
#include "server/sites.hpp"
#include "server/worker_pulse.hpp"

namespace rouse::server {

/// What main tells a worker.
enum class worker_command : std::uint8_t {
    serve,   ///< Accept connections. The first command, when every worker has its reactor.
    drain,   ///< Accept no more, finish what is under way, then end; cut at
             ///< server.shutdown_timeout.
    cut,     ///< End now.
    answer,  ///< Give a sign of life: see worker_pulse. One at a time.
};

/// What a worker came to.
struct worker_report {
    std::uint64_t http_connections = 0;
    std::uint64_t http_requests = 0;
    std::uint64_t http_timeouts = 0;  ///< Closed by a deadline other than the idle one.
    std::uint64_t http_refused = 0;   ///< Requests that are not HTTP or beyond a limit.
    std::array<std::uint64_t, http::parse_error_count> http_refused_by{};  ///< Of those, by why.
    std::uint64_t echo_connections = 0;
    std::uint64_t connections_refused = 0;  ///< Beyond server.connections_per_address_max.
    std::uint64_t connections_cut = 0;      ///< Open when the time to shut down was over.
    std::string failure;                    ///< Why its reactor failed, if it did.
};

/// What a worker is made for. Everything outlives it.
struct worker_setup {
    unsigned index;
    const settings& values;
    const shared_sites& sites;
    address_quota& quota;             ///< Of all workers.
    const wake_signal& news;          ///< Raised when it has answered or ended.
    http::access_observer* observer;  ///< Is told of its answers; may be null.
};

/// One thread with one executor, one reactor and its own sockets. Workers share nothing on the path
/// of a request.
class worker {
   public:
    /// Starts the thread and waits until it has a reactor, or says why it cannot have one: cause
    /// and cure.
    [[nodiscard]] static std::expected<std::unique_ptr<worker>, std::string> start(
        const worker_setup& setup, worker_sockets sockets);
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;
    /// Cuts it, if it still runs.
    ~worker();

    /// From any thread; a worker that has ended does not mind.
    void tell(worker_command command) noexcept;

    [[nodiscard]] bool has_ended() const noexcept { return ended_.load(std::memory_order_acquire); }

    /// What it got when it was started.
    [[nodiscard]] const backend_in_use& backend() const noexcept { return backend_; }

    /// Its signs of life. From any thread.
    [[nodiscard]] const worker_pulse& pulse() const noexcept { return pulse_; }

    /// Waits for its end.
    [[nodiscard]] worker_report join();

   private:
    static constexpr std::size_t commands_max = 8;

    explicit worker(const worker_setup& setup)
        : setup_(setup), commands_(commands_max), pulse_(setup.news) {}
    void run(worker_sockets sockets, std::promise<std::string> started) noexcept;
    void serve(reactor& io, const http::router& routes, worker_sockets sockets) noexcept;

    worker_setup setup_;
    thread_channel<worker_command> commands_;
    backend_in_use backend_;
    worker_pulse pulse_;
    worker_report report_;
    std::atomic<bool> ended_{false};
    std::thread thread_;
};

}  // namespace rouse::server
