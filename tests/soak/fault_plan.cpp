#include "tests/soak/fault_plan.hpp"

#include <array>

#include "tests/soak/content.hpp"

namespace rouse::soak {
namespace {

constexpr std::uint64_t plan_stream = 0x706c616e;  // Not the draws of the client's own choices.
constexpr unsigned cut_offset_bits = 15;

pace draw_pace(draws& from) noexcept {
    static constexpr std::array choices{pace::straight, pace::straight, pace::split,   pace::split,
                                        pace::split,    pace::trickle,  pace::coalesce};
    return choices[from.below(choices.size())];
}

cut_kind draw_cut(draws& from) noexcept {
    static constexpr std::array choices{cut_kind::end, cut_kind::reset, cut_kind::vanish,
                                        cut_kind::half_close};
    return from.one_in(2) ? cut_kind::none : choices[from.below(choices.size())];
}

}  // namespace

fault_plan plan_of(std::uint64_t seed, std::uint64_t connection) noexcept {
    draws from(seed ^ plan_stream, connection);
    fault_plan plan;
    plan.to_server = draw_pace(from);
    plan.to_client = draw_pace(from);
    plan.delay_one_in = from.one_in(2) ? 8 + from.below(64) : 0;
    plan.stall_one_in = from.one_in(4) ? 64 + from.below(512) : 0;
    plan.cut = draw_cut(from);
    plan.cut_direction = from.one_in(2) ? direction::to_server : direction::to_client;
    plan.cut_offset = from.of_any_size(cut_offset_bits);
    return plan;
}

std::string describe(const fault_plan& plan) {
    static constexpr std::array names{"no cut", "an end", "a reset", "silence and a reset",
                                      "a half-close"};
    std::string text = names[static_cast<std::size_t>(plan.cut)];
    if (plan.cut != cut_kind::none) {
        text += plan.cuts(direction::to_server) ? " to the server after " : " to the client after ";
        text += std::to_string(plan.cut_offset) + " bytes";
    }
    return text + " was planned";
}

}  // namespace rouse::soak
