#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace rouse::fuzz {

/// Takes the input of a fuzz target apart from its front. Where the input has ended, numbers are 0
/// and texts are empty, so every input means something.
class byte_reader {
   public:
    byte_reader(const std::uint8_t* data, std::size_t size) noexcept
        : rest_(reinterpret_cast<const char*>(data), size) {}

    [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }

    /// A number of `Number`'s bytes, in the order of this machine.
    template <class Number>
    [[nodiscard]] Number number() noexcept {
        Number value{};
        const std::string_view taken = text(sizeof value);
        if (!taken.empty()) {
            std::memcpy(&value, taken.data(), taken.size());
        }
        return value;
    }
    /// One byte, brought below `bound`.
    [[nodiscard]] std::size_t below(std::size_t bound) noexcept {
        return number<std::uint8_t>() % bound;
    }
    [[nodiscard]] bool flag() noexcept { return below(2) != 0; }

    /// Up to `bytes` bytes.
    [[nodiscard]] std::string_view text(std::size_t bytes) noexcept {
        const std::string_view taken = rest_.substr(0, bytes);
        rest_.remove_prefix(taken.size());
        return taken;
    }
    /// A text with its length, one byte, before it.
    [[nodiscard]] std::string_view counted_text() noexcept { return text(number<std::uint8_t>()); }
    /// Up to the separator, which is dropped, or to the end.
    [[nodiscard]] std::string_view text_until(char separator) noexcept {
        const std::string_view taken = text(rest_.find(separator));
        (void)text(1);
        return taken;
    }
    [[nodiscard]] std::string_view rest() noexcept { return text(rest_.size()); }

   private:
    std::string_view rest_;
};

/// A copy in memory of just its size, so that ASan sees a byte read too far.
class exact_copy {
   public:
    explicit exact_copy(std::string_view text)
        : memory_(std::make_unique_for_overwrite<char[]>(text.size())),
          text_(memory_.get(), text.size()) {
        text.copy(memory_.get(), text.size());
    }

    [[nodiscard]] std::string_view text() const noexcept { return text_; }

   private:
    std::unique_ptr<char[]> memory_;
    std::string_view text_;
};

}  // namespace rouse::fuzz
