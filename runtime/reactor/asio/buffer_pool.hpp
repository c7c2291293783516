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

/// Receive buffers that are taken when bytes are there, so that an idle connection holds none. The
/// address space for all of them is reserved at the start; the one that came back last is taken
/// first, so only as many have memory as were ever in use at one time.
class buffer_pool final : public buffer_source {
   public:
    struct options {
        std::uint16_t buffers_max;
        std::uint32_t buffer_bytes;
    };

    /// The errno of mmap(2). Throws bad_alloc.
    [[nodiscard]] static std::expected<std::unique_ptr<buffer_pool>, std::error_code> make(
        options wanted);
    ~buffer_pool() override;

    /// None when all are out.
    [[nodiscard]] std::optional<std::uint16_t> take() noexcept;
    void recycle(std::uint16_t index) noexcept override { free_.push_back(index); }

    [[nodiscard]] std::size_t free() const noexcept { return free_.size(); }

   private:
    buffer_pool(std::byte* memory, options wanted);

    std::size_t mapped_bytes_;
    std::vector<std::uint16_t> free_;  ///< Has room for all: recycle() does not allocate.
};

}  // namespace rouse::epoll
