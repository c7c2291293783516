#pragma once

#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/reactor/buffer_lease.hpp"
#include "tests/fuzz/require.hpp"

namespace rouse::fuzz {

/// Buffers to lease, outside a reactor. The bytes stand at the end of a buffer, and what nobody
/// has leased is poisoned: a byte read too far, or after the lease is gone, is an error under ASan.
class leased_buffers final : public buffer_source {
   public:
    static constexpr std::size_t size = 256;
    static constexpr std::uint16_t count = 16;

    leased_buffers() : leased_buffers(std::make_unique<std::byte[]>(size * count)) {}
    leased_buffers(const leased_buffers&) = delete;
    leased_buffers& operator=(const leased_buffers&) = delete;
    ~leased_buffers() override {
        require(leased() == 0);
        ASAN_UNPOISON_MEMORY_REGION(storage_.get(), size * count);
    }

    [[nodiscard]] bool full() const noexcept { return free_.empty(); }

    /// 1 to `size` bytes in a buffer of their own; there must be one.
    [[nodiscard]] buffer_lease lease(std::string_view bytes) {
        require(!free_.empty() && !bytes.empty() && bytes.size() <= size);
        const std::uint16_t index = free_.back();
        free_.pop_back();
        const std::size_t offset = size - bytes.size();
        ASAN_UNPOISON_MEMORY_REGION(buffer(index) + offset, bytes.size());
        bytes.copy(reinterpret_cast<char*>(buffer(index) + offset), bytes.size());
        return {*this, index, offset, bytes.size()};
    }

    void recycle(std::uint16_t index) noexcept override {
        ASAN_POISON_MEMORY_REGION(buffer(index), size);
        free_.push_back(index);
    }

   private:
    explicit leased_buffers(std::unique_ptr<std::byte[]> storage)
        : buffer_source(storage.get(), size), storage_(std::move(storage)) {
        free_.reserve(count);
        for (std::uint16_t index = 0; index < count; ++index) {
            free_.push_back(index);
        }
        ASAN_POISON_MEMORY_REGION(storage_.get(), size * count);
    }

    std::unique_ptr<std::byte[]> storage_;
    std::vector<std::uint16_t> free_;
};

}  // namespace rouse::fuzz
