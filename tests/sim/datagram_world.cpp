#include "tests/sim/datagram_world.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/sim/worker_world.hpp"

namespace rouse::sim {
namespace {

constexpr std::uint64_t datagrams_max = 20;

/// Sends datagrams of which each is another, and wants each back once.
class datagram_peer final : public peer {
   public:
    datagram_peer(simulation& owner, network& wires, const peer_terms& terms, unsigned number,
                  std::size_t bytes_max, std::uint64_t& echoed)
        : peer(owner, number), network_(wires), terms_(terms), echoed_(echoed) {
        for (std::uint64_t left = draw_.below(datagrams_max + 1); left > 0; --left) {
            std::string text = std::to_string(number) + ":" + std::to_string(left) + ":";
            text.append(draw_.below(bytes_max - text.size()), static_cast<char>('a' + left));
            script_.push_back(std::move(text));
        }
    }

    void act() override {
        if (!network_.is_open(terms_.listener)) {
            require(terms_.is_draining, "finds the socket closed");
            finish();
            return;
        }
        socket_record& socket = network_.at(terms_.listener);
        std::erase_if(socket.sent, [this](const datagram_record& back) {
            return back.port == port() && take(back.bytes);
        });
        if (sent_ < script_.size()) {
            if (!simulation_.strike(fault::lost_datagram, number_)) {
                awaited_.push_back(script_[sent_]);
                socket.arrived.push_back({script_[sent_], port()});
            }
            ++sent_;
            act_after(std::chrono::microseconds(draw_.below(2'000)));
        } else if (awaited_.empty()) {
            finish();
        } else {
            looks_ = std::exchange(echoed_before_, echoed_) == echoed_ ? looks_ : 0;
            // One may be lost for each allocation that has failed.
            require(++looks_ < looks_max || simulation_.has_struck(fault::allocation),
                    "does not get back what it has sent");
            if (looks_ > looks_max) {
                finish();
            }
            act_after(milliseconds(100));
        }
    }

   private:
    static constexpr unsigned looks_max = 200;

    [[nodiscard]] std::uint16_t port() const noexcept {
        return static_cast<std::uint16_t>(10'000 + number_);
    }
    bool take(const std::string& bytes) {
        const auto found = std::ranges::find(awaited_, bytes);
        require(found != awaited_.end(), "gets a datagram that it has not sent, or one twice");
        awaited_.erase(found);
        ++echoed_;
        return true;
    }

    network& network_;
    const peer_terms& terms_;
    std::uint64_t& echoed_;
    std::vector<std::string> script_;
    std::vector<std::string> awaited_;
    std::size_t sent_ = 0;
    unsigned looks_ = 0;  ///< Since somebody got something.
    std::uint64_t echoed_before_ = 0;
};

class datagram_world final : public worker_world {
   public:
    using worker_world::worker_world;

   private:
    void prepare(server::settings& /*values*/, server::worker_sockets& sockets,
                 const sim_reactor_options& options) override {
        terms_.listener = network_.open(socket_record::kind::datagrams);
        sockets.echo_datagrams.emplace_back(terms_.listener);
        bytes_max_ = options.buffer_bytes - sender_bytes;
    }
    [[nodiscard]] std::unique_ptr<peer> make_peer(unsigned number) override {
        return std::make_unique<datagram_peer>(simulation_, network_, terms_, number, bytes_max_,
                                               echoed_);
    }
    [[nodiscard]] std::uint64_t answers() const noexcept override { return echoed_; }

    std::size_t bytes_max_ = 0;
    std::uint64_t echoed_ = 0;
};

}  // namespace

std::unique_ptr<world> make_datagram_world(simulation& owner) {
    return std::make_unique<datagram_world>(owner);
}

}  // namespace rouse::sim
