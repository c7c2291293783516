#pragma once

#include <cassert>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "runtime/base/owned_bytes.hpp"

namespace rouse::http {

/// The memory of output buffers: blocks of one size, reused last in, first out. Larger blocks come
/// from the heap and go back to it. It may be destroyed while sends still hold blocks: the last one
/// to come back frees what is left.
class output_pool {
   public:
    static constexpr std::size_t block_bytes = 8'192;
    /// Free blocks that are kept; more go back to the heap.
    static constexpr std::size_t blocks_kept_max = 256;

    struct block {
        output_pool* pool;
        block* next;
        std::size_t capacity;

        [[nodiscard]] char* data() noexcept { return reinterpret_cast<char*>(this + 1); }
        [[nodiscard]] static block& of(const std::byte* data) noexcept {
            return *(reinterpret_cast<block*>(const_cast<std::byte*>(data)) - 1);
        }
    };
    struct abandon {
        void operator()(output_pool* pool) const noexcept { pool->owner_gone(); }
    };
    using handle = std::unique_ptr<output_pool, abandon>;

    [[nodiscard]] static handle make() { return handle(new output_pool); }

    /// A block of at least `bytes`. Throws bad_alloc.
    [[nodiscard]] block& take(std::size_t bytes);
    void give_back(block& returned) noexcept;

   private:
    output_pool() noexcept = default;
    ~output_pool();
    void owner_gone() noexcept;

    block* free_ = nullptr;
    std::size_t free_count_ = 0;
    std::size_t outside_ = 0;
    bool abandoned_ = false;
};

/// Bytes on their way out, gathered until they are sent: all answers of a turn leave in one send.
/// Empty, it holds no memory.
class output_buffer {
   public:
    explicit output_buffer(output_pool& pool) noexcept : pool_(pool) {}
    output_buffer(const output_buffer&) = delete;
    output_buffer& operator=(const output_buffer&) = delete;
    ~output_buffer() { clear(); }

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Room for `bytes` more at the end; what of it is used is then said with commit(). Throws
    /// bad_alloc.
    [[nodiscard]] char* reserve(std::size_t bytes) {
        if (block_ == nullptr || block_->capacity - size_ < bytes) {
            grow(bytes);
        }
        return block_->data() + size_;
    }
    /// `end` is where the bytes written into the reserved room end.
    void commit(const char* end) noexcept {
        assert(end >= block_->data() + size_);
        size_ = static_cast<std::size_t>(end - block_->data());
    }
    void append(std::string_view text) {
        if (text.empty()) {
            return;  // memcpy takes no null pointer, not even for no bytes.
        }
        std::memcpy(reserve(text.size()), text.data(), text.size());
        size_ += text.size();
    }

    /// Hands the bytes to a send; the buffer is empty afterwards.
    [[nodiscard]] owned_bytes take() noexcept;
    void clear() noexcept;

   private:
    void grow(std::size_t bytes);

    output_pool& pool_;
    output_pool::block* block_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace rouse::http
