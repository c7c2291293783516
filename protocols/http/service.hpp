#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <string_view>
#include <vector>

#include "protocols/http/access.hpp"
#include "protocols/http/date.hpp"
#include "protocols/http/output_buffer.hpp"
#include "protocols/http/parse_failure.hpp"
#include "protocols/http/request_parser.hpp"
#include "protocols/http/router.hpp"
#include "runtime/base/intrusive_list.hpp"
#include "runtime/sync/notify.hpp"
#include "runtime/time/clock.hpp"
#include "runtime/time/timer_wheel.hpp"

namespace rouse::http {

class connection;
class exchange;

/// What a peer may take of this server. Each bound has an answer: the status that stands beside it,
/// or the connection closes.
struct service_limits {
    parser_limits head{};
    std::uint64_t body_bytes_max = 64ULL << 20U;  ///< Of one request's body; then 413.
    milliseconds header_timeout{10'000};  ///< From the first byte of a head to its last; then 408.
    milliseconds idle_timeout{60'000};    ///< Between requests; then the connection closes.
    milliseconds body_timeout{30'000};    ///< For each next piece of a body; then 408.
    /// Bytes a second of a body that is waited for, on average after body_grace; then 408. 0: any.
    std::uint32_t body_rate_min = 240;
    milliseconds body_grace{5'000};
    /// How long a peer may take none of a response; then the connection closes. Where the kernel
    /// cannot tell (not TCP), how long each send may take.
    milliseconds write_timeout{30'000};
    std::uint32_t requests_max = 100'000;  ///< Of one connection, which then closes.
    /// Pipelined requests that are answered before what was gathered is sent.
    std::uint32_t pipelined_requests_max = 256;
    milliseconds linger_timeout{
        2'000};  ///< For a refused peer to read the answer before the close.
};

/// Output that is gathered before the peer is read no further. One response may go beyond it.
inline constexpr std::size_t output_bytes_high_water = 65'536;
/// What a handler left unread of a body is read and dropped up to here; beyond it the connection
/// closes.
inline constexpr std::uint64_t unread_body_bytes_max = 262'144;
/// What a refused peer may still send before the close, so that it sees the answer and no reset
/// (RFC 9112, 9.6).
inline constexpr std::uint64_t linger_bytes_max = 1'048'576;

/// How often in write_timeout the kernel is asked whether the peer takes bytes: so it is found out
/// within this part of it, late and never early, that one takes none.
inline constexpr int write_looks = 4;

/// How long a connection that was busy when the drain began waits for a request that was sent
/// before its answer: for what the kernel has, not for the peer.
inline constexpr milliseconds drain_look{5};

struct service_counters {
    std::uint64_t connections_accepted = 0;
    std::uint64_t connections_open = 0;
    std::uint64_t requests = 0;
    std::uint64_t refused_requests =
        0;  ///< Not HTTP, not known, or beyond a limit: answered 4xx or 5xx and closed.
    std::uint64_t handler_exceptions = 0;  ///< Or a response that cannot be written: answered 500.
    std::uint64_t timeouts = 0;            ///< Closed by a deadline other than the idle one.
    /// Of refused_requests, those that are not HTTP, of a method that is not known or beyond a
    /// limit of the head, by why.
    std::array<std::uint64_t, parse_error_count> refused_by{};
};

/// What the HTTP connections of one worker share. It outlives them. One thread.
class service {
   public:
    service(const router& routes, const service_limits& limits);
    service(const service&) = delete;
    service& operator=(const service&) = delete;
    ~service();

    [[nodiscard]] service_counters& counters() noexcept { return counters_; }
    [[nodiscard]] bool is_draining() const noexcept { return draining_; }
    /// Notified, with one permit kept, whenever a connection has closed.
    [[nodiscard]] notify& closed() noexcept { return closed_; }

    /// The Date of a response, at most once a turn read from the system.
    [[nodiscard]] std::string_view date(time_point turn) noexcept {
        if (turn != date_turn_) {
            date_turn_ = turn;
            date_now_ = std::time(nullptr);
        }
        return dates_.at(date_now_);
    }

    /// Is told of every answer from now on; it outlives the service.
    void observe(access_observer& observer) noexcept { observer_ = &observer; }

    /// Working memory for a connection that is not idle; reused last in, first out, so it stays in
    /// cache.
    [[nodiscard]] std::unique_ptr<exchange> take_exchange();
    void give_back(std::unique_ptr<exchange> used) noexcept;

    /// From now on every response says that its connection closes.
    void announce_drain() noexcept { announced_ = true; }
    [[nodiscard]] bool is_drain_announced() const noexcept { return announced_; }

    /// From now on idle connections close at once, and the others when they have answered what
    /// their peers have sent.
    void drain(timer_wheel& timers) noexcept;

   private:
    friend class connection;
    static constexpr std::size_t exchanges_kept_max = 64;

    const router& routes_;
    service_limits limits_;
    output_pool::handle outputs_;
    date_cache dates_;
    time_point date_turn_ = time_point::min();
    std::time_t date_now_ = 0;
    std::vector<std::unique_ptr<exchange>> exchanges_;
    intrusive_list<connection, connection> connections_;
    service_counters counters_;
    access_observer* observer_ = nullptr;
    notify closed_;
    bool announced_ = false;
    bool draining_ = false;
};

}  // namespace rouse::http
