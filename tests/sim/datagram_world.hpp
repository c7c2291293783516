#pragma once

#include <memory>

#include "tests/sim/world.hpp"

namespace rouse::sim {

/// The daemon's UDP echo: what comes back was sent, and comes back once; nothing is lost but by the
/// network.
[[nodiscard]] std::unique_ptr<world> make_datagram_world(simulation& owner);

}  // namespace rouse::sim
