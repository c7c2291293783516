#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "tests/soak/content.hpp"
#include "tests/soak/conversation.hpp"

namespace rouse::soak {
namespace {

/// One stream of bytes, cut into messages of one size for the count; the same stream must come
/// back.
class echo_conversation final : public conversation {
   public:
    explicit echo_conversation(const conversation_options& options)
        : options_(options), content_(mix(options.seed) ^ options.connection) {
        static constexpr std::array sizes{1, 7, 64, 64, 64, 64, 500, 4096, 5000, 20'000};
        draws from(options.seed, options.connection);
        message_bytes_ = static_cast<std::uint64_t>(sizes[from.below(sizes.size())]);
        // A long conversation is about its number of messages.
        if (options.size.requests > 1) {
            message_bytes_ = std::min<std::uint64_t>(message_bytes_, 500);
        }
        total_bytes_ = options.size.requests * message_bytes_;
    }

    [[nodiscard]] std::string_view to_send() override {
        if (out_.size() == out_sent_) {
            const std::uint64_t window = options_.size.at_once * message_bytes_;
            // Beyond the limit nothing comes back that would open it again.
            const std::uint64_t end = std::min(total_bytes_, bytes_received_ + window);
            out_.resize(end - bytes_sent_);
            content_.write(bytes_sent_, std::span(out_));
            out_sent_ = 0;
        }
        return std::string_view(out_).substr(out_sent_);
    }

    void sent(std::size_t bytes) override {
        out_sent_ += bytes;
        bytes_sent_ += bytes;
    }

    [[nodiscard]] verdict received(std::string_view bytes) override {
        const std::uint64_t before = bytes_received_;
        bytes_received_ += bytes.size();
        if (bytes_received_ > std::min(bytes_sent_, options_.limit)) {
            fault_ = "more bytes than were sent";
            return verdict::wrong;
        }
        if (!content_.matches(before, std::span(bytes))) {
            fault_ = "not the bytes that were sent, from byte " + std::to_string(before) + " on";
            return verdict::wrong;
        }
        return verdict::right;
    }

    [[nodiscard]] bool has_sent_all() const override { return bytes_sent_ == total_bytes_; }
    [[nodiscard]] bool is_answered() const override {
        return bytes_received_ == std::min(total_bytes_, options_.limit);
    }
    [[nodiscard]] bool is_between_answers() const override { return true; }
    [[nodiscard]] std::uint64_t requests() const override {
        return (bytes_sent_ + message_bytes_ - 1) / message_bytes_;
    }
    [[nodiscard]] std::uint64_t answers() const override {
        return bytes_received_ / message_bytes_;
    }

   private:
    conversation_options options_;
    content content_;
    std::uint64_t message_bytes_ = 0;
    std::uint64_t total_bytes_ = 0;
    std::string out_;
    std::size_t out_sent_ = 0;
};

}  // namespace

std::unique_ptr<conversation> make_echo_conversation(const conversation_options& options) {
    return std::make_unique<echo_conversation>(options);
}

}  // namespace rouse::soak
