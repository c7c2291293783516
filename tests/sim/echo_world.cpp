#include "tests/sim/echo_world.hpp"

#include <string>

#include "tests/sim/stream_world.hpp"

namespace rouse::sim {
namespace {

/// Sends bytes of which each tells its place, and wants the same back.
class echo_peer final : public stream_peer {
   public:
    echo_peer(simulation& owner, network& wires, const peer_terms& terms, unsigned number,
              std::uint64_t& echoed)
        : stream_peer(owner, wires, terms, number), echoed_(echoed) {
        constexpr std::uint64_t sizes[] = {0, 1, 100, 3'000, 3'000, 20'000};
        const std::uint64_t bytes = draw_.below(draw_.pick(sizes) + 1);
        script_.reserve(bytes);
        for (std::uint64_t i = 0; i < bytes; ++i) {
            script_.push_back(static_cast<char>(mix(i / 8 + number) >> (i % 8 * 8)));
        }
    }

   private:
    [[nodiscard]] std::string_view outgoing() override {
        return std::string_view(script_).substr(sent_);
    }
    void sent(std::size_t bytes) override { sent_ += bytes; }
    [[nodiscard]] bool has_sent_all() override { return sent_ == script_.size(); }
    [[nodiscard]] bool is_waiting() override { return returned_ < script_.size(); }
    [[nodiscard]] bool is_quiet() const override { return returned_ == sent_; }
    void received(std::string_view bytes) override {
        require(returned_ + bytes.size() <= sent_, "gets bytes back that it has not sent");
        require(std::string_view(script_).substr(returned_, bytes.size()) == bytes,
                "gets other bytes back than it has sent");
        returned_ += bytes.size();
        echoed_ += bytes.size();
    }
    void ended(bool by_reset) override {
        require(!by_reset, "is reset for no reason");
        require(!is_waiting() && has_ended_side(), "is left before all is sent back");
    }

    // What has come before the drain goes back: nothing was late in this run.
    void server_drains() override {
        if (!is_excused() && terms().is_punctual && means_well()) {
            owed_ = sent_;
        }
    }
    void closed(bool /*by_reset*/) override {
        require(returned_ >= owed_, "had sent bytes before the drain, and does not get them back");
    }

    std::uint64_t& echoed_;
    std::string script_;
    std::size_t owed_ = 0;
    std::size_t sent_ = 0;
    std::size_t returned_ = 0;
};

}  // namespace

std::unique_ptr<world> make_echo_world(simulation& owner) {
    return std::make_unique<stream_world<echo_peer>>(owner, &server::worker_sockets::echo_streams);
}

}  // namespace rouse::sim
