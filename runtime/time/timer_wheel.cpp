#include "runtime/time/timer_wheel.hpp"

#include <algorithm>
#include <bit>

namespace rouse {

timer_wheel::~timer_wheel() {
    const auto clear = [](entry_list& entries) {
        while (entries.pop_front() != nullptr) {
        }
    };
    clear(due_);
    for (auto& level : slots_) {
        std::ranges::for_each(level, clear);
    }
}

void timer_wheel::start(timer_entry& entry, time_point deadline) noexcept {
    entry.cancel();
    entry.deadline_tick_ = deadline_tick(deadline);
    link(entry);
}

void timer_wheel::extend(timer_entry& entry, time_point later) noexcept {
    assert(entry.is_linked());
    const std::uint64_t tick = deadline_tick(later);
    assert(tick >= entry.deadline_tick_);
    entry.deadline_tick_ = tick;
}

std::size_t timer_wheel::advance(time_point now) noexcept {
    now_ = std::max(now_, now);
    const auto target =
        static_cast<std::uint64_t>(std::chrono::floor<milliseconds>(now_ - start_).count());
    std::size_t fired = fire_due(due_);
    for (auto next = next_slot(); next && next->tick <= target; next = next_slot()) {
        tick_ = next->tick;
        occupied_[next->level] &= ~(std::uint64_t{1} << next->slot);
        entry_list taken;  // entries that are linked anew may come into a slot of the same index
        taken.splice_back(slots_[next->level][next->slot]);
        fired += fire_due(taken);
    }
    tick_ = target;
    return fired;
}

std::optional<time_point> timer_wheel::next_deadline() noexcept {
    if (!due_.empty()) {
        return now_;
    }
    const auto next = next_slot();
    return next ? std::optional(time_of(next->tick)) : std::nullopt;
}

std::uint64_t timer_wheel::deadline_tick(time_point deadline) const noexcept {
    if (deadline <= start_) {
        return 0;
    }
    return static_cast<std::uint64_t>(std::chrono::ceil<milliseconds>(deadline - start_).count());
}

time_point timer_wheel::time_of(std::uint64_t tick) const noexcept {
    const milliseconds since_start(static_cast<milliseconds::rep>(tick));
    if (since_start > std::chrono::floor<milliseconds>(time_point::max() - start_)) {
        return time_point::max();
    }
    return start_ + since_start;
}

/// The occupied slot that comes first; forgets the bits of slots that were emptied by cancel on the
/// way.
std::optional<timer_wheel::slot_turn> timer_wheel::next_slot() noexcept {
    for (unsigned level = 0; level < levels; ++level) {
        std::uint64_t& bits = occupied_[level];
        while (bits != 0) {
            const auto slot = static_cast<unsigned>(std::countr_zero(bits));
            if (!slots_[level][slot].empty()) {
                const unsigned shift = level * digit_bits;
                const std::uint64_t below = (std::uint64_t{1} << (shift + digit_bits)) - 1;
                return slot_turn{(tick_ & ~below) | (std::uint64_t{slot} << shift), level, slot};
            }
            bits &= bits - 1;
        }
    }
    return std::nullopt;
}

void timer_wheel::link(timer_entry& entry) noexcept {
    if (entry.deadline_tick_ <= tick_) {
        due_.push_back(entry);
        return;
    }
    const auto highest = static_cast<unsigned>(std::bit_width(entry.deadline_tick_ ^ tick_)) - 1;
    const unsigned level = highest / digit_bits;
    const auto slot = static_cast<unsigned>((entry.deadline_tick_ >> (level * digit_bits)) &
                                            (slots_per_level - 1));
    slots_[level][slot].push_back(entry);
    occupied_[level] |= std::uint64_t{1} << slot;
}

/// Wakes the entries that are due and links the others anew. Waking may destroy or cancel any entry
/// of the list: only its front is ever looked at.
std::size_t timer_wheel::fire_due(entry_list& entries) noexcept {
    std::size_t fired = 0;
    while (timer_entry* entry = entries.pop_front()) {
        if (entry->deadline_tick_ > tick_) {
            link(*entry);
            continue;
        }
        ++fired;
        if (entry->waker_) {
            std::move(entry->waker_).wake();
        }
    }
    return fired;
}

}  // namespace rouse
