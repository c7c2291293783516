#pragma once

#include <cstddef>

// Of the sanitizers' runtime; null in a build without one. See sanitizer/allocator_interface.h.
// NOLINTNEXTLINE(bugprone-reserved-identifier): theirs.
extern "C" __attribute__((weak)) int __sanitizer_install_malloc_and_free_hooks(
    void (*malloc_hook)(const volatile void*, std::size_t),
    void (*free_hook)(const volatile void*));

namespace rouse::test {

/// Counts the allocations of this thread while it lives. Only a build with a sanitizer can count.
class allocation_count {
   public:
    allocation_count() noexcept {
        [[maybe_unused]] static const bool installed = install();
        count = 0;
    }
    allocation_count(const allocation_count&) = delete;
    allocation_count& operator=(const allocation_count&) = delete;

    [[nodiscard]] static bool is_available() noexcept {
        return __sanitizer_install_malloc_and_free_hooks != nullptr;
    }
    [[nodiscard]] std::size_t value() const noexcept { return count; }

   private:
    static bool install() noexcept {
        return is_available() &&
               __sanitizer_install_malloc_and_free_hooks(
                   [](const volatile void* /*memory*/, std::size_t /*bytes*/) { ++count; },
                   [](const volatile void* /*memory*/) {}) != 0;
    }

    static inline thread_local std::size_t count = 0;
};

}  // namespace rouse::test
