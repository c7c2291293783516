#include <algorithm>

#include "tests/sim/limits/visit.hpp"

namespace rouse::sim {
namespace {

constexpr std::uint64_t length_max = 40'000;
constexpr std::uint64_t read_bytes_max = 1'500;

// What a client takes that stops.
constexpr std::uint64_t reads_most = 20;

std::uint64_t draw_length(random_source& draw) {
    constexpr std::uint64_t sizes[] = {1, 500, 9'000, length_max};
    return 1 + draw.below(draw.pick(sizes));
}

class download_visit final : public visit {
   public:
    download_visit(const visit_scene& scene, connection& line, unsigned client, random_source draw)
        : visit(scene, line, client),
          draw_(draw),
          length_(draw_length(draw_)),
          reads_before_stop_(draw_.coin() ? UINT64_MAX : draw_.below(reads_most)) {
        act_at(now());
    }

   private:
    void step() override {
        if (!is_asked_) {
            is_asked_ = true;
            asked_at_ = now();
            read_at_ = now();
            line_.send("GET " + std::string(download_path) + std::to_string(length_) +
                       " HTTP/1.1\r\nHost: a\r\n\r\n");
            act_at(now() + visit_slack);
            return;
        }
        if (line_.is_closed_by_server()) {
            check_cut();
        }
        if (reads_before_stop_ == 0) {
            wait_for_close();
            return;
        }
        if (now() >= next_read_ || line_.is_closed_by_server()) {
            read();
        }
        if (!is_over()) {
            act_at(next_read_);
        }
    }

    void ended() override { require(taken_ == length_, "is cut though it reads steadily"); }

    void read() {
        const std::string_view there = line_.readable();
        if (!there.empty()) {
            --reads_before_stop_;
            read_at_ = now();
            const std::size_t bytes = std::min<std::size_t>(
                there.size(), static_cast<std::size_t>(1 + draw_.below(read_bytes_max)));
            text_ += there.substr(0, bytes);
            line_.take(bytes);
            take_bytes();
        }
        require(!there.empty() || line_.is_closed_by_server() || now() - read_at_ < visit_slack,
                "asks for bytes, and gets none");
        if (is_over() || (there.empty() && now() - read_at_ >= visit_slack)) {
            leave();
            return;
        }
        // A client that reads steadily takes something within write_timeout.
        const auto longest =
            std::chrono::duration_cast<milliseconds>(limits().write_timeout) * 3 / 4;
        next_read_ = now() + milliseconds(1 + draw_.below(static_cast<std::uint64_t>(
                                                  there.empty() ? 1 : longest.count())));
    }

    void take_bytes() {
        if (!has_head_) {
            answer_head head;
            const int status = take_head(head);
            if (status == 0) {
                return;
            }
            has_head_ = true;
            if (status != 200 || head.length != length_) {
                require(false, "gets another answer");
                leave();
                return;
            }
        }
        for (const char byte : text_) {
            if (taken_ == length_ || byte != download_byte(taken_)) {
                fail("gets other bytes");
            }
            ++taken_;
        }
        text_.clear();
        if (taken_ == length_) {
            ++scene_.answered;
            leave();
        }
    }

    // Whoever takes nothing any more is closed in time: the server may have looked just before the
    // last that was taken.
    void wait_for_close() {
        const time_point last = read_at_ + limits().write_timeout +
                                limits().write_timeout / http::write_looks + visit_slack;
        if (line_.is_closed_by_server()) {
            leave();
            return;
        }
        if (now() < last) {
            act_at(last);
            return;
        }
        require(line_.send_space() > 0, "takes nothing any more, and is not closed");
        leave();
    }

    // With bytes that the kernel has not taken from the server yet: an idle connection may close.
    void check_cut() const {
        const std::size_t there = text_.size() + line_.readable().size();
        const bool has_all = has_head_ ? there >= length_ - taken_ : there > length_;
        if (line_.send_space() > 0 || has_all) {
            return;
        }
        require(now() >= read_at_ + limits().write_timeout,
                "is cut though it has taken something within write_timeout");
    }

    random_source draw_;
    std::uint64_t length_;
    std::uint64_t taken_ = 0;
    std::uint64_t reads_before_stop_;
    time_point asked_at_{};
    time_point read_at_{};
    time_point next_read_{};
    bool is_asked_ = false;
    bool has_head_ = false;
};

}  // namespace

std::unique_ptr<visit> make_download_visit(const visit_scene& scene, connection& line,
                                           unsigned client, random_source draw) {
    return std::make_unique<download_visit>(scene, line, client, draw);
}

}  // namespace rouse::sim
