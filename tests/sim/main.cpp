// The simulator's command line; ./dev sim builds it and passes its arguments on.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <string>
#include <string_view>

#include "tests/sim/command_line.hpp"
#include "tests/sim/kept_seeds.hpp"
#include "tests/sim/seed_farm.hpp"
#include "tests/sim/shrink.hpp"
#include "tests/sim/world.hpp"

namespace {

using namespace rouse::sim;

void print_totals(const command_line& line, const farm_totals& totals) {
    std::printf("%.*s: %" PRIu64 " runs from seed %" PRIu64 " in %.1f s, %.0f a second\n",
                static_cast<int>(line.which->name.size()), line.which->name.data(), totals.runs,
                line.first, totals.seconds, static_cast<double>(totals.runs) / totals.seconds);
    std::printf("clients %" PRIu64 ", answers %" PRIu64 ", allocations %" PRIu64 "\nevents",
                totals.sums.counts.clients, totals.sums.counts.answers, totals.sums.allocations);
    for (std::size_t i = 0; i < event_count; ++i) {
        std::printf("%s %s %" PRIu64, i == 0 ? ":" : ",", name_of(static_cast<event>(i)).data(),
                    totals.sums.events[i]);
    }
    std::printf("\nfaults");
    for (std::size_t i = 0; i < fault_count; ++i) {
        std::printf("%s %s %" PRIu64, i == 0 ? ":" : ",", name_of(static_cast<fault>(i)).data(),
                    totals.sums.strikes[i]);
    }
    std::printf("\n");
    if (totals.branches > 0) {
        std::printf("branches: %zu of %zu reached\n", totals.branches_reached, totals.branches);
    }
}

int report(const command_line& line, const failed_run& found) {
    const world_entry& which = *line.which;
    std::printf("FAILED %s\n  %s\n", command_of(which, found.options).c_str(),
                found.reason.c_str());
    std::fflush(stdout);
    if (!line.shrinks) {
        return 1;
    }
    const failed_run smallest = shrink(which, found);
    std::printf(
        "The smallest run that fails; keep it in tests/sim/seeds:\n"
        "  ./dev sim %s --trace\n  %s\n",
        command_of(which, smallest.options).c_str(), smallest.reason.c_str());
    return 1;
}

int run_many(const command_line& line) {
    const farm_result outcome = run_seeds({.which = *line.which,
                                           .options = line.options,
                                           .first_seed = line.first,
                                           .seeds = line.seeds,
                                           .processes = line.processes});
    print_totals(line, outcome.totals);
    return outcome.failed ? report(line, *outcome.failed) : 0;
}

int run_one(const command_line& line) {
    run_options options = line.options;
    if (const auto reason = attempt(*line.which, options, false)) {
        std::printf("FAILED: %s\n", reason->c_str());
        return 1;
    }
    options.traced = false;
    warm_up(*line.which);
    const run_outcome outcome = run_world(*line.which, options);
    std::printf("%s: hash %016" PRIx64 ", allocations %" PRIu64 "\n",
                command_of(*line.which, options).c_str(), outcome.hash, outcome.allocations);
    return 0;
}

// Until the run has fewer allocations than the number of the one to fail.
int sweep(const command_line& line) {
    run_options options = line.options;
    options.traced = false;
    warm_up(*line.which);
    const std::uint64_t count = run_world(*line.which, options).allocations;
    for (std::uint64_t number = 1; number <= count; ++number) {
        options.failing_allocation = number;
        if (const auto reason = attempt(*line.which, options, false)) {
            return report(line, {options, *reason});
        }
    }
    std::printf("%s: each of %" PRIu64 " allocations failed once\n",
                command_of(*line.which, options).c_str(), count);
    return 0;
}

}  // namespace

int main(int count, char** values) {
    const command_line line = parse_command_line({values + 1, values + count});
    switch (line.task) {
        case sim_task::seeds:
            return run_many(line);
        case sim_task::one:
            return run_one(line);
        case sim_task::sweep:
            return sweep(line);
        case sim_task::kept:
            return run_kept_seeds(line.file) ? 0 : 1;
        case sim_task::hashes:
            return compare_hashes(line.file) ? 0 : 1;
        case sim_task::write_hashes:
            return write_hashes(line.file) ? 0 : 1;
        case sim_task::worlds:
            for (const world_entry& each : all_worlds()) {
                std::printf("%.*s\n", static_cast<int>(each.name.size()), each.name.data());
            }
            return 0;
    }
    return 2;
}
