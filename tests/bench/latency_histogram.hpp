#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace rouse::bench {

/// Counts durations in buckets that are at most 1/32 wide of what they hold, from 1 ns to the end
/// of 64 bits.
class latency_histogram {
   public:
    void add(std::uint64_t nanoseconds) noexcept {
        ++counts_[bucket(nanoseconds)];
        ++total_;
    }

    /// The lower bound of the bucket that holds the sample of rank `share` (0 to 1); 0 without
    /// samples.
    [[nodiscard]] std::uint64_t percentile(double share) const noexcept {
        const auto rank = static_cast<std::uint64_t>(share * static_cast<double>(total_));
        std::uint64_t passed = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            passed += counts_[i];
            if (passed > rank) {
                return lower_bound(i);
            }
        }
        return 0;
    }

   private:
    static constexpr unsigned step_bits = 5;
    static constexpr std::uint64_t steps = 1U << step_bits;

    /// Values below `steps` have a bucket each; above, a bucket is the exponent and the next
    /// step_bits bits.
    [[nodiscard]] static std::size_t bucket(std::uint64_t value) noexcept {
        if (value < steps) {
            return value;
        }
        const auto shift = static_cast<unsigned>(std::bit_width(value)) - step_bits - 1;
        return (shift + 1) * steps + ((value >> shift) - steps);
    }

    [[nodiscard]] static std::uint64_t lower_bound(std::size_t index) noexcept {
        if (index < steps) {
            return index;
        }
        return (steps + index % steps) << (index / steps - 1);
    }

    std::array<std::uint64_t, steps * (65 - step_bits)> counts_{};
    std::uint64_t total_ = 0;
};

}  // namespace rouse::bench
