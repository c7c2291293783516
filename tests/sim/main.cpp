// The simulator's command line; ./dev sim builds it and passes its arguments on.
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/seed_farm.hpp"
#include "tests/sim/shrink.hpp"
#include "tests/sim/world.hpp"

namespace {

using namespace rouse::sim;

constexpr std::string_view usage = R"(usage: sim WORLD [OPTION...]

  --seeds N         run so many seeds (1000)
  --first S         begin with this seed (1); "random" draws it
  --seed S          run this one only, and print its hash
  --trace           with --seed: print each event
  --clients N       up to N clients a run (8)
  --without A,B     these faults never strike
  --only A,B        no others do; "none" for none at all
  --allocation N    the allocation with this number fails
  --sweep           with --seed: each allocation fails once, in a run of its own
  --processes N     as many at once (one a CPU)
)";

struct command_line {
    const world_entry* which = nullptr;
    run_options options;
    std::optional<std::uint64_t> seed;
    std::uint64_t first = 1;
    std::uint64_t seeds = 1'000;
    unsigned processes = 1;
    bool sweeps = false;
};

[[noreturn]] void refuse(const std::string& why) {
    std::fprintf(stderr, "sim: %s\n%.*s\nworlds:\n", why.c_str(), static_cast<int>(usage.size()),
                 usage.data());
    for (const world_entry& each : all_worlds()) {
        std::fprintf(stderr, "  %-17.*s %.*s\n", static_cast<int>(each.name.size()),
                     each.name.data(), static_cast<int>(each.what.size()), each.what.data());
    }
    std::exit(2);
}

std::uint64_t number(std::string_view option, std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        refuse(std::string(option) + " wants a number, not '" + std::string(text) + "'");
    }
    return value;
}

fault_mask faults(std::string_view text) {
    fault_mask named = 0;
    while (!text.empty()) {
        const std::string_view name = text.substr(0, text.find(','));
        text.remove_prefix(std::min(text.size(), name.size() + 1));
        if (name == "none") {
            continue;
        }
        const auto kind = fault_named(name);
        if (!kind) {
            refuse("there is no fault '" + std::string(name) + "'");
        }
        named |= to_mask(*kind);
    }
    return named;
}

// True: the option has taken its value.
bool set(command_line& line, std::string_view option, std::string_view value) {
    if (option == "--seeds") {
        line.seeds = number(option, value);
    } else if (option == "--first") {
        line.first = value == "random" ? mix(static_cast<std::uint64_t>(::getpid()) ^
                                             static_cast<std::uint64_t>(std::time(nullptr)) << 20U) >>
                                             32U
                                       : number(option, value);
    } else if (option == "--seed") {
        line.seed = number(option, value);
    } else if (option == "--clients") {
        line.options.clients_max = static_cast<unsigned>(std::clamp<std::uint64_t>(number(option, value), 1, 64));
    } else if (option == "--without") {
        line.options.faults_off |= faults(value);
    } else if (option == "--only") {
        line.options.faults_off |= ~faults(value);
    } else if (option == "--allocation") {
        line.options.failing_allocation = number(option, value);
    } else if (option == "--processes") {
        line.processes = static_cast<unsigned>(std::clamp<std::uint64_t>(number(option, value), 1, 64));
    } else {
        return false;
    }
    return true;
}

command_line parse(const std::vector<std::string_view>& arguments) {
    command_line line;
    line.processes = static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
    if (arguments.empty()) {
        refuse("which world?");
    }
    line.which = world_named(arguments[0]);
    if (line.which == nullptr) {
        refuse("there is no world '" + std::string(arguments[0]) + "'");
    }
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        if (arguments[i] == "--trace") {
            line.options.traced = true;
        } else if (arguments[i] == "--sweep") {
            line.sweeps = true;
        } else if (i + 1 < arguments.size() && set(line, arguments[i], arguments[i + 1])) {
            ++i;
        } else {
            refuse("what is '" + std::string(arguments[i]) + "'?");
        }
    }
    return line;
}

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

int report(const world_entry& which, const failed_run& found) {
    std::printf("FAILED %s\n  %s\n", command_of(which, found.options).c_str(),
                found.reason.c_str());
    std::fflush(stdout);
    const failed_run smallest = shrink(which, found);
    std::printf("The smallest run that fails:\n  ./dev sim %s --trace\n  %s\n",
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
    return outcome.failed ? report(*line.which, *outcome.failed) : 0;
}

int run_one(const command_line& line) {
    run_options options = line.options;
    options.seed = *line.seed;
    if (const auto reason = attempt(*line.which, options, false)) {
        std::printf("FAILED: %s\n", reason->c_str());
        return 1;
    }
    options.traced = false;
    const run_outcome outcome = run_world(*line.which, options);
    std::printf("%s: hash %016" PRIx64 ", allocations %" PRIu64 "\n",
                command_of(*line.which, options).c_str(), outcome.hash, outcome.allocations);
    return 0;
}

// Until the run has fewer allocations than the number of the one to fail.
int sweep(const command_line& line) {
    run_options options = line.options;
    options.seed = *line.seed;
    options.traced = false;
    const std::uint64_t count = run_world(*line.which, options).allocations;
    for (std::uint64_t number = 1; number <= count; ++number) {
        options.failing_allocation = number;
        if (const auto reason = attempt(*line.which, options, false)) {
            return report(*line.which, {options, *reason});
        }
    }
    std::printf("%s: each of %" PRIu64 " allocations failed once\n",
                command_of(*line.which, options).c_str(), count);
    return 0;
}

}  // namespace

int main(int count, char** values) {
    const command_line line = parse({values + 1, values + count});
    if (!line.seed) {
        return run_many(line);
    }
    return line.sweeps ? sweep(line) : run_one(line);
}
