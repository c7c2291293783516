#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <new>
#include <string_view>

namespace rouse::test {

/// Memory between two pages that nobody may touch: a parser that reads one byte too far is killed
/// on the spot.
class guard_page {
   public:
    /// Room for texts of up to `bytes_max`.
    explicit guard_page(std::size_t bytes_max)
        : page_bytes_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))),
          usable_bytes_((bytes_max / page_bytes_ + 1) * page_bytes_) {
        void* mapped = mmap(nullptr, usable_bytes_ + 2 * page_bytes_, PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (mapped == MAP_FAILED) {
            throw std::bad_alloc();
        }
        memory_ = static_cast<char*>(mapped) + page_bytes_;
        if (mprotect(memory_, usable_bytes_, PROT_READ | PROT_WRITE) != 0) {
            munmap(mapped, usable_bytes_ + 2 * page_bytes_);
            throw std::bad_alloc();
        }
    }
    guard_page(const guard_page&) = delete;
    guard_page& operator=(const guard_page&) = delete;
    ~guard_page() { munmap(memory_ - page_bytes_, usable_bytes_ + 2 * page_bytes_); }

    /// Copies `text` so that its last byte is the last one that may be read. Ends the copy made
    /// before.
    [[nodiscard]] std::string_view place(std::string_view text) {
        if (text.size() > usable_bytes_) {
            throw std::bad_alloc();
        }
        char* const begin = memory_ + usable_bytes_ - text.size();
        text.copy(begin, text.size());
        return {begin, text.size()};
    }

    /// Copies `text` so that its first byte is the first one that may be read. Ends the copy made
    /// before.
    [[nodiscard]] std::string_view place_first(std::string_view text) {
        if (text.size() > usable_bytes_) {
            throw std::bad_alloc();
        }
        text.copy(memory_, text.size());
        return {memory_, text.size()};
    }

   private:
    std::size_t page_bytes_;
    std::size_t usable_bytes_;
    char* memory_ = nullptr;
};

}  // namespace rouse::test
