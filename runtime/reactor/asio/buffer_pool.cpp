#include "runtime/reactor/asio/buffer_pool.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "runtime/base/error.hpp"

namespace rouse::epoll {

std::expected<std::unique_ptr<buffer_pool>, std::error_code> buffer_pool::make(options wanted) {
    const std::size_t bytes = std::size_t{wanted.buffers_max} * wanted.buffer_bytes;
    void* const mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) {
        return std::unexpected(errno_code(errno));
    }
    const auto unmap = [bytes](std::byte* memory) noexcept { (void)::munmap(memory, bytes); };
    std::unique_ptr<std::byte, decltype(unmap)> memory(static_cast<std::byte*>(mapped), unmap);
    std::unique_ptr<buffer_pool> made(new buffer_pool(memory.get(), wanted));
    (void)memory.release();
    return made;
}

buffer_pool::buffer_pool(std::byte* memory, options wanted)
    : buffer_source(memory, wanted.buffer_bytes),
      buffers_max_(wanted.buffers_max),
      provided_(std::min(wanted.buffers, wanted.buffers_max)) {
    unused_.reserve(wanted.buffers_max);
    for (std::uint16_t index = wanted.buffers_max; index-- > 0;) {
        unused_.push_back(index);
    }
}

buffer_pool::~buffer_pool() {
    (void)::munmap(memory(), buffers_max_ * buffer_bytes());
}

std::optional<std::uint16_t> buffer_pool::take() noexcept {
    if (free() == 0) {
        return std::nullopt;
    }
    const std::uint16_t index = unused_.back();
    unused_.pop_back();
    return index;
}

bool buffer_pool::grow() noexcept {
    const std::size_t before = std::exchange(provided_, std::min(provided_ * 2, buffers_max_));
    return provided_ > before;
}

}  // namespace rouse::epoll
