#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/reactor/reactor.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/sim_buffers.hpp"
#include "tests/sim/sim_files.hpp"
#include "tests/sim/simulation.hpp"

namespace rouse::sim {

/// What is around the server: clients, and whoever gives it commands.
class surroundings {
   public:
    virtual ~surroundings() = default;
    /// When somebody wants to act next; time_point::max() for when something comes.
    [[nodiscard]] virtual time_point next_action() const noexcept = 0;
    /// Those act who want to by now.
    virtual void act() = 0;
    /// The server has run; what must hold between two turns.
    virtual void begin_turn() = 0;
    /// The server runs next.
    virtual void end_turn() = 0;
    /// Whether the server was told something from outside, which ends its sleep.
    [[nodiscard]] virtual bool take_signal() noexcept = 0;
};

struct sim_reactor_options {
    std::uint16_t buffers = 64;
    std::size_t buffer_bytes = 512;
    reactor_limits limits{};
};

/// Executes operation records on the simulated network and files, in virtual time: a turn that
/// waits moves the clock to the next thing that happens. Faults strike as the seed wants them. What
/// it does not simulate is how a real backend talks to its kernel.
class sim_reactor final : public reactor {
   public:
    sim_reactor(simulation& owner, network& wires, const sim_reactor_options& options);
    /// Takes in the last completions of what was orphaned.
    ~sim_reactor() override;

    /// Who acts while the server sleeps; set before the first turn.
    void surround(surroundings& others) noexcept { others_ = &others; }

    [[nodiscard]] result<> turn(std::optional<duration> wait) override;
    [[nodiscard]] time_point now() const noexcept override { return simulation_.now(); }
    [[nodiscard]] sim_buffers& buffers() noexcept override { return buffers_; }
    [[nodiscard]] reactor_description describe() const override { return {"simulation", {}, {}}; }
    /// Empty until a world puts something there.
    [[nodiscard]] sim_files& files() noexcept { return files_; }

    [[nodiscard]] std::size_t in_flight() const noexcept { return flight_.size(); }
    /// Connections that the server reads from at present.
    [[nodiscard]] std::size_t streams_read() const noexcept;
    /// Of no place it reads from more than network::place_connections_max.
    [[nodiscard]] bool keeps_places() const;

   private:
    /// What the kernel knows of an operation that is in flight.
    struct kernel_operation {
        operation* record;
        int fd;
        bool is_ready = false;
        std::size_t sent = 0;  ///< Of a send, since it was submitted.
        time_point ready_at{};
        time_point cancel_at = time_point::max();
    };

    void close(unique_fd fd) noexcept override;
    void request_cancel(operation& op) noexcept override;

    void pass_time() noexcept;
    void submit_waiting();
    void run_kernel(std::optional<duration> wait, bool overflowed);
    [[nodiscard]] time_point next_event() const noexcept;
    [[nodiscard]] bool deliver_due();
    [[nodiscard]] duration lateness(const kernel_operation& each) noexcept;
    [[nodiscard]] std::size_t index_of(const operation& record) const noexcept;
    void take_out(std::size_t index);
    void give(std::size_t index, const completion& what, bool last);
    void keep_waker(const operation& op);
    void wake_without_cause();
    void check_buffers(std::optional<duration> wait);

    // In sim_kernel.cpp: what the kernel does for each kind.
    [[nodiscard]] bool can_progress(const kernel_operation& each);
    void deliver(std::size_t index);
    void deliver_cancel(std::size_t index);
    void deliver_accept(std::size_t index);
    void deliver_receive(std::size_t index);
    void deliver_datagram(std::size_t index);
    void deliver_send(std::size_t index);
    void deliver_send_to(std::size_t index);
    void deliver_shutdown(std::size_t index);
    void finish_send(std::size_t index, std::int32_t sent);

    // In sim_files_kernel.cpp: the same for files.
    [[nodiscard]] static bool is_on_file(const operation& op) noexcept;
    [[nodiscard]] duration file_delay(const kernel_operation& each) noexcept;
    [[nodiscard]] bool waits_for_disk(const kernel_operation& each) noexcept;
    [[nodiscard]] std::int32_t strike_file(const operation& op);
    void deliver_file(std::size_t index);
    void finish_file(std::size_t index, std::int32_t answer);
    [[nodiscard]] std::int32_t open_file(operation& op);
    [[nodiscard]] std::int32_t stat_file(operation& op);
    [[nodiscard]] std::int32_t read_file(operation& op);
    void deliver_send_file(std::size_t index);
    [[nodiscard]] std::optional<std::int32_t> send_rest(kernel_operation& each);
    [[nodiscard]] std::string next_of_file(const file_send& sending, std::int32_t& error);

    simulation& simulation_;
    network& network_;
    sim_files files_;
    sim_buffers buffers_;
    random_source draw_;
    surroundings* others_ = nullptr;
    std::uint16_t receive_queue_max_;
    std::vector<kernel_operation> flight_;
    std::vector<operation*> due_;            ///< Of the present turn.
    std::vector<local_waker> stale_wakers_;  ///< To be woken when what they were for is over.
    bool end_multishots_ = false;            ///< The completion queue was full.
};

}  // namespace rouse::sim
