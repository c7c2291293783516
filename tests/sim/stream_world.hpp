#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tests/sim/worker_world.hpp"

namespace rouse::sim {

/// A world with one listener of the daemon and clients of one kind. `Peer` is a stream_peer whose
/// constructor takes what stream_peer's takes, and where to count what came back as it should.
template <class Peer>
class stream_world final : public worker_world {
   public:
    /// `listeners`: those of the protocol.
    using listeners = std::vector<unique_fd> server::worker_sockets::*;

    stream_world(simulation& owner, listeners of) : worker_world(owner), listeners_(of) {}

   private:
    void prepare(server::settings& /*values*/, server::worker_sockets& sockets,
                 const sim_reactor_options& /*options*/) override {
        terms_.listener = listen();
        (sockets.*listeners_).emplace_back(terms_.listener);
    }
    [[nodiscard]] std::unique_ptr<peer> make_peer(unsigned number) override {
        return std::make_unique<Peer>(simulation_, network_, terms_, number, answers_);
    }
    [[nodiscard]] std::uint64_t answers() const noexcept override { return answers_; }

    listeners listeners_;
    std::uint64_t answers_ = 0;
};

}  // namespace rouse::sim
