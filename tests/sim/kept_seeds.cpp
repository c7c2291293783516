#include "tests/sim/kept_seeds.hpp"

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string_view>

#include "tests/sim/command_line.hpp"
#include "tests/sim/seed_farm.hpp"

namespace rouse::sim {
namespace {

constexpr std::uint64_t hashes_per_world = 25;

std::uint64_t hash_of(const world_entry& which, std::uint64_t seed) {
    run_options options;
    options.seed = seed;
    options.faults_off = to_mask(fault::allocation);
    options.compresses = false;
    return run_world(which, options).hash;
}

bool cannot(const char* what, const std::string& file) {
    std::fprintf(stderr, "sim: cannot %s %s\n", what, file.c_str());
    return false;
}

}  // namespace

bool run_kept_seeds(const std::string& file) {
    std::ifstream lines(file);
    if (!lines) {
        return cannot("read", file);
    }
    unsigned count = 0;
    unsigned failed = 0;
    for (std::string line; std::getline(lines, line);) {
        const command_line kept =
            line.starts_with('#') || line.empty()
                ? command_line()
                : parse_kept_line(std::string_view(line).substr(0, line.find('#')));
        if (kept.which == nullptr) {
            continue;
        }
        ++count;
        if (const auto reason = attempt(*kept.which, kept.options, false)) {
            ++failed;
            std::printf("FAILED %s\n  %s\n", line.c_str(), reason->c_str());
        }
    }
    std::printf("%u kept seeds, %u failed\n", count, failed);
    return failed == 0;
}

bool compare_hashes(const std::string& file) {
    std::ifstream lines(file);
    if (!lines) {
        return cannot("read", file);
    }
    unsigned count = 0;
    unsigned differ = 0;
    std::string world;
    std::uint64_t seed = 0;
    std::uint64_t expected = 0;
    while (lines >> world >> std::dec >> seed >> std::hex >> expected) {
        const world_entry* which = world_named(world);
        const std::uint64_t found = which == nullptr ? 0 : hash_of(*which, seed);
        ++count;
        if (found != expected) {
            ++differ;
            std::printf("%s %" PRIu64 ": %016" PRIx64 " instead of %016" PRIx64 "\n", world.c_str(),
                        seed, found, expected);
        }
    }
    std::printf("%u hashes, %u differ\n", count, differ);
    if (differ != 0) {
        std::printf("If the change is meant to alter what happens: ./dev sim --write-hashes %s\n",
                    "tests/sim/seeds/hashes");
    }
    return differ == 0 && count > 0;
}

bool write_hashes(const std::string& file) {
    std::ofstream lines(file);
    for (const world_entry& which : all_worlds()) {
        for (std::uint64_t seed = 1; seed <= hashes_per_world; ++seed) {
            std::ostringstream hash;
            hash << std::hex << hash_of(which, seed);
            lines << which.name << ' ' << seed << ' ' << hash.str() << '\n';
        }
    }
    lines.close();
    return lines ? true : cannot("write", file);
}

}  // namespace rouse::sim
