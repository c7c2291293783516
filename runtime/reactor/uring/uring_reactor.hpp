#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <expected>
#include <memory>

#include "runtime/reactor/make_reactor.hpp"
#include "runtime/reactor/uring/buffer_ring.hpp"
#include "runtime/reactor/uring/ring.hpp"

namespace rouse {

;

/// Executes operation records on an io_uring of its own: one system call a turn submits what is
/// waiting and takes in what is complete. Belongs to the thread that made it. Needs Linux 6.0; see
/// docs/architecture.md for what later ones add.
class uring_reactor final : public reactor {
   public:
    /// Fails with the cause and the cure when this machine does not give us a ring.
    [[nodiscard]] static std::expected<std::unique_ptr<uring_reactor>, setup_failure> make(
        const reactor_options& options = {});

    /// Cancels what is left and waits for the last completion. All streams, leases and futures are
    /// gone.
    ~uring_reactor() override;

    [[nodiscard]] result<> turn(std::optional<duration> wait) override;
    [[nodiscard]] time_point now() const noexcept override { return clock::now(); }
    [[nodiscard]] buffer_source& buffers() noexcept override { return *buffers_; }
    [[nodiscard]] reactor_description describe() const override;

   private:
    uring_reactor(uring::ring made, reactor_limits limits);

    void close(unique_fd fd) noexcept override;
    void request_cancel(operation& op) noexcept override;

    /// An entry; submits what is queued when there is none. Null only when the kernel holds back
    /// for memory.
    [[nodiscard]] io_uring_sqe* next_entry() noexcept;
    void watch_signal() noexcept;
    void prepare_waiting() noexcept;
    void prepare(operation& op, io_uring_sqe& entry) noexcept;
    static void prepare_file(one_shot_operation& op, io_uring_sqe& entry) noexcept;
    void retry_cancels() noexcept;
    /// Asks the kernel about receives that have had bytes lately, whether their peers have ended.
    void look_for_ends(time_point now) noexcept;
    void handle(const io_uring_cqe& cqe) noexcept;
    void handle_operation(operation& op, const io_uring_cqe& cqe) noexcept;
    void feed() noexcept;

    uring::ring ring_;
    std::unique_ptr<uring::buffer_ring> buffers_;
    msghdr datagram_header_{};  ///< The shape of every receive_from: how much room for the address.
    operation_list active_;     ///< In flight, and has received since the last look_for_ends.
    time_point next_look_{};    ///< When active_ is looked through.
    bool signal_watched_ = false;
    std::uint32_t cancels_delayed_ =
        0;  ///< Cancels that found no entry; looked for in the next turn.
};

}  // namespace rouse
