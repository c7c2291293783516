#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "tests/sim/seed_farm.hpp"
#include "tests/sim/sim_reactor.hpp"
#include "tests/sim/simulation.hpp"
#include "tests/sim/world.hpp"

namespace rouse::sim {

/// A world that does what the test says.
class told_world final : public world {
   public:
    explicit told_world(simulation& owner) noexcept : simulation_(owner) {}
    void run() override { what(simulation_); }
    [[nodiscard]] world_counts counts() const noexcept override { return {}; }

    static inline std::function<void(simulation&)> what;

   private:
    simulation& simulation_;
};

/// It, for attempt() and its like.
[[nodiscard]] inline const world_entry& told(std::function<void(simulation&)> what) {
    static const world_entry entry{
        "told", "what the test says", [](simulation& owner) {
            return std::unique_ptr<world>(std::make_unique<told_world>(owner));
        }};
    told_world::what = std::move(what);
    return entry;
}

/// Why a run of it fails; empty when it passes.
[[nodiscard]] inline std::string reason(std::function<void(simulation&)> what,
                                        const run_options& options = {}) {
    return attempt(told(std::move(what)), options, true).value_or("");
}

/// Nobody is around the server.
class nobody final : public surroundings {
   public:
    [[nodiscard]] time_point next_action() const noexcept override { return time_point::max(); }
    void act() override {}
    void begin_turn() override {}
    void end_turn() override {}
    [[nodiscard]] bool take_signal() noexcept override { return false; }
};

}  // namespace rouse::sim
