#include "tests/sim/fault.hpp"

namespace rouse::sim {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, fault_count> names{
    "late_completion",    "reordered",      "short_receive",  "short_send",
    "slow_send",          "reset",          "broken_pipe",    "timed_out",
    "no_buffers",         "queue_overflow", "no_descriptors", "no_kernel_memory",
    "connection_aborted", "multishot_end",  "late_cancel",    "full_submission",
    "spurious_wake",      "duplicate_wake", "clock_jump",     "slow_turn",
    "lost_datagram",      "allocation",     "stalling_peer",  "trickling_peer",
    "flooding_peer",      "vanishing_peer", "resetting_peer", "closing_peer",
    "half_closing_peer",  "short_read",     "slow_file",      "file_interrupted",
    "file_error",         "file_missing",   "file_denied",    "file_shrinks",
    "file_grows",         "file_replaced",  "file_deleted",   "cold_file"};

// What breaks a connection or excuses much must be seldom, or little else is tried.
std::uint32_t largest_rate(fault kind) noexcept {
    switch (kind) {
        case fault::reset:
        case fault::broken_pipe:
        case fault::timed_out:
            return 20'000;
        case fault::clock_jump:
        case fault::allocation:
            return 5'000;
        case fault::slow_turn:
        case fault::spurious_wake:
        case fault::queue_overflow:
            return 100'000;
        case fault::slow_file:
        case fault::file_error:
        case fault::file_missing:
        case fault::file_denied:
        case fault::file_shrinks:
        case fault::file_grows:
        case fault::file_replaced:
        case fault::file_deleted:
            return 50'000;
        case fault::no_descriptors:
        case fault::no_kernel_memory:
            return 200'000;
        default:
            return 500'000;
    }
}

}  // namespace

std::string_view name_of(fault kind) noexcept {
    return names[static_cast<std::size_t>(kind)];
}

std::optional<fault> fault_named(std::string_view name) noexcept {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name) {
            return static_cast<fault>(i);
        }
    }
    return std::nullopt;
}

fault_plan draw_faults(random_source& draw, fault_mask off) noexcept {
    constexpr std::uint32_t steps[] = {500, 20, 5, 1};  // The largest rate is divided by this.
    fault_plan plan;
    const bool clean = draw.below(8) == 0;
    // Those of files draw for themselves: what a schedule says of the others stays where it is.
    random_source file_draw = draw.fork(0);
    for (std::size_t i = 0; i < fault_count; ++i) {
        const auto kind = static_cast<fault>(i);
        random_source& from = kind >= fault::short_read ? file_draw : draw;
        const bool on = from.coin();
        const std::uint32_t rate = largest_rate(kind) / from.pick(steps);
        if (on && !clean && (off & to_mask(kind)) == 0) {
            plan.rates[i] = rate;
        }
    }
    return plan;
}

}  // namespace rouse::sim
