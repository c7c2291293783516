#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <system_error>
#include <vector>

#include "runtime/reactor/buffer_lease.hpp"

namespace rouse::epoll {

/// Receive buffers that are taken when bytes are there, so that an idle connection holds none.
///
/// As many as `buffers` may be out at first; the pool grows, a doubling at a time and up to
/// `buffers_max`, when that is not enough for those who still read. The address space for all of
/// them is reserved at the start; the one that came back last is taken first, so only as many have
/// memory as were ever out at one time.
class buffer_pool final : public buffer_source {
   public:
    struct options {
        std::uint16_t buffers;
        std::uint16_t buffers_max;
        std::uint32_t buffer_bytes;
    };

    /// The errno of mmap(2). Throws bad_alloc.
    [[nodiscard]] static std::expected<std::unique_ptr<buffer_pool>, std::error_code> make(
        options wanted);
    ~buffer_pool() override;

    /// None when as many are out as may be.
    [[nodiscard]] std::optional<std::uint16_t> take() noexcept;
    void recycle(std::uint16_t index) noexcept override { unused_.push_back(index); }

    /// How many can be taken now.
    [[nodiscard]] std::size_t free() const noexcept {
        return provided_ - (buffers_max_ - unused_.size());
    }

    /// Doubles what may be out. False when it is as much as it may be.
    [[nodiscard]] bool grow() noexcept;

   private:
    buffer_pool(std::byte* memory, options wanted);

    std::size_t buffers_max_;
    std::size_t provided_;
    std::vector<std::uint16_t> unused_;  ///< Has room for all: recycle() does not allocate.
};

}  // namespace rouse::epoll
