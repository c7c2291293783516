#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "protocols/http/exchange.hpp"
#include "protocols/http/request.hpp"
#include "protocols/http/service.hpp"
#include "runtime/base/intrusive_list.hpp"
#include "runtime/task/future.hpp"
#include "runtime/time/deadline.hpp"

namespace rouse::http {

/// What a connection needs its coroutine for.
enum class connection_step : std::uint8_t {
    answer,  ///< The next request has a body, or a handler or response that waits: answer() it.
    finish,  ///< No request follows: finish().
    closed,  ///< The peer is gone, or has used up its time.
};

/// One HTTP/1.x connection, whatever carries its bytes: a future that is ready when it has ended.
/// See serve().
///
/// Requests whose handlers answer at once are dealt with inside the poll: all that are there are
/// parsed and answered into one buffer, which is sent when nothing more is there. Only a request
/// that has a body, or whose handler or response waits, gets a coroutine, for as long as it takes.
/// So an idle connection is this object and nothing else.
class connection : public intrusive_link<connection>,
                   private request_origin,
                   private body_transport {
   public:
    explicit connection(service& shared) noexcept;
    /// Before the first poll, as with any future.
    connection(connection&& other) noexcept;
    connection& operator=(connection&&) = delete;
    virtual ~connection();

    /// Serves until either side is done with the connection.
    [[nodiscard]] rouse::poll<> poll(context& cx);

    /// The worker drains: an idle connection is woken to close.
    void drain(timer_wheel& timers) noexcept;

   protected:
    /// What a derived destructor does first: the coroutine may use what it is about to destroy.
    void drop_coroutine() noexcept { coroutine_.reset(); }

    [[nodiscard]] virtual rouse::poll<result<buffer_lease>> poll_receive(context& cx) = 0;
    virtual void start_send(owned_bytes bytes) = 0;
    virtual void start_send(std::vector<owned_bytes> parts) = 0;
    /// Whether the stream sends files without reading them: see tcp_stream::send_file.
    [[nodiscard]] virtual bool can_send_files() const noexcept = 0;
    virtual void start_send(owned_bytes head, const file_part& part) = 0;
    [[nodiscard]] virtual bool is_sending() const noexcept = 0;
    /// Of the send that was started: how many bytes of a file are out. Afterwards is_sending() is
    /// false.
    [[nodiscard]] virtual rouse::poll<result<std::size_t>> poll_sent(context& cx) = 0;
    [[nodiscard]] virtual task<result<>> shutdown_write() = 0;
    /// Bytes that the peer's kernel has acknowledged so far, where ours can tell.
    [[nodiscard]] virtual std::optional<std::uint64_t> delivered() const noexcept = 0;

   private:
    enum class progress : std::uint8_t { starved, full, answer, finish };
    enum class wait_kind : std::uint8_t { none, idle, head, body, write, linger };

    /// Waits for requests and answers them, until one needs more than that.
    [[nodiscard]] rouse::poll<connection_step> poll_requests(context& cx);
    /// Answers the request that poll_requests stopped at.
    [[nodiscard]] task<> answer();
    /// Sends what is left and lets the peer read it before the close.
    [[nodiscard]] task<> finish();

    // The state of the loop in poll_requests.
    [[nodiscard]] progress answer_ready(time_point now);
    [[nodiscard]] bool answer_head(time_point now);
    void refuse(int status, std::string_view reason, time_point now);
    void refuse(parse_failure failed, time_point now);
    [[nodiscard]] bool settle_send(context& cx);
    [[nodiscard]] rouse::poll<connection_step> wait(context& cx);
    [[nodiscard]] rouse::poll<connection_step> wait_idle(context& cx);
    [[nodiscard]] rouse::poll<connection_step> expire(context& cx, wait_kind kind);
    void flush();
    /// Starts a send, which gets a deadline of its own.
    template <class... Bytes>
    void send(Bytes&&... bytes) {
        waiting_for_ = wait_kind::none;
        exchange_->gathered = 0;
        start_send(std::forward<Bytes>(bytes)...);
    }
    void open_exchange();
    void close_exchange() noexcept;

    // Deadlines.
    [[nodiscard]] milliseconds timeout_of(wait_kind kind) const noexcept;
    [[nodiscard]] bool await_until(context& cx, wait_kind kind, bool renew) noexcept;
    [[nodiscard]] bool await_sent(context& cx) noexcept;
    [[nodiscard]] bool await_body(context& cx) noexcept;

    // Handlers and responses.
    [[nodiscard]] std::optional<response> call_now(const handler& chosen, request& asked);
    void check(response& made);
    [[nodiscard]] task<response> call(const handler& chosen, request& first, request& asked);
    [[nodiscard]] task<> answer_waiting();
    [[nodiscard]] task<> answer_later();
    void read_head_again();
    [[nodiscard]] bool append_whole(const response& made, std::string_view content_type,
                                    time_point now);
    void append_fixed(const response& made, std::string_view content_type, time_point now);
    void append_head(const response& made, std::string_view content_type, bool has_length,
                     std::uint64_t length, time_point now);
    [[nodiscard]] task<> write(response made, std::string_view content_type);
    [[nodiscard]] task<std::uint64_t> write_stream(body_source& source,
                                                   std::optional<std::uint64_t> length,
                                                   bool chunked);
    [[nodiscard]] task<std::uint64_t> write_parts(body_source& source);
    void cut() noexcept;
    [[nodiscard]] task<> drop_unread_body();
    [[nodiscard]] task<> linger();
    void observe(std::uint64_t body_bytes, time_point now) noexcept;

    // Futures of the coroutines above.
    template <future F>
    class flushing_future;
    class sent_future;
    class received_future;
    class now_future;

    [[nodiscard]] address peer_address() const override = 0;
    [[nodiscard]] ip_address peer_ip() override;
    [[nodiscard]] body_source& body_of_request() override { return exchange_->body; }
    void set_user(std::string_view name) noexcept override { exchange_->user = name; }
    [[nodiscard]] rouse::poll<result<buffer_lease>> poll_body_bytes(context& cx) override;
    void send_continue() override;
    /// The answer is that of the last send, as poll_sent() gives it.
    [[nodiscard]] rouse::poll<result<std::size_t>> poll_flushed(context& cx);

    service& service_;
    std::unique_ptr<exchange> exchange_;
    std::optional<task<>> coroutine_;  // answer() or finish(), while one is under way.
    deadline deadline_;
    wait_kind waiting_for_ = wait_kind::none;
    ip_address peer_;
    std::uint32_t requests_ = 0;  // Answered.
    bool peer_known_ = false;
    bool counted_ = true;     // In the service's counters: false when moved from.
    bool finishing_ = false;  // The coroutine is finish().
    bool answered_ = false;   // A request since the idle deadline was set.
    bool closing_ = false;    // The response in the buffer is the last one.
    bool cut_ = false;        // That response is not whole: nothing may follow it.
    bool broken_ = false;     // The stream is not fit for more: close it as it is.
    bool lingering_ = false;  // The peer may still be sending what nobody reads.
};

}  // namespace rouse::http
