#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "tests/soak/answer_reader.hpp"
#include "tests/soak/conversation.hpp"
#include "tests/soak/http_request.hpp"

namespace rouse::soak {
namespace {

/// Pipelined requests on a connection that is kept open, and the answers to them in order.
class http_conversation final : public conversation {
   public:
    explicit http_conversation(const conversation_options& options)
        : options_(options), draws_(options.seed, options.connection) {}

    [[nodiscard]] std::string_view to_send() override {
        // Refilled when half of it is answered, so that several requests leave with one send.
        if (out_.size() == out_sent_ && unanswered_.size() <= options_.size.at_once / 2) {
            refill();
        }
        return std::string_view(out_).substr(out_sent_);
    }

    void sent(std::size_t bytes) override {
        out_sent_ += bytes;
        bytes_sent_ += bytes;
    }

    [[nodiscard]] verdict received(std::string_view bytes) override {
        bytes_received_ += bytes.size();
        while (!bytes.empty() || is_reading_) {
            if (!is_reading_ && !begin_answer(bytes)) {
                return verdict::wrong;
            }
            switch (reader_.take(bytes)) {
                case answer_reader::step::need_more:
                    return verdict::right;
                case answer_reader::step::wrong:
                    return judge_other_answer();
                case answer_reader::step::done:
                    break;
            }
            if (!end_answer()) {
                return verdict::wrong;
            }
        }
        return verdict::right;
    }

    [[nodiscard]] bool has_sent_all() const override {
        return made_ == options_.size.requests && out_sent_ == out_.size();
    }
    [[nodiscard]] bool is_answered() const override {
        const bool limited = bytes_sent_ >= options_.limit;
        return unanswered_.empty() ? has_sent_all() || limited
                                   : limited && unanswered_.front().end > options_.limit;
    }
    [[nodiscard]] bool is_between_answers() const override { return !is_reading_; }
    [[nodiscard]] std::uint64_t requests() const override {
        std::uint64_t unsent = 0;
        for (auto each = unanswered_.rbegin();
             each != unanswered_.rend() && each->begin >= bytes_sent_; ++each) {
            ++unsent;
        }
        return made_ - unsent;
    }
    [[nodiscard]] std::uint64_t answers() const override { return answers_; }

   private:
    void refill() {
        out_.clear();
        out_sent_ = 0;
        while (made_ < options_.size.requests && unanswered_.size() < options_.size.at_once) {
            const std::size_t begin = out_.size();
            const bool last = made_ + 1 == options_.size.requests;
            expected_answer next = append_request(out_, draws_, options_.connection, made_,
                                                  last && options_.asks_for_close);
            next.begin = bytes_sent_ + begin;
            next.end = bytes_sent_ + out_.size();
            unanswered_.push_back(std::move(next));
            ++made_;
        }
    }

    bool begin_answer(std::string_view bytes) {
        if (closes_ || refused_ || unanswered_.empty() ||
            unanswered_.front().begin >= std::min(bytes_sent_, options_.limit)) {
            return fail(std::to_string(bytes.size()) + " bytes that belong to no request");
        }
        reader_.expect(unanswered_.front());
        is_reading_ = true;
        return true;
    }

    bool end_answer() {
        is_reading_ = false;
        if (unanswered_.front().end > std::min(bytes_sent_, options_.limit)) {
            return fail("the answer is whole before its request is");
        }
        closes_ = reader_.announces_close();
        if (closes_ != unanswered_.front().says_close && !(closes_ && options_.may_close)) {
            return fail(closes_ ? "a close that nobody asked for is announced"
                                : "the close that was asked for is not announced");
        }
        unanswered_.pop_front();
        ++answers_;
        return true;
    }

    // Not the answer of the model, but one that a server may give.
    verdict judge_other_answer() {
        is_reading_ = false;
        // It got half a request, and then the end.
        refused_ =
            unanswered_.front().end > options_.limit && reader_.head().starts_with("HTTP/1.1 400 ");
        if (refused_) {
            return verdict::right;
        }
        if (options_.may_fail && reader_.head().starts_with("HTTP/1.1 500 ")) {
            return verdict::failed;
        }
        (void)fail(reader_.fault());
        return verdict::wrong;
    }

    bool fail(std::string fault) {
        fault_ = "answer " + std::to_string(answers_) + ": " + std::move(fault);
        return false;
    }

    conversation_options options_;
    draws draws_;
    std::string out_;
    std::size_t out_sent_ = 0;
    std::deque<expected_answer> unanswered_;
    answer_reader reader_;
    std::uint64_t made_ = 0;
    std::uint64_t answers_ = 0;
    bool is_reading_ = false;
    bool closes_ = false;
    bool refused_ = false;
};

}  // namespace

std::unique_ptr<conversation> make_http_conversation(const conversation_options& options) {
    return std::make_unique<http_conversation>(options);
}

}  // namespace rouse::soak
