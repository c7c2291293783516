#pragma once

#include <memory>

#include "tests/sim/world.hpp"

namespace rouse::sim {

/// Clients of few addresses that keep within the limits of HTTP or go beyond them: connections of
/// an address, the rate of a body, the time to take an answer, requests of a connection.
[[nodiscard]] std::unique_ptr<world> make_limits_world(simulation& owner);

}  // namespace rouse::sim
