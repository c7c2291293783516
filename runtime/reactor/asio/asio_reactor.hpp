#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>

#include "runtime/reactor/asio/buffer_pool.hpp"
#include "runtime/reactor/asio/descriptor_watch.hpp"
#include "runtime/reactor/asio/file_threads.hpp"
#include "runtime/reactor/asio/read_set.hpp"
#include "runtime/reactor/reactor.hpp"

namespace rouse {

/// Executes operation records with calls that do not wait. What would have to waits in an epoll
/// set: reads in one of ours, which is a descriptor of Asio's as the signal and the writes are; and
/// files on a few threads. Belongs to one thread. Its one difference that can be seen: an open or a
/// read that a thread has begun cannot be cancelled, and ends by itself.
class asio_reactor final : public reactor {
   public:
    /// Throws std::system_error when there is no descriptor for its epoll sets, and bad_alloc.
    asio_reactor(std::unique_ptr<epoll::buffer_pool> buffers, reactor_limits limits);

    /// Cancels what is left and waits for the last completion. All streams, leases and futures are
    /// gone.
    ~asio_reactor() override;

    [[nodiscard]] result<> turn(std::optional<duration> wait) override;
    [[nodiscard]] time_point now() const noexcept override { return clock::now(); }
    [[nodiscard]] buffer_source& buffers() noexcept override { return *buffers_; }
    [[nodiscard]] reactor_description describe() const override;

   private:
    using watch = epoll::descriptor_watch;
    using watch_list = intrusive_list<watch, epoll::watches_of_reactor>;

    void close(unique_fd fd) noexcept override;
    void request_cancel(operation& op) noexcept override;

    void finish_cancelled() noexcept;
    void take_file_answers() noexcept;
    void start_waiting() noexcept;
    void start(operation& op) noexcept;
    void start_file(one_shot_operation& op) noexcept;
    void start_read(operation& op) noexcept;
    void start_write(one_shot_operation& op) noexcept;

    /// The watch of a descriptor; made when there is none. Null when there is no memory for it.
    [[nodiscard]] watch* watch_of(int fd) noexcept;
    [[nodiscard]] watch* find_watch(int fd) const noexcept;
    /// Has Asio call when a socket takes bytes again.
    void arm_write(watch& waiting) noexcept;
    void arm_writes() noexcept;
    void watch_signal();
    void watch_reads();

    void sleep(std::optional<duration> wait);
    /// Reads what is ready to be read.
    void look_at_reads() noexcept;
    void read_ready(watch& waiting, std::uint32_t events) noexcept;
    void write_ready(watch& waiting) noexcept;
    void bury_closed() noexcept;

    // Each goes on with an operation; false when it has to wait.
    [[nodiscard]] bool step_read(watch& waiting, operation& op) noexcept;
    [[nodiscard]] bool step_accept(operation& op) noexcept;
    [[nodiscard]] bool step_receive(watch& waiting, operation& op) noexcept;
    [[nodiscard]] bool step_write(one_shot_operation& op) noexcept;

    std::unique_ptr<epoll::buffer_pool> buffers_;
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> working_;
    epoll::read_set read_set_;
    watch::asio_descriptor reads_watch_;   ///< Of read_set_.
    watch::asio_descriptor signal_watch_;  ///< Of signal().
    bool are_reads_watched_ = false;
    bool is_signal_watched_ = false;
    std::size_t reads_last_ = 0;  ///< Descriptors of the last look at read_set_.
    std::size_t writes_armed_ = 0;
    slab<watch> watches_;
    std::vector<watch*> watch_by_fd_;
    watch_list to_arm_;
    watch_list closed_;         ///< May still be in the events of the look that is under way.
    operation_list cancelled_;  ///< In flight; their last completion comes with the next turn.
    epoll::file_threads files_;
};

}  // namespace rouse
