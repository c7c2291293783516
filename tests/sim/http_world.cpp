#include "tests/sim/http_world.hpp"

#include <deque>
#include <string>

#include "protocols/http/router.hpp"
#include "tests/sim/http/answer_reader.hpp"
#include "tests/sim/http/exchange_plan.hpp"
#include "tests/sim/http/routes.hpp"
#include "tests/sim/worker_world.hpp"

namespace rouse::sim {
namespace {

constexpr std::uint64_t requests_max = 6;
// One client in so many has more to ask, all at once: more than a connection gathers answers for.
constexpr std::uint64_t long_one_in = 512;
constexpr std::uint64_t long_requests = 64;
constexpr std::size_t long_kinds = 4;  // And those again and again.
constexpr std::size_t long_answer_bytes = 8'192;
// Keeps the choice of who that is apart from the other choices of a client.
constexpr std::uint64_t long_streams = 2'000'000;
// What faults add to a drain until the worker knows of it.
constexpr milliseconds command_slack{100};
// What comes at most between an answer that closes and the end behind it.
constexpr milliseconds end_slack{1'000};
// What lingering and the faults add to a deadline.
constexpr milliseconds deadline_slack{5'000};

http::service_limits limits_of(const server::http_settings& from) noexcept {
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

// One of those that are gathered, and need no coroutine.
bool is_long_answer(const planned_exchange& planned) noexcept {
    return planned.may_be_followed() && planned.head_bytes == planned.bytes.size() &&
           planned.answer.framing == answer_framing::length &&
           planned.answer.rule == content_rule::exact &&
           planned.answer.length >= long_answer_bytes &&
           planned.answer.length <= http::body_bytes_copied_max;
}

/// Sends planned requests, pipelined or one after the other, and reads what comes.
class http_peer final : public stream_peer {
   public:
    http_peer(simulation& owner, network& wires, const peer_terms& terms, unsigned number,
              const http::service_limits& limits, std::uint64_t& answered)
        : stream_peer(owner, wires, terms, number), limits_(limits), answered_(answered) {
        is_long_ = owner.source(part::clients, number + long_streams).below(long_one_in) == 0;
        const std::uint64_t requests = is_long_ ? long_requests : draw_.below(requests_max + 1);
        // NOLINTNEXTLINE(cppcoreguidelines-prefer-member-initializer): drawn in this order.
        pipelines_ = draw_.coin() || is_long_;
        while (planned_.size() < requests &&
               (planned_.empty() || planned_.back().may_be_followed())) {
            if (is_long_ && planned_.size() >= long_kinds) {
                planned_.push_back(planned_[planned_.size() % long_kinds]);
                continue;
            }
            planned_.push_back(plan_exchange(draw_, limits));
            while (is_long_ && !is_long_answer(planned_.back())) {
                planned_.back() = plan_exchange(draw_, limits);
            }
        }
        for (const planned_exchange& each : planned_) {
            reader_.expect(each);
        }
        reader_.close_at(limits.requests_max);
    }

   private:
    [[nodiscard]] std::string_view outgoing() override {
        if (sending_ == planned_.size() || gave_up_ ||
            (!pipelines_ && sending_ > reader_.answered())) {
            return {};
        }
        const planned_exchange& current = planned_[sending_];
        const bool held_back = current.waits_for_continue &&
                               sent_of_current_ >= current.head_bytes &&
                               !reader_.saw_continue(sending_);
        if (held_back) {
            return {};
        }
        const std::size_t end = current.waits_for_continue && sent_of_current_ < current.head_bytes
                                    ? current.head_bytes
                                    : current.bytes.size();
        return std::string_view(current.bytes).substr(sent_of_current_, end - sent_of_current_);
    }
    void sent(std::size_t bytes) override {
        check_head_deadline();
        if (sent_of_current_ == 0) {
            begin_request();
        }
        sent_of_current_ += bytes;
        sent_ += bytes;
        if (sent_of_current_ == planned_[sending_].bytes.size()) {
            ++sending_;
            sent_of_current_ = 0;
        }
    }
    [[nodiscard]] bool has_sent_all() override { return gave_up_ || sending_ == planned_.size(); }
    [[nodiscard]] bool is_quiet() const override {
        return reader_.answered() == sending_ && sent_of_current_ == 0 &&
               !reader_.inside_answer() && !reader_.closing();
    }
    [[nodiscard]] bool is_demanding() const override { return is_long_; }
    [[nodiscard]] duration rest_max() const override {
        const bool is_in_body = sending_ < planned_.size() &&
                                sent_of_current_ >= planned_[sending_].head_bytes &&
                                sending_ == reader_.answered() && !reader_.inside_answer();
        return is_in_body ? duration(limits_.body_timeout * 3 / 4) : duration::zero();
    }
    [[nodiscard]] bool is_waiting() override {
        return reader_.answered() < planned_.size() || awaits_close();
    }
    void received(std::string_view bytes) override {
        reader_.allow_close(is_excused());
        // Deadlines are for those who do not keep the pace.
        reader_.allow_timeout_answer(is_excused() || !terms().is_prompt);
        if (reader_.answered() < asked_at_.size()) {
            reader_.allow_dates(asked_at_[reader_.answered()], simulation_.wall_clock());
        }
        reader_.allow_error_answer(simulation_.has_struck(fault::allocation));
        const std::size_t before = reader_.answered();
        if (const auto complaint = reader_.feed(bytes, sent_)) {
            fail(*complaint);
        }
        answered_ += reader_.answered() - before;
        require(reader_.answered() <= sends_begun() * limits_.pipelined_requests_max,
                "gets more answers in one send than pipelined_requests_max");
        // The rest of a body that it no longer sends is waited for.
        if (reader_.closing() && !reader_.inside_answer() && sent_of_current_ == 0) {
            over_at_ = std::min(over_at_, simulation_.lived());
        }
        require(reader_.answered() <= last_in_any_case_ || reader_.closing(),
                "has asked during the drain, and is not told of the close");
        // No request follows an answer that closes, nor the body one that came instead of 100
        // Continue.
        const bool is_in_answer = reader_.inside_answer() && reader_.answered() == sending_;
        gave_up_ = gave_up_ || (reader_.closing() && !is_in_answer) ||
                   (reader_.answered() > sending_ && planned_[sending_].waits_for_continue &&
                    !reader_.saw_continue(sending_));
    }
    void ended(bool by_reset) override {
        const bool is_cut = reader_.answered() < planned_.size() &&
                            (planned_[reader_.answered()].answer.is_cut ||
                             planned_[reader_.answered()].answer.is_cut_unseen);
        if (is_cut && by_reset) {
            return;  // It tells the same; the answers before it have arrived.
        }
        if (const auto complaint = reader_.end(!by_reset)) {
            fail(*complaint);
        }
        require(reader_.closing() || has_ended_side() || awaits_close(),
                "is left though nothing says that the connection closes");
    }
    void begin_request() {
        asked_at_.push_back(simulation_.wall_clock());
        if (terms().drained_at != time_point::max() &&
            simulation_.lived() - terms().drained_at > command_slack) {
            last_in_any_case_ = std::min(last_in_any_case_, sending_);
        }
    }
    // A head must be whole header_timeout after its first byte: a server that bears more can be
    // held by clients that send a byte now and then.
    void check_head_deadline() {
        if (pipelines_ || sending_ > 0 || !terms().has_room) {
            return;
        }
        // Empty lines before it do not count: RFC 9112, 2.2.
        if (sent_of_current_ <= planned_[sending_].bytes.find_first_not_of("\r\n")) {
            head_began_ = simulation_.lived();
        } else if (sent_of_current_ < planned_[sending_].head_bytes) {
            const bool is_answered =
                has_unread() || reader_.inside_answer() || reader_.closing();  // With 408.
            require(is_over() || is_answered ||
                        simulation_.lived() - head_began_ < limits_.header_timeout + deadline_slack,
                    "sends a head for longer than header_timeout, and is not closed");
        }
    }
    // Who has asked before the drain is answered, once: nothing was late in this run.
    void server_drains() override {
        const std::size_t oldest = reader_.answered();
        if (!is_excused() && terms().is_punctual && means_well() && oldest < sending_ &&
            !planned_[oldest].answer.is_cut) {
            owed_ = oldest + 1;
        }
    }
    void closed(bool by_reset) override {
        require(!terms().is_prompt || !means_well() || simulation_.lived() - over_at_ < end_slack,
                "has its last answer, and is not told that no more comes");
        if (reader_.answered() < owed_) {
            (void)reader_.end(!by_reset);  // Which may be what ends the answer.
        }
        require(reader_.answered() >= owed_, "had asked before the drain, and is not answered");
    }
    [[nodiscard]] bool awaits_close() const {
        return !planned_.empty() && !planned_.back().may_be_followed();
    }

    const http::service_limits& limits_;
    std::uint64_t& answered_;
    std::deque<planned_exchange> planned_;
    answer_reader reader_;
    std::size_t sending_ = 0;
    std::size_t sent_of_current_ = 0;
    std::uint64_t sent_ = 0;
    std::vector<std::int64_t> asked_at_;       ///< By the wall clock.
    std::size_t last_in_any_case_ = SIZE_MAX;  ///< The first request that was sent in a drain.
    std::size_t owed_ = 0;                     ///< Answers that must come, whatever else ends.
    time_point over_at_ = time_point::max();   ///< The answer that closes was read, in lived time.
    time_point head_began_{};                  ///< In lived time.
    bool is_long_ = false;
    bool pipelines_ = false;
    bool gave_up_ = false;
};

class http_world final : public worker_world {
   public:
    using worker_world::worker_world;

   private:
    void prepare(server::settings& values, server::worker_sockets& sockets,
                 const sim_reactor_options& /*options*/) override {
        terms_.listener = listen();
        sockets.http.emplace_back(terms_.listener);
        limits_ = limits_of(values.http);
    }
    [[nodiscard]] std::unique_ptr<peer> make_peer(unsigned number) override {
        return std::make_unique<http_peer>(simulation_, network_, terms_, number, limits_,
                                           answered_);
    }
    [[nodiscard]] const http::router& routes() const override {
        struct all_routes : http::router {
            all_routes() { add_routes(*this); }
        };
        static const all_routes all;
        return all;
    }
    [[nodiscard]] std::uint64_t answers() const noexcept override { return answered_; }

    http::service_limits limits_;
    std::uint64_t answered_ = 0;
};

}  // namespace

std::unique_ptr<world> make_http_world(simulation& owner) {
    return std::make_unique<http_world>(owner);
}

}  // namespace rouse::sim
