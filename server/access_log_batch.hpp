#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "server/access_line.hpp"
#include "server/access_log_ring.hpp"

namespace rouse::server {

/// Bytes of one write.
inline constexpr std::size_t access_batch_bytes = 65'536;

/// Lines that were taken out of the rings and are being written. It knows when a target was left
/// with half a line, by an error in the middle of one, and then ends that line first, so that it
/// spoils no other.
class access_log_batch {
   public:
    /// Takes whole lines while there is room.
    void fill(access_log_ring& ring) noexcept {
        if (size_ == 0 && is_torn_) {
            bytes_[size_++] = '\n';
            mends_ = true;
        }
        size_ += ring.pop_lines(std::span(bytes_).subspan(size_));
    }

    /// The rings may have had more.
    [[nodiscard]] bool is_full() const noexcept {
        return bytes_.size() - size_ < access_line_bytes_max;
    }

    /// Nothing but the end of a torn line is no reason to write.
    [[nodiscard]] bool empty() const noexcept { return size_ == (mends_ ? 1U : 0U); }

    [[nodiscard]] std::string_view unwritten() const noexcept {
        return {bytes_.data() + written_, size_ - written_};
    }

    void advance(std::size_t bytes) noexcept {
        written_ += bytes;
        if (bytes > 0) {
            mends_ = false;
            is_torn_ = bytes_[written_ - 1] != '\n';
        }
        if (written_ == size_) {
            clear();
        }
    }

    /// Forgets what is not written. Returns how many lines that were, one half of which was written
    /// included.
    std::uint64_t drop() noexcept {
        const std::uint64_t lines = lines_in(unwritten());
        clear();
        return lines;
    }

    /// What follows goes to another target: the rest of a line of which half is written is dropped.
    /// Returns how many lines that were.
    std::uint64_t change_target() noexcept {
        const bool mended = mends_;
        const bool torn = is_torn_ && written_ > 0;
        is_torn_ = false;
        if (!mended && !torn) {
            return 0;
        }
        written_ += unwritten().find('\n') + 1;
        mends_ = false;
        if (written_ == size_) {
            clear();
        }
        return mended ? 0 : 1;
    }

   private:
    [[nodiscard]] std::uint64_t lines_in(std::string_view text) const noexcept {
        const auto ends = static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
        return mends_ ? ends - 1 : ends;
    }

    void clear() noexcept {
        size_ = 0;
        written_ = 0;
        mends_ = false;
    }

    std::array<char, access_batch_bytes> bytes_;
    std::size_t size_ = 0;
    std::size_t written_ = 0;
    bool is_torn_ = false;  // What was written last has no line break at its end.
    bool mends_ = false;    // The first byte, still unwritten, ends such a line.
};

}  // namespace rouse::server
