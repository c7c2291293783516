#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "runtime/reactor/buffer_lease.hpp"
#include "tests/sim/simulation.hpp"

namespace rouse::sim {

/// The receive buffers of the simulated kernel. One that is free is poisoned, and filled with
/// 0xdd, so that a view of it that is used is found, with a sanitizer at once.
class sim_buffers final : public buffer_source {
   public:
    static constexpr std::size_t buffer_bytes_max = 1'024;
    static constexpr std::uint16_t buffers_max = 128;

    sim_buffers(simulation& owner, std::uint16_t count, std::size_t buffer_bytes);
    ~sim_buffers() override;

    void recycle(std::uint16_t index) noexcept override;

    [[nodiscard]] std::size_t free() const noexcept { return free_.size(); }
    /// All are free, and none is leased.
    [[nodiscard]] bool is_whole() const noexcept { return free_.size() == out_.size(); }
    /// Takes a free buffer; there is one.
    [[nodiscard]] std::uint16_t take() noexcept;

   private:
    simulation& simulation_;
    std::deque<std::uint16_t> free_;
    std::vector<bool> out_;
};

}  // namespace rouse::sim
