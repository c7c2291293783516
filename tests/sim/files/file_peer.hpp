#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "tests/sim/files/file_answer.hpp"
#include "tests/sim/peer.hpp"

namespace rouse::sim {

/// Asks for files, one after the other or pipelined, and checks what comes.
class file_peer final : public stream_peer {
   public:
    file_peer(simulation& owner, network& wires, const peer_terms& terms, unsigned number,
              files_scene& scene);

   private:
    [[nodiscard]] std::string_view outgoing() override;
    void sent(std::size_t bytes) override;
    void received(std::string_view bytes) override;
    [[nodiscard]] bool is_waiting() override { return answered_ < requests_.size() && !closing_; }
    [[nodiscard]] bool has_sent_all() override {
        return closing_ || (asked_ == requests_.size() && sent_ == script_.size());
    }
    [[nodiscard]] bool is_quiet() const override {
        return answered_ == asked_ && sent_ == script_.size() && !answer_.is_inside() && !closing_;
    }
    void ended(bool by_reset) override;

    void write_next();
    void remember();
    [[nodiscard]] file_excuses excuses() const;

    files_scene& scene_;
    std::deque<file_request> requests_;
    std::deque<asked_times> asked_at_;
    std::map<std::string_view, seen_before> seen_;  ///< By target.
    std::string script_;                            ///< Of what may be sent now.
    std::size_t sent_ = 0;
    std::size_t asked_ = 0;  ///< Requests that are in the script.
    std::size_t answered_ = 0;
    file_answer answer_;
    bool pipelines_;
    bool closing_ = false;
};

}  // namespace rouse::sim
