#include "tests/sim/peer.hpp"

#include <string>
#include <utility>

namespace rouse::sim {
namespace {

// The pace of a client that does its part.
constexpr std::uint64_t pause_microseconds_max = 2'000;
// That of one that trickles.
constexpr std::uint64_t trickle_milliseconds_max = 400;
constexpr std::uint64_t stall_milliseconds_max = 100'000;
// A client that has bad plans carries them out after so many steps.
constexpr std::uint64_t acts_before_plan_max = 12;
// So many steps a client trickles, and then goes on as others do.
constexpr unsigned trickled_acts_max = 150;
// A server that has just come back from a jump of the clock closes within this many looks.
constexpr unsigned reminders_max = 3;
constexpr milliseconds reminder_interval{10'000};
// One in so many takes its time.
constexpr std::uint64_t slow_one_in = 4;
// So long a client that has nothing to do stays in a drain.
constexpr milliseconds stay_in_drain{3'000};
// Keeps the choices of when to rest apart from the others of a client.
constexpr std::uint64_t rest_streams = 1'000'000;

}  // namespace

void peer::fail(std::string_view what) const {
    simulation_.fail("client " + std::to_string(number_) + ": " + std::string(what));
}

stream_peer::stream_peer(simulation& owner, network& wires, const peer_terms& terms,
                         unsigned number)
    : peer(owner, number),
      network_(wires),
      terms_(terms),
      rests_(owner.source(part::clients, number + rest_streams)),
      is_slow_(rests_.below(slow_one_in) == 0) {}

time_point stream_peer::due() const noexcept {
    const bool looks = line_ != nullptr && !stalled_;
    const bool has_come = looks && (gone_ ? is_over() : line_->has_news());
    return has_come ? simulation_.now() : peer::due();
}

void stream_peer::connect() {
    line_ = network_.connect(terms_.listener, number_);
    simulation_.log(event::connect, number_, line_ != nullptr ? 1 : 0);
    if (line_ == nullptr) {
        require(terms_.is_draining, "is refused by a server that does not drain");
        finish();
        return;
    }
    last_news_ = simulation_.now();
    draw_manners();
}

void stream_peer::draw_manners() {
    if (simulation_.strike(fault::trickling_peer, number_)) {
        mood_ = mood::trickling;
        line_->excuse();
    } else if (simulation_.strike(fault::flooding_peer, number_)) {
        mood_ = mood::flooding;
    }
    if (is_demanding() && !terms_.is_prompt) {
        line_->excuse();
    }
    half_closes_ = simulation_.strike(fault::half_closing_peer, number_);
    constexpr struct {
        fault kind;
        turn_for_worse plan;
    } plans[] = {{fault::stalling_peer, turn_for_worse::stall},
                 {fault::vanishing_peer, turn_for_worse::vanish},
                 {fault::resetting_peer, turn_for_worse::reset},
                 {fault::closing_peer, turn_for_worse::close}};
    for (const auto& each : plans) {
        if (simulation_.strike(each.kind, number_)) {
            plan_ = each.plan;
            acts_before_plan_ = static_cast<unsigned>(draw_.below(acts_before_plan_max));
            break;
        }
    }
    means_well_ = mood_ == mood::steady && plan_ == turn_for_worse::none;
}

void stream_peer::act() {
    if (line_ == nullptr) {
        connect();
        if (line_ == nullptr) {
            return;
        }
    }
    if (gone_) {
        wait_for_close();
        return;
    }
    stalled_ = false;
    if (line_->take_news()) {
        last_news_ = simulation_.now();
        if (mood_ != mood::trickling && draw_.below(4) == 0) {
            act_after(std::chrono::microseconds(draw_.below(pause_microseconds_max)));
            return;
        }
    }
    if (turn_for_the_worse()) {
        return;
    }
    const bool read = read_some();
    if (is_done() || gone_) {
        return;
    }
    const bool wrote = send_some();
    rest(read, wrote);
}

// True: nothing else is done now.
bool stream_peer::turn_for_the_worse() {
    if (plan_ == turn_for_worse::none || acts_before_plan_-- > 0) {
        return false;
    }
    line_->excuse();
    switch (std::exchange(plan_, turn_for_worse::none)) {
        case turn_for_worse::none:
            return false;
        case turn_for_worse::stall:
            stalled_ = true;
            act_after(milliseconds(draw_.below(stall_milliseconds_max)));
            return true;
        case turn_for_worse::vanish:
            be_gone();
            break;
        case turn_for_worse::reset:
            leave(true);
            break;
        case turn_for_worse::close:
            leave(false);
            break;
    }
    return true;
}

// The server must be rid of a peer that is gone.
void stream_peer::wait_for_close() {
    if (is_over()) {
        finish();
        return;
    }
    const duration lived = simulation_.lived() - gone_at_;
    if (lived < terms_.neglect_max) {
        act_after(terms_.neglect_max - lived);
        return;
    }
    require(reminders_++ < reminders_max, "is gone, and the server keeps its connection");
    act_after(reminder_interval);
}

bool stream_peer::read_some() {
    const std::string_view there = line_->readable();
    if (!there.empty()) {
        std::size_t bytes = there.size();
        if (mood_ == mood::trickling) {
            bytes = 1;
        } else if (draw_.below(4) == 0) {
            bytes = 1 + draw_.below(bytes);
        }
        received(there.substr(0, bytes));
        line_->take(bytes);
        return true;
    }
    if (line_->is_reset() || line_->at_end()) {
        if (!is_excused()) {
            ended(line_->is_reset());
        }
        closed(line_->is_reset());
        leave(false);
    }
    return false;
}

bool stream_peer::send_some() {
    const std::string_view ready = outgoing();
    if (ready.empty()) {
        return false;
    }
    std::size_t bytes = ready.size();
    if (mood_ == mood::trickling) {
        bytes = 1;
    } else if (mood_ == mood::steady && draw_.below(3) == 0) {
        bytes = 1 + draw_.below(bytes);
    }
    if (is_slow_ && terms_.is_prompt && rests_.coin()) {
        bytes = 1 + rests_.below(bytes);
    }
    line_->send(ready.substr(0, bytes));
    sent(bytes);
    return true;
}

bool stream_peer::is_idle() const {
    return line_ != nullptr && !is_over() && !has_unread() && line_->input().empty() && is_quiet();
}

void stream_peer::server_ended() {
    if (line_ == nullptr || gone_ || is_done()) {
        return;
    }
    const std::string_view there = line_->readable();
    if (!there.empty()) {
        received(there);
        line_->take(there.size());
    }
    if (line_->is_reset() || line_->at_end()) {
        closed(line_->is_reset());
    }
}

// What it does not send or read meanwhile must not matter to a deadline.
duration stream_peer::pause(bool wrote) {
    if (is_slow_ && terms_.is_prompt && means_well() && !has_unread() && (wrote || is_quiet()) &&
        rests_.coin()) {
        const auto longest = std::chrono::duration_cast<std::chrono::microseconds>(
            is_quiet() ? terms_.quiet_max : rest_max());
        if (longest.count() > 0) {
            const std::chrono::microseconds chosen(
                rests_.below(static_cast<std::uint64_t>(longest.count())));
            last_news_ = simulation_.now() + chosen;
            return chosen;
        }
    }
    return std::chrono::microseconds(draw_.below(pause_microseconds_max));
}

void stream_peer::rest(bool read, bool wrote) {
    if (terms_.is_draining && is_quiet() && !ended_side_ && !std::exchange(stays_, true)) {
        act_after(stay_in_drain);  // For the server to close.
        return;
    }
    if (!is_waiting() && has_sent_all() && !ended_side_) {
        if (!half_closes_) {
            leave(false);
            return;
        }
        end_side();
    } else if (half_closes_ && has_sent_all() && !ended_side_ && draw_.coin()) {
        end_side();
    }
    if (mood_ == mood::trickling && ++trickled_ > trickled_acts_max) {
        mood_ = mood::steady;
    }
    if (read || wrote) {
        act_after(mood_ == mood::trickling
                      ? duration(milliseconds(draw_.below(trickle_milliseconds_max)))
                      : pause(wrote));
        return;
    }
    if (simulation_.now() - last_news_ >= terms_.patience) {
        require(is_excused(), "has done its part, and the server has forgotten it");
        leave(false);
        return;
    }
    act_after(terms_.patience - (simulation_.now() - last_news_));
}

void stream_peer::end_side() {
    ended_side_ = true;
    last_news_ = simulation_.now();
    line_->end_client_side();
}

void stream_peer::leave(bool by_reset) {
    line_->close_client(by_reset);
    be_gone();
}

void stream_peer::be_gone() {
    gone_ = true;
    gone_at_ = simulation_.lived();
    if (is_over()) {
        finish();
        return;
    }
    act_after(terms_.neglect_max);
}

}  // namespace rouse::sim
