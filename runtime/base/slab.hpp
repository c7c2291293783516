#pragma once

#include <cassert>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace rouse {

/// Objects of one type in pages: addresses are stable, make and destroy are O(1), memory is reused
/// last in, first out, so that what is in use stays in cache. Pages are given back only when the
/// slab is destroyed, which must find it empty.
template <class T>
class slab {
   public:
    /// `objects_max` bounds the number of live objects; `page_objects` is how many one allocation
    /// holds.
    explicit slab(std::size_t objects_max, std::size_t page_objects = 64) noexcept
        : objects_max_(objects_max), page_objects_(page_objects) {}
    slab(const slab&) = delete;
    slab& operator=(const slab&) = delete;
    ~slab() { assert(size_ == 0); }

    /// Null when objects_max are live. Throws bad_alloc when a new page cannot be had.
    template <class... Args>
    [[nodiscard]] T* make(Args&&... args) {
        if (size_ == objects_max_) {
            return nullptr;
        }
        if (free_ == nullptr) {
            grow();
        }
        cell* taken = free_;
        cell* const next = taken->next;
        T* made = ::new (static_cast<void*>(taken->storage)) T(std::forward<Args>(args)...);
        free_ = next;
        ++size_;
        return made;
    }

    void destroy(T& object) noexcept {
        object.~T();
        auto* freed = ::new (static_cast<void*>(&object)) cell;
        freed->next = free_;
        free_ = freed;
        --size_;
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

   private:
    union cell {
        cell() noexcept : next(nullptr) {}
        cell* next;
        alignas(T) std::byte storage[sizeof(T)];
    };

    void grow() {
        pages_.push_back(std::make_unique<cell[]>(page_objects_));
        cell* page = pages_.back().get();
        for (std::size_t i = page_objects_; i-- > 0;) {
            page[i].next = free_;
            free_ = &page[i];
        }
    }

    std::vector<std::unique_ptr<cell[]>> pages_;
    cell* free_ = nullptr;
    std::size_t size_ = 0;
    std::size_t objects_max_;
    std::size_t page_objects_;
};

}  // namespace rouse
