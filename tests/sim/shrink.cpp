#include "tests/sim/shrink.hpp"

#include <bit>
#include <cstddef>
#include <optional>
#include <utility>

namespace rouse::sim {
namespace {

bool still_fails(const world_entry& which, const run_options& options, failed_run& smallest) {
    if (std::optional<std::string> reason = attempt(which, options, true)) {
        smallest = {options, std::move(*reason)};
        return true;
    }
    return false;
}

}  // namespace

failed_run shrink(const world_entry& which, const failed_run& found) {
    failed_run smallest = found;
    for (unsigned clients = 1; clients < found.options.clients_max; ++clients) {
        run_options fewer = smallest.options;
        fewer.clients_max = clients;
        if (still_fails(which, fewer, smallest)) {
            break;
        }
    }
    for (std::size_t i = 0; i < fault_count; ++i) {
        run_options fewer = smallest.options;
        fewer.faults_off |= to_mask(static_cast<fault>(i));
        if (fewer.faults_off != smallest.options.faults_off) {
            (void)still_fails(which, fewer, smallest);
        }
    }
    return smallest;
}

std::string command_of(const world_entry& which, const run_options& options) {
    std::string text(which.name);
    text += " --seed " + std::to_string(options.seed);
    text += " --clients " + std::to_string(options.clients_max);
    if (options.failing_allocation != 0) {
        text += " --allocation " + std::to_string(options.failing_allocation);
    }
    // The shorter of the two lists.
    const fault_mask on = all_faults & ~options.faults_off;
    const bool few = static_cast<std::size_t>(std::popcount(on)) * 2 < fault_count;
    std::string names;
    for (std::size_t i = 0; i < fault_count; ++i) {
        if ((to_mask(static_cast<fault>(i)) & (few ? on : options.faults_off)) != 0) {
            names += names.empty() ? "" : ",";
            names += name_of(static_cast<fault>(i));
        }
    }
    if (few) {
        text += " --only " + (names.empty() ? "none" : names);
    } else if (!names.empty()) {
        text += " --without " + names;
    }
    return text;
}

}  // namespace rouse::sim
