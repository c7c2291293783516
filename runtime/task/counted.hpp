#pragma once

#include <atomic>
#include <cassert>
#include <cstddef>
#include <utility>

namespace rouse {

/// A number of owners that one thread keeps.
class plain_count {
   public:
    void add() noexcept { ++owners_; }
    /// True for the last owner.
    [[nodiscard]] bool drop() noexcept { return --owners_ == 0; }
    [[nodiscard]] std::size_t owners() const noexcept { return owners_; }

   private:
    std::size_t owners_ = 1;
};

/// A number of owners on any threads.
class atomic_count {
   public:
    // Whoever adds an owner holds one already, so nothing needs to be ordered.
    void add() noexcept { owners_.fetch_add(1, std::memory_order_relaxed); }
    /// True for the last owner, who then sees what all others did to the object.
    [[nodiscard]] bool drop() noexcept {
        return owners_.fetch_sub(1, std::memory_order_acq_rel) == 1;
    }
    [[nodiscard]] std::size_t owners() const noexcept {
        return owners_.load(std::memory_order_relaxed);
    }

   private:
    std::atomic<std::size_t> owners_ = 1;
};

/// Shares one object, which lies beside its count in one allocation and is destroyed with its last
/// owner. Unlike shared_ptr it says whether the count is atomic, is one pointer wide, and can be
/// passed through a void*.
template <class T, class Count>
class counted {
   public:
    template <class... Args>
    [[nodiscard]] static counted make(Args&&... args) {
        return counted(new block(std::forward<Args>(args)...));
    }

    counted() noexcept = default;
    counted(const counted& other) noexcept : block_(other.block_) {
        if (block_ != nullptr) {
            block_->count.add();
        }
    }
    counted(counted&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    counted& operator=(counted other) noexcept {
        std::swap(block_, other.block_);
        return *this;
    }
    ~counted() {
        if (block_ != nullptr && block_->count.drop()) {
            delete block_;
        }
    }

    [[nodiscard]] explicit operator bool() const noexcept { return block_ != nullptr; }
    [[nodiscard]] T& operator*() const noexcept {
        assert(block_ != nullptr);
        return block_->object;
    }
    [[nodiscard]] T* operator->() const noexcept { return &**this; }
    [[nodiscard]] std::size_t owners() const noexcept {
        return block_ == nullptr ? 0 : block_->count.owners();
    }

    /// Gives this owner up as a pointer that adopt, share and borrow take.
    [[nodiscard]] void* release() noexcept { return std::exchange(block_, nullptr); }
    /// Takes the owner that release gave up.
    [[nodiscard]] static counted adopt(void* released) noexcept {
        return counted(static_cast<block*>(released));
    }
    /// One more owner; the released one stays.
    [[nodiscard]] static counted share(void* released) noexcept {
        auto* const shared = static_cast<block*>(released);
        shared->count.add();
        return counted(shared);
    }
    /// The object, without an owner.
    [[nodiscard]] static T& borrow(void* released) noexcept {
        return static_cast<block*>(released)->object;
    }

   private:
    struct block {
        template <class... Args>
        explicit block(Args&&... args) : object(std::forward<Args>(args)...) {}
        Count count;
        T object;
    };

    explicit counted(block* owned) noexcept : block_(owned) {}

    block* block_ = nullptr;
};

/// Shared by the tasks of one thread.
template <class T>
using local_counted = counted<T, plain_count>;

}  // namespace rouse
