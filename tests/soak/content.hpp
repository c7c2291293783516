#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace rouse::soak {

static_assert(std::endian::native == std::endian::little, "a byte of content is cut from a word");

/// One word of a sequence that looks random (splitmix64, public domain).
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t word) noexcept {
    word += 0x9e3779b97f4a7c15U;
    word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9U;
    word = (word ^ (word >> 27U)) * 0x94d049bb133111ebU;
    return word ^ (word >> 31U);
}

/// The random choices of one connection: the same for the same seed and number, in any program.
class draws {
   public:
    draws(std::uint64_t seed, std::uint64_t number) noexcept : state_(mix(mix(seed) ^ number)) {}

    [[nodiscard]] std::uint64_t next() noexcept { return mix(state_++); }
    /// 0 to `bound` - 1.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound) noexcept { return next() % bound; }
    [[nodiscard]] bool one_in(std::uint64_t count) noexcept { return below(count) == 0; }
    /// 0 to 2^`bits_max` - 1, each order of magnitude as often as any other.
    [[nodiscard]] std::uint64_t of_any_size(unsigned bits_max) noexcept {
        return below(std::uint64_t{1} << below(bits_max + 1));
    }

   private:
    std::uint64_t state_;
};

/// An endless stream of bytes in which each byte follows from the key and its position: what is
/// lost, doubled, swapped or of another stream does not match.
class content {
   public:
    explicit content(std::uint64_t key) noexcept : key_(mix(key)) {}

    void write(std::uint64_t offset, std::span<char> to) const noexcept {
        while (!to.empty()) {
            const std::uint64_t word = word_at(offset);
            const std::size_t count = std::min<std::size_t>(left_in_word(offset), to.size());
            std::memcpy(to.data(), &word, count);
            to = to.subspan(count);
            offset += count;
        }
    }

    [[nodiscard]] bool matches(std::uint64_t offset, std::span<const char> found) const noexcept {
        while (!found.empty()) {
            const std::uint64_t word = word_at(offset);
            const std::size_t count = std::min<std::size_t>(left_in_word(offset), found.size());
            if (std::memcmp(found.data(), &word, count) != 0) {
                return false;
            }
            found = found.subspan(count);
            offset += count;
        }
        return true;
    }

   private:
    static constexpr std::uint64_t word_bytes = sizeof(std::uint64_t);

    [[nodiscard]] static std::uint64_t left_in_word(std::uint64_t offset) noexcept {
        return word_bytes - offset % word_bytes;
    }
    // The word of this position, with the byte of this position first.
    [[nodiscard]] std::uint64_t word_at(std::uint64_t offset) const noexcept {
        return mix(key_ + offset / word_bytes) >> (offset % word_bytes * 8U);
    }

    std::uint64_t key_;
};

}  // namespace rouse::soak
