#pragma once

#include <memory>

#include "tests/sim/world.hpp"

namespace rouse::sim {

/// Clients ask for files that change, shrink and vanish meanwhile.
[[nodiscard]] std::unique_ptr<world> make_files_world(simulation& owner);

}  // namespace rouse::sim
