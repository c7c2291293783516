#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rouse::sim {

/// A well-mixed number of `value`: the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t value) noexcept {
    value += 0x9e37'79b9'7f4a'7c15U;
    value = (value ^ (value >> 30U)) * 0xbf58'476d'1ce4'e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d0'49bb'1331'11ebU;
    return value ^ (value >> 31U);
}

/// The choices of a run, in order: drawn from a seed (SplitMix64), or read from the bytes of a
/// schedule, and from the seed when these are used up. The same on every machine and with every
/// compiler, which the distributions of <random> are not.
class random_source {
   public:
    explicit random_source(std::uint64_t seed, std::span<const std::uint8_t> schedule = {}) noexcept
        : state_(seed), schedule_(schedule) {}

    /// A source of its own for a part of the run, so that what one part draws does not change what
    /// another does. A schedule is not divided: it goes to whoever asks this source.
    [[nodiscard]] random_source fork(std::uint64_t part) const noexcept {
        return random_source(mix(state_ ^ mix(part)));
    }

    /// A number below `bound`, which is not 0 and at most 2^32.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) noexcept {
        return (draw(bound) * bound) >> 32U;
    }
    /// From `least` to `most`, both included.
    [[nodiscard]] std::uint64_t between(std::uint64_t least, std::uint64_t most) noexcept {
        return least + below(most - least + 1);
    }
    [[nodiscard]] bool chance(std::uint32_t per_million) noexcept {
        return below(1'000'000) < per_million;
    }
    [[nodiscard]] bool coin() noexcept { return below(2) != 0; }
    template <class T, std::size_t Count>
    [[nodiscard]] const T& pick(const T (&from)[Count]) noexcept {
        return from[below(Count)];
    }

   private:
    /// 32 bits; of a schedule no more bytes than the bound needs.
    [[nodiscard]] std::uint64_t draw(std::uint64_t bound) noexcept {
        if (!schedule_.empty()) {
            std::uint64_t value = 0;
            unsigned bits = 0;
            do {
                value = (value << 8U) | schedule_.front();
                schedule_ = schedule_.subspan(1);
                bits += 8;
            } while (bits < 32 && !schedule_.empty() && (bound >> bits) > 1);
            return (value << (32U - bits)) & 0xffff'ffffU;
        }
        const std::uint64_t drawn = mix(state_);
        state_ += 0x9e37'79b9'7f4a'7c15U;
        return drawn >> 32U;
    }

    std::uint64_t state_;
    std::span<const std::uint8_t> schedule_;
};

}  // namespace rouse::sim
