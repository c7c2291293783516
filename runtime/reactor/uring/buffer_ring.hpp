#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>

#include "runtime/reactor/buffer_lease.hpp"
#include "runtime/reactor/uring/ring.hpp"

namespace rouse::uring {

/// Provided buffers: memory that the kernel takes a buffer from when bytes arrive, so that an idle
/// connection holds none.
///
/// The pool begins with `buffers` buffers and grows, a doubling at a time and up to `buffers_max`,
/// when a receive finds none free, because one connection may hold buffers for as long as its peer
/// does not read. The address space for all of them is reserved at the start, memory is used as the
/// pool grows. See io_uring_register_buf_ring(3).
class buffer_ring final : public buffer_source {
   public:
    struct options {
        std::uint16_t buffers;      ///< A power of two.
        std::uint16_t buffers_max;  ///< A power of two, at most 32,768.
        std::uint32_t buffer_bytes;
    };

    /// `host` must outlive it.
    [[nodiscard]] static std::expected<std::unique_ptr<buffer_ring>, setup_failure> make(
        ring& host, options wanted);
    ~buffer_ring() override;

    void recycle(std::uint16_t index) noexcept override;

    /// The kernel has filled buffer `index`.
    void taken() noexcept { ++outside_; }

    /// Buffers that the kernel may fill now.
    [[nodiscard]] std::uint32_t free() const noexcept { return provided_ - outside_; }
    [[nodiscard]] std::uint32_t provided() const noexcept { return provided_; }

    /// Doubles the pool. False when it is as large as it may be.
    [[nodiscard]] bool grow() noexcept;

   private:
    buffer_ring(ring& host, options wanted, std::byte* memory, io_uring_buf* entries) noexcept;
    void provide(std::uint16_t index) noexcept;
    void publish() noexcept;

    ring& host_;
    options options_;
    io_uring_buf*
        entries_;  // The ring that is shared with the kernel; its tail stands in entries_[0].resv.
    std::uint16_t tail_ = 0;
    std::uint32_t provided_ = 0;
    std::uint32_t outside_ = 0;
};

}  // namespace rouse::uring
