#pragma once

#include <memory>

#include "tests/sim/world.hpp"

namespace rouse::sim {

/// The daemon's TCP echo: what comes back is what was sent, in order, and all of it.
[[nodiscard]] std::unique_ptr<world> make_echo_world(simulation& owner);

}  // namespace rouse::sim
