#include "tests/sim/simulation.hpp"

#include <cassert>
#include <cstdio>
#include <cstdlib>

namespace rouse::sim {
namespace {

// Every run begins at the same time: a clock that is not at zero, and a day of no importance.
constexpr time_point start{std::chrono::hours(1)};
constexpr std::time_t wall_start = 1'700'000'000;

// Keeps the streams of the faults apart from those of the parts.
constexpr std::uint64_t fault_streams = 1'000'000;

void abort_on_failure(std::string_view what) {
    std::fprintf(stderr, "simulation: %.*s\n", static_cast<int>(what.size()), what.data());
    std::abort();
}

}  // namespace

simulation* simulation::active = nullptr;
failure_handler simulation::installed_handler = abort_on_failure;

simulation::simulation(const run_options& options)
    : options_(options),
      root_(mix(options.seed)),
      scheduled_(mix(options.seed), options.schedule),
      trace_(options.traced),
      now_(start) {
    assert(active == nullptr);
    active = this;
    random_source plan_source = source(part::plan);
    plan_ = draw_faults(options.schedule.empty() ? plan_source : scheduled_, options.faults_off);
    fault_sources_.reserve(fault_count);
    for (std::size_t i = 0; i < fault_count; ++i) {
        fault_sources_.push_back(root_.fork(fault_streams + i));
    }
}

simulation::~simulation() {
    active = nullptr;
}

void simulation::advance_to(time_point later) noexcept {
    assert(later >= now_);
    now_ = later;
}

void simulation::jump(duration by) noexcept {
    now_ += by;
    jumped_ += by;
}

std::time_t simulation::wall_clock() const noexcept {
    return wall_start + std::chrono::duration_cast<std::chrono::seconds>(now_ - start).count();
}

std::int64_t simulation::wall_clock_nanoseconds() const noexcept {
    return std::chrono::nanoseconds(std::chrono::seconds(wall_start) + (now_ - start)).count();
}

random_source simulation::source(part of, std::uint64_t number) const noexcept {
    return root_.fork(static_cast<std::uint64_t>(of) + (number << 8U));
}

random_source& simulation::fault_source(fault kind) noexcept {
    return options_.schedule.empty() ? fault_sources_[static_cast<std::size_t>(kind)] : scheduled_;
}

bool simulation::strike(fault kind, std::uint64_t where) noexcept {
    const std::uint32_t rate = plan_.rate(kind);
    if (rate == 0 || !fault_source(kind).chance(rate)) {
        return false;
    }
    count(kind, where);
    return true;
}

std::uint64_t simulation::detail(fault kind, std::uint64_t bound) noexcept {
    return fault_source(kind).below(bound);
}

void simulation::count(fault kind, std::uint64_t where) noexcept {
    ++strikes_[static_cast<std::size_t>(kind)];
    log(event::strike, static_cast<std::uint64_t>(kind), where);
}

void simulation::fail(std::string_view what) const {
    std::fflush(stdout);
    installed_handler(what);
    std::abort();
}

}  // namespace rouse::sim
