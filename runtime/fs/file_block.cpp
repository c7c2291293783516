#include "runtime/fs/file_block.hpp"

#include <cstring>
#include <new>

namespace rouse {

file_blocks::~file_blocks() {
    for (free_list* kept : {&small_, &large_}) {
        while (kept->first != nullptr) {
            ::operator delete(std::exchange(kept->first, kept->first->next));
        }
    }
}

void file_blocks::owner_gone() noexcept {
    abandoned_ = true;
    if (bytes_outside_ == 0) {
        delete this;
    }
}

file_block file_blocks::take(std::size_t bytes) {
    const bool is_small = bytes <= small_bytes;
    const std::size_t capacity = is_small ? small_bytes : large_bytes;
    free_list& kept = is_small ? small_ : large_;
    block* taken = kept.first;
    if (taken != nullptr) {
        kept.first = taken->next;
        --kept.count;
    } else {
        void* memory = ::operator new(sizeof(block) + capacity);
        taken = ::new (memory) block{.pool = this, .next = nullptr, .capacity = capacity};
        // Page faults come here, and not in the kernel's copy; and whatever goes wrong later, what
        // the heap held before is not in a file's bytes.
        std::memset(taken->data(), 0, capacity);
    }
    bytes_outside_ += capacity;
    return file_block(*taken);
}

void file_blocks::give_back(block& returned) noexcept {
    const bool is_small = returned.capacity == small_bytes;
    free_list& kept = is_small ? small_ : large_;
    bytes_outside_ -= returned.capacity;
    if (kept.count < (is_small ? small_kept_max : large_kept_max) && !abandoned_) {
        returned.next = std::exchange(kept.first, &returned);
        ++kept.count;
        return;
    }
    ::operator delete(&returned);
    if (abandoned_ && bytes_outside_ == 0) {
        delete this;
    }
}

owned_bytes file_block::take_bytes() noexcept {
    if (size_ == 0) {
        return {};
    }
    const std::size_t size = std::exchange(size_, 0);
    const std::byte* data = std::exchange(block_, nullptr)->data();
    return {std::span(data, size), nullptr, [](void* /*owner*/, const std::byte* begin) noexcept {
                file_blocks::block& back = file_blocks::block::of(begin);
                back.pool->give_back(back);
            }};
}

void file_block::reset() noexcept {
    size_ = 0;
    if (block_ != nullptr) {
        file_blocks::block& back = *std::exchange(block_, nullptr);
        back.pool->give_back(back);
    }
}

}  // namespace rouse
