#pragma once

#include <memory>

#include "tests/sim/world.hpp"

namespace rouse::sim {

/// The daemon's HTTP/1.x connections: each request gets exactly one well-formed answer, or a close
/// that the protocol allows.
[[nodiscard]] std::unique_ptr<world> make_http_world(simulation& owner);

}  // namespace rouse::sim
