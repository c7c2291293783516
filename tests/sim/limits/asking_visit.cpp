#include <algorithm>

#include "tests/sim/limits/visit.hpp"

namespace rouse::sim {
namespace {

constexpr std::uint64_t requests_most = 12;

class asking_visit final : public visit {
   public:
    asking_visit(const visit_scene& scene, connection& line, unsigned client, random_source draw)
        : visit(scene, line, client), draw_(draw), requests_(draw_.below(requests_most + 1)) {
        const bool pipelines = draw_.coin();
        at_once_ = pipelines ? requests_ : 1;
        due_ = std::min<std::uint64_t>(requests_, limits().requests_max);
        news_at_ = now();
        act_at(now());
    }

   private:
    void step() override {
        read_all();
        take_answers();
        if (is_over()) {
            return;
        }
        if (asked_ < requests_ && asked_ == answered_) {
            std::string script;
            for (std::uint64_t more = std::min(at_once_, requests_ - asked_); more > 0; --more) {
                script += "GET " + std::string(short_path) + " HTTP/1.1\r\nHost: a\r\n\r\n";
                ++asked_;
            }
            line_.send(script);
            news_at_ = now();
        }
        // Then it is idle.
        const bool is_idle = answered_ == requests_;
        const time_point last =
            news_at_ + (is_idle ? duration(limits().idle_timeout) : duration::zero()) + visit_slack;
        if (now() < last) {
            act_at(last);
            return;
        }
        require(false,
                is_idle ? "is idle for longer than it may" : "has asked, and is not answered");
        leave();
    }

    void take_answers() {
        while (true) {
            if (status_ == 0) {
                head_ = {};
                status_ = take_head(head_);
            }
            if (status_ == 0 || text_.size() < head_.length) {
                return;
            }
            const std::string body = text_.substr(0, head_.length);
            text_.erase(0, body.size());
            const int status = std::exchange(status_, 0);
            require(status == 200 && body == short_text, "gets another answer");
            ++answered_;
            ++scene_.answered;
            news_at_ = now();
            if (answered_ > due_ || answered_ > asked_) {
                fail("gets more answers than it may");
            }
            if (answered_ > line_.sends_begun() * limits().pipelined_requests_max) {
                fail("gets more answers in one send than pipelined_requests_max");
            }
            require(head_.says_close == (answered_ == limits().requests_max),
                    "has asked as often as it may, and is not told so, or is told so too soon");
            is_closing_ = is_closing_ || head_.says_close;
        }
    }

    void ended() override {
        if (is_closing_) {
            require(answered_ == due_, "is closed after another answer than the last");
            return;
        }
        require(answered_ == requests_, "is closed before it is answered");
        require(now() >= news_at_ + limits().idle_timeout, "is closed though it has just asked");
    }

    random_source draw_;
    std::uint64_t requests_;
    std::uint64_t at_once_ = 0;
    std::uint64_t due_ = 0;  ///< Answers, at most.
    std::uint64_t asked_ = 0;
    std::uint64_t answered_ = 0;
    time_point news_at_{};
    answer_head head_;
    int status_ = 0;
    bool is_closing_ = false;
};

}  // namespace

std::unique_ptr<visit> make_asking_visit(const visit_scene& scene, connection& line,
                                         unsigned client, random_source draw) {
    return std::make_unique<asking_visit>(scene, line, client, draw);
}

}  // namespace rouse::sim
