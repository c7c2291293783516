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
            .write_timeout = from.write_timeout};
}

/// Sends planned requests, pipelined or one after the other, and reads what comes.
class http_peer final : public stream_peer {
   public:
    http_peer(simulation& owner, network& wires, const peer_terms& terms, unsigned number,
              const http::service_limits& limits, std::uint64_t& answered)
        : stream_peer(owner, wires, terms, number), limits_(limits), answered_(answered) {
        const std::uint64_t requests = draw_.below(requests_max + 1);
        pipelines_ = draw_.coin();
        while (planned_.size() < requests &&
               (planned_.empty() || planned_.back().may_be_followed())) {
            planned_.push_back(plan_exchange(draw_, limits));
        }
        for (const planned_exchange& each : planned_) {
            reader_.expect(each);
        }
        // Deadlines are for those who do not keep the pace.
        reader_.allow_timeout_answer(true);
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
        sent_of_current_ += bytes;
        sent_ += bytes;
        if (sent_of_current_ == planned_[sending_].bytes.size()) {
            ++sending_;
            sent_of_current_ = 0;
        }
    }
    [[nodiscard]] bool has_sent_all() override { return gave_up_ || sending_ == planned_.size(); }
    [[nodiscard]] bool is_waiting() override {
        return reader_.answered() < planned_.size() || awaits_close();
    }
    void received(std::string_view bytes) override {
        reader_.allow_close(is_excused());
        reader_.allow_error_answer(simulation_.has_struck(fault::allocation));
        const std::size_t before = reader_.answered();
        if (const auto complaint = reader_.feed(bytes, sent_)) {
            fail(*complaint);
        }
        answered_ += reader_.answered() - before;
        // No request follows an answer that closes, nor the body one that came instead of 100
        // Continue.
        gave_up_ = gave_up_ || (reader_.closing() && reader_.answered() != sending_) ||
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
        if (!is_excused() && terms().is_punctual && oldest < sending_ &&
            !planned_[oldest].answer.is_cut) {
            owed_ = oldest + 1;
        }
    }
    void closed(bool by_reset) override {
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
    std::size_t owed_ = 0;     ///< Answers that must come, whatever else ends.
    time_point head_began_{};  ///< In lived time.
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
        static const http::router all = [] {
            http::router made;
            add_routes(made);
            return made;
        }();
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
