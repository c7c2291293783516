#include <algorithm>

#include "tests/sim/limits/visit.hpp"

namespace rouse::sim {
namespace {

constexpr std::uint64_t uploads_max = 3;
constexpr std::uint64_t pieces_max = 12;
constexpr std::size_t piece_bytes_max = 2'000;
constexpr std::uint64_t dripped_bytes_max = 200;
// Between what a client sends one after the other, so that the server sees the one before.
constexpr milliseconds pause_min{2};
// So much before the server may act a client that keeps the pace has sent.
constexpr milliseconds margin{50};

enum class pace : std::uint8_t {
    hurries,  ///< Sends as if there were no limits.
    keeps,    ///< Sends each piece just in time.
    drips,    ///< Sends a byte at a time, always soon enough for body_timeout.
    stops,    ///< Sends nothing any more after a while.
};

class upload_visit final : public visit {
   public:
    upload_visit(const visit_scene& scene, connection& line, unsigned client, random_source draw)
        : visit(scene, line, client), draw_(draw), uploads_(draw_.between(1, uploads_max)) {
        act_at(now());
    }

   private:
    void step() override {
        read_all();
        if (is_asked_) {
            take_answer();
        }
        if (is_over()) {
            return;
        }
        if (!is_asked_) {
            begin();
            return;
        }
        if (left_ > 0 && now() >= next_piece_) {
            send_piece();
        }
        check_late();
        plan();
    }

    void ended() override {
        require(!is_asked_, "is closed with a body under way, and gets no answer");
    }

    void begin() {
        constexpr pace paces[] = {pace::hurries, pace::keeps, pace::keeps, pace::drips,
                                  pace::stops};
        pace_ = draw_.pick(paces);
        left_ = draw_.between(
            1, std::min<std::uint64_t>(limits().body_bytes_max, pieces_max * piece_bytes_max));
        if (pace_ == pace::drips) {
            left_ = std::min<std::uint64_t>(left_, dripped_bytes_max);
        }
        length_ = left_;
        pieces_before_stop_ = pace_ == pace::stops ? draw_.below(4) : UINT64_MAX;
        received_ = 0;
        const bool is_slow = draw_.below(4) == 0;
        std::string head = "POST ";
        head += is_slow ? slow_upload_path : upload_path;
        head += " HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length_) + "\r\n\r\n";
        line_.send(head);
        is_asked_ = true;
        asked_at_ = now();
        piece_at_ = now();
        plan_piece();
        plan();
    }

    // The server waits from then on for a piece that it must have by deadline(): it is as late as
    // the bytes that have come allow, and no later than body_timeout behind the last.
    [[nodiscard]] time_point deadline() const noexcept {
        const time_point by_piece = piece_at_ + limits().body_timeout;
        const std::uint32_t rate = limits().body_rate_min;
        if (rate == 0) {
            return by_piece;
        }
        return std::min<time_point>(
            by_piece, asked_at_ + limits().body_grace + std::chrono::seconds(received_ / rate));
    }

    void plan_piece() {
        const duration room = deadline() - margin - now();
        duration wait = pause_min;
        if (pace_ != pace::hurries && room > wait) {
            const auto choices = std::chrono::duration_cast<milliseconds>(room - wait).count() + 1;
            wait += milliseconds(draw_.below(static_cast<std::uint64_t>(choices)));
            if (pace_ == pace::keeps && draw_.coin()) {
                wait = room;
            }
        } else if (pace_ == pace::drips) {
            wait = limits().body_timeout / 4;  // It is too late.
        }
        next_piece_ = now() + wait;
    }

    void send_piece() {
        if (pieces_before_stop_ == 0) {
            next_piece_ = time_point::max();
            return;
        }
        --pieces_before_stop_;
        const std::size_t bytes =
            pace_ == pace::drips ? 1
                                 : static_cast<std::size_t>(1 + draw_.below(std::min<std::uint64_t>(
                                                                    left_, piece_bytes_max)));
        line_.send(std::string(bytes, 'x'));
        left_ -= bytes;
        received_ += bytes;
        piece_at_ = now();
        plan_piece();
        if (pace_ == pace::keeps && next_piece_ + margin > deadline()) {
            pace_ = pace::stops;  // What came so far allows no time for the next piece.
            pieces_before_stop_ = 0;
        }
    }

    void check_late() const {
        const time_point since = left_ > 0 ? deadline() : piece_at_;
        require(now() <= since + visit_slack, left_ > 0 ? "sends a body more slowly than it may"
                                                        : "has sent a body, and gets no answer");
    }

    void plan() {
        if (is_over()) {
            return;
        }
        const time_point checked = (left_ > 0 ? deadline() : piece_at_) + visit_slack + pause_min;
        if (now() >= checked) {
            leave();  // Not a strict one.
            return;
        }
        act_at(left_ > 0 ? std::min(next_piece_, checked) : checked);
    }

    void take_answer() {
        if (status_ == 0) {
            head_ = {};
            status_ = take_head(head_);
        }
        if (status_ == 0 || text_.size() < head_.length) {
            return;
        }
        const int status = std::exchange(status_, 0);
        if (status == 408) {
            require(left_ > 0, "has sent a body in time, and it is too late");
            require(now() >= deadline(), "is too late with a body before its time is over");
            if (!head_.says_close) {
                fail("is too late with a body, and the connection stays");
            }
            ++scene_.answered;
            leave();
            return;
        }
        if (status != 200) {
            require(false, "gets another status");
            leave();
            return;
        }
        if (left_ > 0 || text_ != std::to_string(length_) + "\n") {
            fail("gets the answer to another body");
        }
        text_.clear();
        ++scene_.answered;
        is_asked_ = false;
        if (--uploads_ == 0 || head_.says_close) {
            leave();
        }
    }

    random_source draw_;
    std::uint64_t uploads_;
    pace pace_ = pace::hurries;
    std::uint64_t length_ = 0;
    std::uint64_t left_ = 0;
    std::uint64_t received_ = 0;  ///< Of the body, by the server.
    std::uint64_t pieces_before_stop_ = 0;
    time_point asked_at_{};
    time_point piece_at_{};
    time_point next_piece_{};
    answer_head head_;
    int status_ = 0;
    bool is_asked_ = false;
};

}  // namespace

std::unique_ptr<visit> make_upload_visit(const visit_scene& scene, connection& line,
                                         unsigned client, random_source draw) {
    return std::make_unique<upload_visit>(scene, line, client, draw);
}

}  // namespace rouse::sim
