#include "tests/sim/world.hpp"

#include <algorithm>

#include "tests/sim/allocations.hpp"
#include "tests/sim/datagram_world.hpp"
#include "tests/sim/echo_world.hpp"
#include "tests/sim/files/files_world.hpp"
#include "tests/sim/http_world.hpp"
#include "tests/sim/limits/limits_world.hpp"

namespace rouse::sim {
namespace {

constexpr world_entry entries[] = {
    {"http", "HTTP/1.x: each request gets one answer, or a close that is allowed", make_http_world},
    {"echo", "TCP echo: bytes come back in order, all of them", make_echo_world},
    {"datagrams", "UDP echo: datagrams come back once, none is lost but by the network",
     make_datagram_world},
    {"limits", "HTTP/1.x: who keeps within the limits is served, who does not is closed in time",
     make_limits_world},
    {"files", "files over HTTP/1.1: bytes of one version of each, none made up, none left behind",
     make_files_world},
};

}  // namespace

std::span<const world_entry> all_worlds() noexcept {
    return entries;
}

const world_entry* world_named(std::string_view name) noexcept {
    const auto* found = std::ranges::find(entries, name, &world_entry::name);
    return found == std::end(entries) ? nullptr : found;
}

void warm_up(const world_entry& which) {
    run_options options;
    options.faults_off = all_faults;
    (void)run_world(which, options);
}

run_outcome run_world(const world_entry& which, const run_options& options) {
    run_outcome outcome;
    const std::size_t before = allocations().live;
    allocations().made = 0;
    {
        simulation running(options);
        const std::unique_ptr<world> made = which.make(running);
        made->run();
        running.log(event::finish);
        outcome.counts = made->counts();
        outcome.hash = running.events().hash();
        outcome.events = running.events().counts();
        outcome.strikes = running.strikes();
    }
    outcome.allocations = allocations().made;
    outcome.allocations_left = allocations().live - before;
    return outcome;
}

}  // namespace rouse::sim
