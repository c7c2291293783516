#pragma once

#include <cstdint>
#include <memory>

#include "tests/sim/files/file_answer.hpp"
#include "tests/sim/peer.hpp"
#include "tests/sim/sim_files.hpp"

namespace rouse::sim {

/// Puts the files there that clients ask for, and some beside them, with sizes that the seed draws.
void add_files(sim_files& files, random_source& draw);

/// Something that a client may ask for. Each path of the site has one entry only.
[[nodiscard]] const known_target& draw_target(random_source& draw);

/// What clients ask for most in a run; null for nothing.
[[nodiscard]] const known_target* draw_favourite(random_source& draw);

/// Somebody else on the machine, who changes files, removes them and makes them again.
[[nodiscard]] std::unique_ptr<peer> make_file_changer(simulation& owner, unsigned number,
                                                      files_scene& scene);

}  // namespace rouse::sim
