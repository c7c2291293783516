#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "protocols/http/router.hpp"
#include "runtime/sync/thread_channel.hpp"
#include "server/address_quota.hpp"
#include "server/worker.hpp"
#include "server/worker_tasks.hpp"
#include "tests/sim/canary.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/peer.hpp"
#include "tests/sim/sim_reactor.hpp"
#include "tests/sim/worker_watch.hpp"
#include "tests/sim/world.hpp"

namespace rouse::sim {

/// The daemon's worker as it stands, with its accept loops, services, deadlines, limits and drain,
/// on the simulated network. A derived class says what it listens for and who connects.
class worker_world : public world, protected surroundings {
   public:
    explicit worker_world(simulation& owner);
    ~worker_world() override;

    void run() final;
    [[nodiscard]] world_counts counts() const noexcept final;

   protected:
    /// Changes what the seed has drawn for the settings, and opens sockets.
    virtual void prepare(server::settings& values, server::worker_sockets& sockets,
                         const sim_reactor_options& options) = 0;
    [[nodiscard]] virtual std::unique_ptr<peer> make_peer(unsigned number) = 0;
    [[nodiscard]] virtual const http::router& routes() const;
    /// What its routes may keep of files, besides what is read and sent; 0 when they read none.
    [[nodiscard]] virtual std::size_t file_memory_max() const noexcept { return 0; }
    /// Who is done has been served so much.
    [[nodiscard]] virtual std::uint64_t answers() const noexcept = 0;

    [[nodiscard]] int listen();

    // For what a world gives to its routes besides the worker.
    /// The reactor is there, and no worker yet.
    virtual void open(sim_reactor& /*io*/) {}
    // For what a world has besides the network and the files.
    /// The server has run.
    virtual void has_run() {}
    /// When something else happens.
    [[nodiscard]] virtual time_point next_event() const noexcept { return time_point::max(); }
    /// It happens, if its time has come. Whether the server was woken.
    [[nodiscard]] virtual bool pass_event() { return false; }
    /// The worker is gone, and the reactor is not.
    virtual void close() noexcept {}
    /// Both are gone: what must not be left.
    virtual void check_left() {}

    simulation& simulation_;
    network network_;
    peer_terms terms_;

   private:
    [[nodiscard]] time_point next_action() const noexcept override;
    void act() override;
    void begin_turn() override;
    void end_turn() override;
    [[nodiscard]] bool take_signal() noexcept override;

    void draw_settings(random_source& draw);
    void draw_terms(const sim_reactor_options& options);
    void serve(const sim_reactor_options& options, server::worker_sockets sockets);
    void run_worker(sim_reactor& io, server::worker_sockets sockets);
    void give_commands();
    void drain();
    void tell(server::worker_command what);
    [[nodiscard]] bool all_done() const noexcept;
    void check_end();

    server::settings settings_{};
    std::optional<server::address_quota> quota_;
    executor_options executor_options_{};
    thread_channel<server::worker_command> commands_;
    std::vector<std::unique_ptr<peer>> peers_;
    canary_state canary_;
    worker_watch watch_;
    server::worker_tasks* tasks_ = nullptr;
    const sim_reactor* io_ = nullptr;
    time_point drain_at_ = time_point::max();  ///< Earlier, if all clients are done.
    duration cut_after_ = duration::max();     ///< From the drain to the command to end now.
    time_point drained_at_ = time_point::max();
    time_point drained_in_life_ = time_point::max();
    std::size_t memory_before_;
    std::size_t memory_max_ = 0;
    bool draining_ = false;
    bool cut_ = false;
    bool signalled_ = false;
};

}  // namespace rouse::sim
