#include "tests/sim/sim_buffers.hpp"

#include <cstring>

#include "tests/sim/allocations.hpp"
#include "tests/support/poison.hpp"

namespace rouse::sim {
namespace {

// One run at a time, so all of them share it.
alignas(64) std::byte storage[sim_buffers::buffer_bytes_max * sim_buffers::buffers_max];

}  // namespace

sim_buffers::sim_buffers(simulation& owner, std::uint16_t count, std::size_t buffer_bytes)
    : buffer_source(storage, buffer_bytes), simulation_(owner), out_(count, false) {
    for (std::uint16_t index = 0; index < count; ++index) {
        free_.push_back(index);
    }
    ASAN_POISON_MEMORY_REGION(storage, sizeof storage);
}

sim_buffers::~sim_buffers() {
    ASAN_UNPOISON_MEMORY_REGION(storage, sizeof storage);
}

std::uint16_t sim_buffers::take() noexcept {
    const std::uint16_t index = free_.front();
    free_.pop_front();
    out_[index] = true;
    ASAN_UNPOISON_MEMORY_REGION(buffer(index), buffer_bytes());
    return index;
}

void sim_buffers::recycle(std::uint16_t index) noexcept {
    const simulated_part outside;
    simulation_.require(index < out_.size() && out_[index], "a buffer is given back twice");
    out_[index] = false;
    std::memset(buffer(index), 0xdd, buffer_bytes());
    ASAN_POISON_MEMORY_REGION(buffer(index), buffer_bytes());
    free_.push_back(index);
}

}  // namespace rouse::sim
