#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "runtime/base/intrusive_list.hpp"
#include "runtime/task/context.hpp"
#include "runtime/task/waker.hpp"
#include "runtime/time/clock.hpp"

namespace rouse {

/// One deadline and whom to wake at it. It lives in whoever waits (a future, a connection), so a
/// timer allocates nothing. It may be destroyed at any time, which takes it out of its wheel; it
/// must not move while it is linked.
class timer_entry : public intrusive_link<timer_entry> {
   public:
    timer_entry() noexcept = default;
    /// An entry that is not linked moves with its waker.
    timer_entry(timer_entry&& other) noexcept
        : intrusive_link(), deadline_tick_(other.deadline_tick_), waker_(std::move(other.waker_)) {
        assert(!other.is_linked());
    }
    timer_entry& operator=(timer_entry&&) = delete;
    ~timer_entry() { cancel(); }

    /// Keeps the waker of this poll, to be woken at the deadline. Firing uses it up; cancel and
    /// restart keep it.
    void set_waker(const context& cx) noexcept { store_waker(waker_, cx); }
    void set_waker(local_waker waker) noexcept { waker_ = std::move(waker); }

    /// Takes the entry out of its wheel; does nothing when it is in none. O(1), two stores.
    void cancel() noexcept {
        if (is_linked()) {
            unlink();
        }
    }

   private:
    friend class timer_wheel;

    std::uint64_t deadline_tick_ = 0;
    local_waker waker_;
};

/// The deadlines of one executor: a hierarchical wheel of 1 ms ticks. A deadline is rounded up to a
/// tick: an entry never fires early, and is due less than 1 ms after its deadline.
///
/// Level L has 64 slots of 64^L ticks. An entry is kept in the level of the highest base-64 digit
/// in which its deadline differs from now, at the index which that digit has in its deadline. So
/// within a level every occupied slot lies ahead of now, every slot of a lower level comes before
/// every slot of a higher one, and the next slot is the lowest bit of the lowest occupied level.
/// When a slot comes up, its entries fire or move to a lower level: at most once a level each. The
/// eight levels cover every time that a time_point can say, so there is no overflow list.
class timer_wheel {
   public:
    explicit timer_wheel(time_point now = clock::now()) noexcept : start_(now), now_(now) {}
    timer_wheel(const timer_wheel&) = delete;  // entries hold the address of their slot
    timer_wheel& operator=(const timer_wheel&) = delete;
    /// Entries that are still linked are taken out, and do not fire.
    ~timer_wheel();

    /// The time of the last advance (or of the construction): no system call.
    [[nodiscard]] time_point now() const noexcept { return now_; }

    /// Links the entry, or links it anew when it is linked. A deadline that has passed fires at the
    /// next advance. O(1).
    void start(timer_entry& entry, time_point deadline) noexcept;

    /// Puts off the deadline of a linked entry: a plain store, for timeouts that are pushed on by
    /// every request. The entry stays in its slot and finds its new one when that comes up. `later`
    /// must not be before its present deadline.
    void extend(timer_entry& entry, time_point later) noexcept;

    /// Sets now() and wakes the entries whose deadlines are not after it; their number is returned.
    /// Waking only queues, and an entry is unlinked before it is woken, so it may be destroyed or
    /// started again at once. A time before now() counts as now().
    std::size_t advance(time_point now) noexcept;

    /// When advance has something to do next, or nothing when no entry is linked. Never later than
    /// the earliest deadline (rounded up to its tick). It may be earlier: when the slot of a coarse
    /// level is to be spread over finer ones, or of an extended entry. A passed deadline answers
    /// now(). O(levels), apart from slots left empty by cancel, each of which is looked at once.
    [[nodiscard]] std::optional<time_point> next_deadline() noexcept;

   private:
    using entry_list = intrusive_list<timer_entry, timer_entry>;
    static constexpr unsigned digit_bits = 6;
    static constexpr unsigned slots_per_level = 1U << digit_bits;
    static constexpr unsigned levels = 8;
    static_assert(std::chrono::floor<milliseconds>(duration::max()).count() <
                  std::int64_t{1} << (digit_bits * levels));

    /// A slot with entries, and the first tick of its time.
    struct slot_turn {
        std::uint64_t tick;
        unsigned level;
        unsigned slot;
    };

    [[nodiscard]] std::uint64_t deadline_tick(time_point deadline) const noexcept;
    [[nodiscard]] time_point time_of(std::uint64_t tick) const noexcept;
    [[nodiscard]] std::optional<slot_turn> next_slot() noexcept;
    void link(timer_entry& entry) noexcept;
    std::size_t fire_due(entry_list& entries) noexcept;

    time_point start_;
    time_point now_;
    std::uint64_t tick_ = 0;  // whole ticks from start_ to now_
    // May keep the bit of a slot that cancel has emptied, until it is looked at.
    std::array<std::uint64_t, levels> occupied_{};
    entry_list due_;  // started with a deadline that had passed
    std::array<std::array<entry_list, slots_per_level>, levels> slots_;
};

static_assert(sizeof(timer_entry) <=
              2 * sizeof(void*) + sizeof(std::uint64_t) + sizeof(local_waker));

}  // namespace rouse
