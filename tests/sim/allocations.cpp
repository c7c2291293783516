#include "tests/sim/allocations.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

#include "tests/sim/simulation.hpp"

namespace rouse::sim {
namespace {

// Stands before each allocation.
struct alignas(std::max_align_t) allocation_header {
    std::size_t bytes;
    bool is_tested;
};

allocation_state state;
allocation_failure_handler handler = nullptr;

// Whether the run wants this allocation to fail.
bool is_to_fail() noexcept {
    simulation* const running = simulation::current();
    if (!state.in_tested_part || running == nullptr) {
        return false;
    }
    const simulated_part outside;
    ++state.made;
    const bool chosen = state.made == running->options().failing_allocation;
    if (chosen) {
        running->count(fault::allocation);
    }
    if (!chosen && !running->strike(fault::allocation)) {
        return false;
    }
    if (handler != nullptr) {
        handler();
    }
    return true;
}

void* allocate(std::size_t bytes) {
    auto* header =
        is_to_fail()
            ? nullptr
            : static_cast<allocation_header*>(std::malloc(sizeof(allocation_header) + bytes));
    if (header == nullptr) {
        throw std::bad_alloc();
    }
    *header = {.bytes = bytes, .is_tested = state.in_tested_part};
    if (header->is_tested) {
        ++state.live;
        state.live_bytes += bytes;
    }
    return header + 1;
}

void release(void* memory) noexcept {
    if (memory == nullptr) {
        return;
    }
    allocation_header* const header = static_cast<allocation_header*>(memory) - 1;
    if (header->is_tested) {
        --state.live;
        state.live_bytes -= header->bytes;
    }
    std::free(header);
}

}  // namespace

allocation_state& allocations() noexcept {
    return state;
}

void on_allocation_failure(allocation_failure_handler chosen) noexcept {
    handler = chosen;
}

}  // namespace rouse::sim

void* operator new(std::size_t bytes) {
    return rouse::sim::allocate(bytes);
}
void* operator new[](std::size_t bytes) {
    return rouse::sim::allocate(bytes);
}
// A sanitizer's runtime brings these two of its own, which do not call the ones above: memory of
// std::stable_sort, say, would come from there and go back here.
void* operator new(std::size_t bytes, const std::nothrow_t& /*nothrow*/) noexcept {
    try {
        return rouse::sim::allocate(bytes);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}
void* operator new[](std::size_t bytes, const std::nothrow_t& /*nothrow*/) noexcept {
    try {
        return rouse::sim::allocate(bytes);
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}
void operator delete(void* memory) noexcept {
    rouse::sim::release(memory);
}
void operator delete(void* memory, const std::nothrow_t& /*nothrow*/) noexcept {
    rouse::sim::release(memory);
}
void operator delete[](void* memory, const std::nothrow_t& /*nothrow*/) noexcept {
    rouse::sim::release(memory);
}
void operator delete[](void* memory) noexcept {
    rouse::sim::release(memory);
}
void operator delete(void* memory, std::size_t /*bytes*/) noexcept {
    rouse::sim::release(memory);
}
void operator delete[](void* memory, std::size_t /*bytes*/) noexcept {
    rouse::sim::release(memory);
}
