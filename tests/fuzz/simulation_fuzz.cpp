#include <cstddef>
#include <cstdint>
#include <span>

#include "tests/sim/world.hpp"

// A whole worker with its clients: the first byte chooses the world, the second what the clients
// do, and the rest is the schedule: which fault strikes when, and how.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace rouse::sim;
    constexpr std::size_t choices = 2;
    if (size < choices) {
        return 0;
    }
    const std::span<const world_entry> worlds = all_worlds();
    run_options options;
    options.seed = data[1];
    options.clients_max = 4;
    options.schedule = {data + choices, size - choices};
    (void)run_world(worlds[data[0] % worlds.size()], options);
    return 0;
}
