#pragma once

#include <cstdint>
#include <string_view>

#include "tests/sim/network.hpp"
#include "tests/sim/simulation.hpp"

namespace rouse::sim {

/// Somebody outside the server who acts by a plan of their own: at times of their choosing, and
/// when something has come for them.
class peer {
   public:
    peer(simulation& owner, unsigned number)
        : simulation_(owner), number_(number), draw_(owner.source(part::clients, number)) {
        due_ = owner.now() + std::chrono::microseconds(draw_.below(20'000));
    }
    peer(const peer&) = delete;
    peer& operator=(const peer&) = delete;
    virtual ~peer() = default;

    [[nodiscard]] bool is_done() const noexcept { return done_; }
    /// When to act next: no later than now when something has come.
    [[nodiscard]] virtual time_point due() const noexcept { return due_; }
    virtual void act() = 0;
    /// The server has just been told to drain.
    virtual void server_drains() {}
    /// It is connected, and nothing is under way: the server has taken all that was sent, too.
    [[nodiscard]] virtual bool is_idle() const { return false; }
    /// The server has ended.
    virtual void server_ended() {}

   protected:
    void act_after(duration wait) noexcept { due_ = simulation_.now() + wait; }
    void finish() noexcept {
        done_ = true;
        simulation_.log(event::peer_done, number_);
    }
    /// A violation that names the client.
    [[noreturn]] void fail(std::string_view what) const;
    void require(bool holds, std::string_view what) const {
        if (!holds) {
            fail(what);
        }
    }

    simulation& simulation_;
    unsigned number_;
    random_source draw_;

   private:
    time_point due_;
    bool done_ = false;
};

/// What all clients of one world are told.
struct peer_terms {
    int listener = 0;
    /// A client that does its part and waits without any news for so long has been forgotten.
    duration patience{};
    /// A client that is quiet may stay so for this long, and meets no deadline.
    duration quiet_max{};
    /// When a server must have closed the connection of a peer that does nothing at all.
    duration neglect_max{};
    /// The server may refuse connections.
    bool is_draining = false;
    time_point drained_at = time_point::max();  ///< In lived time.
    /// There are connections and buffers for all clients at once: none waits for another.
    bool has_room = false;
    /// No fault of this run delays what has come: who keeps the pace meets no deadline.
    bool is_prompt = false;
    /// The same, and the drain has time enough.
    bool is_punctual = false;
};

/// A client of a stream protocol. This class has the manners: how it sends and reads, and whether
/// it stalls, vanishes or resets; the protocol is that of a derived class.
class stream_peer : public peer {
   public:
    stream_peer(simulation& owner, network& wires, const peer_terms& terms, unsigned number);

    [[nodiscard]] time_point due() const noexcept final;
    void act() final;
    [[nodiscard]] bool is_idle() const final;
    void server_ended() final;

   protected:
    /// What may be sent now; empty when that is for the server to say, or all is sent.
    [[nodiscard]] virtual std::string_view outgoing() = 0;
    virtual void sent(std::size_t bytes) = 0;
    /// Checks what came.
    virtual void received(std::string_view bytes) = 0;
    /// Something has still to come, or to be sent.
    [[nodiscard]] virtual bool is_waiting() = 0;
    /// The server has ended the connection: fails if it may not. Never called for one that is
    /// excused.
    virtual void ended(bool by_reset) = 0;
    /// Nothing is to be sent any more: the client may end its side.
    [[nodiscard]] virtual bool has_sent_all() = 0;
    /// Known to be idle: all that was sent has been answered, and no answer has closed.
    [[nodiscard]] virtual bool is_quiet() const { return false; }
    /// It asks for so much at once that small delays add up to a deadline.
    [[nodiscard]] virtual bool is_demanding() const { return false; }
    /// How long it may do nothing after it has sent something, though it is not quiet.
    [[nodiscard]] virtual duration rest_max() const { return duration::zero(); }

    [[nodiscard]] const peer_terms& terms() const noexcept { return terms_; }
    /// It sends and reads steadily to the end.
    [[nodiscard]] bool means_well() const noexcept { return means_well_; }
    [[nodiscard]] bool is_excused() const noexcept {
        return line_ == nullptr || line_->is_excused();
    }
    /// The server has closed the connection, or it is broken.
    [[nodiscard]] bool is_over() const noexcept {
        return line_->is_closed_by_server() || line_->is_broken();
    }
    [[nodiscard]] bool has_unread() const noexcept { return !line_->readable().empty(); }
    /// By the server, on this connection.
    [[nodiscard]] std::uint64_t sends_begun() const noexcept { return line_->sends_begun(); }
    /// Whatever was excused: the connection has ended.
    virtual void closed(bool /*by_reset*/) {}
    /// It has told the server that nothing more comes.
    [[nodiscard]] bool has_ended_side() const noexcept { return ended_side_; }

   private:
    enum class mood : std::uint8_t { steady, trickling, flooding };
    enum class turn_for_worse : std::uint8_t { none, stall, vanish, reset, close };

    void draw_manners();
    void connect();
    [[nodiscard]] bool turn_for_the_worse();
    [[nodiscard]] bool read_some();
    [[nodiscard]] bool send_some();
    void rest(bool read, bool wrote);
    [[nodiscard]] duration pause(bool wrote);
    void wait_for_close();
    void end_side();
    void leave(bool by_reset);
    void be_gone();

    network& network_;
    const peer_terms& terms_;
    connection* line_ = nullptr;
    mood mood_ = mood::steady;
    turn_for_worse plan_ = turn_for_worse::none;
    unsigned acts_before_plan_ = 0;
    random_source rests_;
    bool means_well_ = true;
    bool stays_ = false;
    bool is_slow_ = false;  ///< Takes the time that the deadlines leave it.
    bool half_closes_ = false;
    bool ended_side_ = false;
    bool stalled_ = false;
    bool gone_ = false;       ///< Vanished, or has closed: the server has to close too.
    time_point gone_at_{};    ///< In lived time.
    unsigned reminders_ = 0;  ///< How often the server was late to close after that.
    unsigned trickled_ = 0;
    time_point last_news_{};
};

}  // namespace rouse::sim
