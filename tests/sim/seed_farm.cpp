#include "tests/sim/seed_farm.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

#include "tests/sim/branch_counters.hpp"

namespace rouse::sim {
namespace {

constexpr unsigned processes_max = 64;
constexpr std::size_t reason_bytes_max = 1'000;
// How many seeds a process takes at once.
constexpr std::uint64_t seeds_at_once = 32;
// Every so many seeds one is run again.
constexpr std::uint64_t repeat_interval = 64;
// Of one run, and that is milliseconds otherwise.
constexpr unsigned run_seconds_max = 60;
constexpr int failed_status = 70;

/// What one process tells the others.
struct lane {
    std::uint64_t seed;  ///< Being run.
    farm_totals totals;
    bool has_failed;
    char reason[reason_bytes_max];
};

/// Memory that all processes of a farm share.
struct shared_state {
    std::atomic<std::uint64_t> next_seed;
    std::atomic<bool> stop;
    std::array<lane, processes_max> lanes;
};

template <class T>
T* map_shared(std::size_t bytes) {
    void* mapped =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) {
        std::perror("mmap");
        std::abort();
    }
    return static_cast<T*>(mapped);
}

lane* own_lane = nullptr;

[[noreturn]] void report_failure(std::string_view what) {
    own_lane->has_failed = true;
    const std::size_t bytes = std::min(what.size(), reason_bytes_max - 1);
    std::memcpy(own_lane->reason, what.data(), bytes);
    own_lane->reason[bytes] = '\0';
    std::_Exit(failed_status);
}

void add(run_outcome& sums, const run_outcome& one) {
    sums.turns += one.turns;
    sums.counts.clients += one.counts.clients;
    sums.counts.answers += one.counts.answers;
    for (std::size_t i = 0; i < one.events.size(); ++i) {
        sums.events[i] += one.events[i];
    }
    for (std::size_t i = 0; i < one.strikes.size(); ++i) {
        sums.strikes[i] += one.strikes[i];
    }
    sums.allocations += one.allocations;
}

// One seed; twice where it is due, or where memory was left, which static objects may keep once.
void run_checked(lane& own, const world_entry& which, const run_options& options) {
    ::alarm(run_seconds_max);
    const run_outcome outcome = run_world(which, options);
    if (outcome.allocations_left != 0 || options.seed % repeat_interval == 0) {
        run_options silent = options;
        silent.traced = false;
        const run_outcome again = run_world(which, silent);
        if (again.hash != outcome.hash) {
            report_failure("the same seed gives another run the second time");
        }
        if (again.allocations_left != 0) {
            report_failure("memory is left at the end: " + std::to_string(again.allocations_left) +
                           " allocations");
        }
    }
    ::alarm(0);
    add(own.totals.sums, outcome);
    ++own.totals.runs;
}

std::string reason_of(const lane& ended, int status) {
    if (ended.has_failed) {
        return ended.reason;
    }
    if (WIFSIGNALED(status)) {
        return WTERMSIG(status) == SIGALRM
                   ? "a run does not end"
                   : std::string("ended by a signal: ") + ::sigdescr_np(WTERMSIG(status));
    }
    return "ended with status " + std::to_string(WEXITSTATUS(status)) + ", see its report";
}

void run_lane(shared_state& shared, lane& own, const farm_plan& plan,
              std::span<std::uint8_t> reached) {
    own_lane = &own;
    simulation::on_failure(report_failure);
    warm_up(plan.which);
    const std::uint64_t end = plan.first_seed + plan.seeds;
    while (!shared.stop.load()) {
        const std::uint64_t first = shared.next_seed.fetch_add(seeds_at_once);
        if (first >= end) {
            break;
        }
        for (std::uint64_t seed = first; seed < std::min(first + seeds_at_once, end); ++seed) {
            own.seed = seed;
            run_options options = plan.options;
            options.seed = seed;
            run_checked(own, plan.which, options);
        }
    }
    collect_branches(reached);
}

}  // namespace

farm_result run_seeds(const farm_plan& plan) {
    const auto began = std::chrono::steady_clock::now();
    const unsigned processes = std::clamp(plan.processes, 1U, processes_max);
    auto* shared = new (map_shared<void>(sizeof(shared_state))) shared_state{};
    shared->next_seed = plan.first_seed;
    const std::size_t branches = branch_count();
    const std::span<std::uint8_t> reached(
        map_shared<std::uint8_t>(std::max<std::size_t>(1, branches * processes)),
        branches * processes);
    std::fflush(stdout);
    std::vector<pid_t> children;
    for (unsigned i = 0; i < processes; ++i) {
        const pid_t child = ::fork();
        if (child == 0) {
            run_lane(*shared, shared->lanes[i], plan, reached.subspan(i * branches, branches));
            std::fflush(stdout);
            std::_Exit(0);
        }
        children.push_back(child);
    }
    farm_result outcome;
    for (unsigned i = 0; i < processes; ++i) {
        int status = 0;
        (void)::waitpid(children[i], &status, 0);
        const lane& ended = shared->lanes[i];
        if (status != 0) {
            shared->stop = true;
            if (!outcome.failed) {
                outcome.failed = failed_run{plan.options, reason_of(ended, status)};
                outcome.failed->options.seed = ended.seed;
            }
        }
        add(outcome.totals.sums, ended.totals.sums);
        outcome.totals.runs += ended.totals.runs;
    }
    outcome.totals.branches = branches;
    for (std::size_t i = 0; i < branches; ++i) {
        bool taken = false;
        for (unsigned process = 0; process < processes; ++process) {
            taken = taken || reached[process * branches + i] != 0;
        }
        outcome.totals.branches_reached += taken ? 1U : 0U;
    }
    outcome.totals.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    (void)::munmap(shared, sizeof(shared_state));
    (void)::munmap(reached.data(), std::max<std::size_t>(1, reached.size()));
    return outcome;
}

std::optional<std::string> attempt(const world_entry& which, const run_options& options,
                                   bool quiet) {
    auto* own = new (map_shared<void>(sizeof(lane))) lane{};
    std::fflush(stdout);
    const pid_t child = ::fork();
    if (child == 0) {
        if (quiet) {
            const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
            (void)::dup2(nowhere, STDOUT_FILENO);
            (void)::dup2(nowhere, STDERR_FILENO);
        }
        (void)std::signal(SIGABRT, SIG_DFL);  // Whose handler it is does not concern this process.
        own_lane = own;
        simulation::on_failure(report_failure);
        warm_up(which);
        run_checked(*own, which, options);
        std::fflush(stdout);
        std::_Exit(0);
    }
    int status = 0;
    (void)::waitpid(child, &status, 0);
    std::optional<std::string> reason;
    if (status != 0) {
        reason = reason_of(*own, status);
    }
    (void)::munmap(own, sizeof(lane));
    return reason;
}

}  // namespace rouse::sim
