#include "protocols/http/output_buffer.hpp"

#include <algorithm>
#include <new>
#include <span>

namespace rouse::http {

output_pool::~output_pool() {
    while (free_ != nullptr) {
        ::operator delete(std::exchange(free_, free_->next));
    }
}

void output_pool::owner_gone() noexcept {
    abandoned_ = true;
    if (outside_ == 0) {
        delete this;
    }
}

output_pool::block& output_pool::take(std::size_t bytes) {
    if (bytes <= block_bytes && free_ != nullptr) {
        --free_count_;
        ++outside_;
        return *std::exchange(free_, free_->next);
    }
    const std::size_t capacity = std::max(bytes, block_bytes);
    void* memory = ::operator new(sizeof(block) + capacity);
    ++outside_;
    return *::new (memory) block{.pool = this, .next = nullptr, .capacity = capacity};
}

void output_pool::give_back(block& returned) noexcept {
    --outside_;
    if (returned.capacity == block_bytes && free_count_ < blocks_kept_max && !abandoned_) {
        returned.next = free_;
        free_ = &returned;
        ++free_count_;
        return;
    }
    ::operator delete(&returned);
    if (abandoned_ && outside_ == 0) {
        delete this;
    }
}

void output_buffer::grow(std::size_t bytes) {
    const std::size_t wanted =
        block_ == nullptr ? bytes : std::max(size_ + bytes, block_->capacity * 2);
    output_pool::block& larger = pool_.take(wanted);
    if (block_ != nullptr) {
        std::memcpy(larger.data(), block_->data(), size_);
        pool_.give_back(*block_);
    }
    block_ = &larger;
}

owned_bytes output_buffer::take() noexcept {
    if (size_ == 0) {
        return {};
    }
    output_pool::block& full = *std::exchange(block_, nullptr);
    const std::size_t size = std::exchange(size_, 0);
    return {std::as_bytes(std::span(full.data(), size)), nullptr,
            [](void* /*owner*/, const std::byte* data) noexcept {
                output_pool::block& back = output_pool::block::of(data);
                back.pool->give_back(back);
            }};
}

void output_buffer::clear() noexcept {
    size_ = 0;
    if (block_ != nullptr) {
        pool_.give_back(*std::exchange(block_, nullptr));
    }
}

}  // namespace rouse::http
