#pragma once

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "protocols/http/byte_class.hpp"
#include "protocols/http/scan_block.hpp"

namespace rouse::http::scan {

/// Finds the ends of field names and values in [begin, end), which is at least one block, going
/// forward only. It looks at whole blocks, wherever the fields lie in them: where a field begins
/// hangs on the end of the one before, and a load that waits for it costs more than the comparisons
/// do.
class field_scan {
   public:
    field_scan(const char* begin, const char* end, find_stops_function find_stops) noexcept
        : find_stops_(find_stops), end_(end), block_(begin), stops_(find_stops(begin)) {
        assert(has_block(begin, end));
    }

    [[nodiscard]] static bool has_block(const char* begin, const char* end) noexcept {
        return end - begin >= static_cast<std::ptrdiff_t>(block_bytes);
    }

    /// The first byte from `at` that cannot be in a field name, or the end. `at` is not before what
    /// was answered last.
    [[nodiscard]] const char* find_name_end(const char* at) noexcept {
        at = find(at, &field_stops::name);
        while (at != end_ && is_in(*at, byte_class::token)) [[unlikely]] {
            at = find(at + 1, &field_stops::name);
        }
        return at;
    }

    /// The same for a field value.
    [[nodiscard]] const char* find_value_end(const char* at) noexcept {
        return find(at, &field_stops::value);
    }

   private:
    [[nodiscard]] const char* find(const char* at, std::uint64_t field_stops::* kind) noexcept {
        for (;;) {
            const auto index = static_cast<std::size_t>(at - block_);
            if (index < block_bytes) [[likely]] {
                if (const std::uint64_t found = stops_.*kind >> index; found != 0) [[likely]] {
                    return at + std::countr_zero(found);
                }
                at = block_ + block_bytes;
            }
            if (at == end_) {
                return at;
            }
            go_on();
        }
    }

    // The last block overlaps the one before, so that it is a whole one too.
    void go_on() noexcept {
        block_ += block_bytes;
        if (!has_block(block_, end_)) {
            block_ = end_ - block_bytes;
        }
        stops_ = find_stops_(block_);
    }

    find_stops_function find_stops_;
    const char* end_;
    const char* block_;
    field_stops stops_;
};

}  // namespace rouse::http::scan
