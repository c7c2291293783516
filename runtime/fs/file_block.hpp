#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "runtime/base/owned_bytes.hpp"

namespace rouse {

class file_block;

/// The memory that files are read into: blocks of two sizes, reused last in, first out. It may be
/// destroyed while reads and sends still hold blocks: the last one to come back frees what is left.
/// One thread.
class file_blocks {
   public:
    static constexpr std::size_t small_bytes = std::size_t{64} * 1'024;
    static constexpr std::size_t large_bytes = std::size_t{256} * 1'024;
    /// Free blocks that are kept of each size; more go back to the heap.
    static constexpr std::size_t small_kept_max = 64;
    static constexpr std::size_t large_kept_max = 16;

    struct block {
        file_blocks* pool;
        block* next;
        std::size_t capacity;

        [[nodiscard]] std::byte* data() noexcept { return reinterpret_cast<std::byte*>(this + 1); }
        [[nodiscard]] static block& of(const std::byte* data) noexcept {
            return *(reinterpret_cast<block*>(const_cast<std::byte*>(data)) - 1);
        }
    };
    struct abandon {
        void operator()(file_blocks* pool) const noexcept { pool->owner_gone(); }
    };
    using handle = std::unique_ptr<file_blocks, abandon>;

    [[nodiscard]] static handle make() { return handle(new file_blocks); }

    /// An empty block with room for `bytes`, or a large one when that is more. Throws bad_alloc.
    [[nodiscard]] file_block take(std::size_t bytes);
    void give_back(block& returned) noexcept;

    /// Of blocks that are in use, and of those that are kept.
    [[nodiscard]] std::size_t bytes_outside() const noexcept { return bytes_outside_; }
    [[nodiscard]] std::size_t bytes_kept() const noexcept {
        return small_.count * small_bytes + large_.count * large_bytes;
    }

   private:
    struct free_list {
        block* first = nullptr;
        std::size_t count = 0;
    };

    file_blocks() noexcept = default;
    ~file_blocks();
    void owner_gone() noexcept;

    free_list small_;
    free_list large_;
    std::size_t bytes_outside_ = 0;
    bool abandoned_ = false;
};

/// One block and the bytes in it so far. Move only; goes back to its pool when it ends.
class file_block {
   public:
    file_block() noexcept = default;
    explicit file_block(file_blocks::block& taken) noexcept : block_(&taken) {}
    file_block(file_block&& other) noexcept
        : block_(std::exchange(other.block_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    file_block& operator=(file_block&& other) noexcept {
        if (this != &other) {
            reset();
            block_ = std::exchange(other.block_, nullptr);
            size_ = std::exchange(other.size_, 0);
        }
        return *this;
    }
    ~file_block() { reset(); }

    /// False: it has no memory, and no room.
    [[nodiscard]] explicit operator bool() const noexcept { return block_ != nullptr; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
        return block_ == nullptr ? std::span<const std::byte>() : std::span(block_->data(), size_);
    }

    /// The memory behind the bytes; what of it was filled is then said with commit().
    [[nodiscard]] std::span<std::byte> room() const noexcept {
        return block_ == nullptr ? std::span<std::byte>()
                                 : std::span(block_->data() + size_, block_->capacity - size_);
    }
    void commit(std::size_t bytes) noexcept {
        assert(bytes <= room().size());
        size_ += bytes;
    }

    /// The bytes, for a send, without a copy. They keep the block, which is empty afterwards.
    [[nodiscard]] owned_bytes take_bytes() noexcept;
    void reset() noexcept;

   private:
    file_blocks::block* block_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace rouse
