#include "tests/sim/worker_world.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "runtime/fs/file_block.hpp"
#include "tests/sim/allocations.hpp"
#include "tests/sim/sleeper.hpp"

namespace rouse::sim {
namespace {

constexpr std::size_t commands_max = 8;
// One worker in so many has a task that checks its deadlines.
constexpr std::uint64_t sleeper_one_in = 4;
// A drain takes its timeout, two pauses of the worker, and what the faults add to that.
constexpr milliseconds drain_slack{2'000};
// Time for the slowest handler.
constexpr milliseconds unhurried_drain{3'000};
// A client that does its part gets news in this time, whatever the faults do to it.
constexpr milliseconds patience{60'000};
// Of the code under test: for the worker itself, and for each connection: output up to the high
// water, one response beyond it, a kept head and a body.
constexpr std::size_t worker_bytes_max = std::size_t{512} * 1'024;
constexpr std::size_t connection_bytes_max = std::size_t{192} * 1'024;

// Files are read for a connection while as much is sent, has been gathered, and is kept free.
constexpr std::size_t file_bytes_max = 4 * file_blocks::large_bytes;

// Now and then many more clients come than in other runs.
constexpr std::uint64_t crowded_one_in = 128;
constexpr std::uint64_t crowd_scale = 12;

network* excusing = nullptr;

// An error ends its own connection; whose allocation failed is not known here.
void excuse_for_memory() noexcept {
    if (excusing != nullptr) {
        excusing->excuse_all();
    }
}

milliseconds draw_timeout(random_source& draw) {
    return milliseconds(draw.between(2'000, 20'000));
}

void draw_http(server::http_settings& values, random_source& draw) {
    constexpr std::size_t sizes[] = {384, 512, 1'000, 8'192};
    values.header_timeout = draw_timeout(draw);
    values.idle_timeout = draw_timeout(draw);
    values.body_timeout = draw_timeout(draw);
    values.write_timeout = draw_timeout(draw);
    values.header_bytes_max = draw.pick(sizes);
    values.header_count_max = static_cast<unsigned>(draw.between(12, 32));
    values.target_bytes_max = draw.between(96, 256);
    values.body_bytes_max = draw.between(64, 40'000);
}

bool is_punctual(const fault_plan& plan, bool has_files) noexcept {
    constexpr fault delays[] = {
        fault::late_completion, fault::slow_send,  fault::no_buffers,    fault::queue_overflow,
        fault::no_descriptors,  fault::allocation, fault::multishot_end, fault::full_submission,
        fault::late_cancel,     fault::slow_turn,  fault::clock_jump,    fault::no_kernel_memory};
    return std::ranges::all_of(delays, [&](fault each) { return plan.rate(each) == 0; }) &&
           (!has_files || plan.rate(fault::slow_file) == 0);
}

sim_reactor_options draw_reactor(random_source& draw) {
    constexpr std::uint16_t counts[] = {4, 64, 128, 128};
    constexpr std::size_t sizes[] = {64, 256, 512, 1'024};
    sim_reactor_options options;
    options.buffers = draw.pick(counts);
    options.buffer_bytes = draw.pick(sizes);
    options.limits.receive_queue_max = static_cast<std::uint16_t>(draw.between(1, 8));
    options.limits.accept_queue_max = static_cast<std::uint16_t>(draw.between(1, 4));
    return options;
}

std::size_t listener_count(const server::worker_sockets& sockets) noexcept {
    return sockets.http.size() + sockets.echo_streams.size() + sockets.echo_datagrams.size();
}

void draw_bounds(server::http_settings& values, random_source& draw) {
    constexpr unsigned gathered[] = {1, 2, 256};
    values.pipelined_requests_max = draw.pick(gathered);
    values.requests_max = draw.below(8) == 0 ? static_cast<unsigned>(draw.between(1, 5)) : 1'000;
}

}  // namespace

worker_world::worker_world(simulation& owner)
    : simulation_(owner),
      network_(owner),
      commands_(commands_max),
      watch_(owner, network_),
      memory_before_(allocations().live_bytes) {
    excusing = &network_;
    on_allocation_failure(excuse_for_memory);
}

worker_world::~worker_world() {
    excusing = nullptr;
}

const http::router& worker_world::routes() const {
    static const http::router none;
    return none;
}

int worker_world::listen() {
    return network_.open(socket_record::kind::listener);
}

void worker_world::draw_settings(random_source& draw) {
    settings_.server.workers = 1;
    settings_.server.shutdown_timeout = milliseconds(draw.between(0, 5'000));
    settings_.server.connections_max =
        static_cast<unsigned>(draw.below(4) == 0 ? draw.between(1, 4) : 1'000);
    draw_http(settings_.http, draw);
    random_source rest = simulation_.source(part::world, 2);
    draw_bounds(settings_.http, rest);
    settings_.echo.idle_timeout = draw_timeout(draw);
    settings_.echo.write_timeout = draw_timeout(draw);
    constexpr std::size_t batches[] = {1, 2, 5, 256};
    executor_options_.batch_tasks_max = draw.pick(batches);
    constexpr std::uint32_t budgets[] = {1, 3, 16, 128};
    executor_options_.task_budget = draw.pick(budgets);
    if (draw.below(4) == 0) {
        // Half of them while most clients are at it.
        const int soon = simulation_.source(part::world, 1).coin() ? 20 : 1;
        drain_at_ = simulation_.now() + milliseconds(draw.below(500)) / soon;
    }
    if (draw.below(8) == 0) {
        cut_after_ = milliseconds(draw.below(2'000));
    }
}

// Where connections or buffers are few, one client waits for another: for its deadlines at worst.
void worker_world::draw_terms(const sim_reactor_options& options) {
    const server::http_settings& http = settings_.http;
    const milliseconds deadlines = http.header_timeout + http.idle_timeout + http.body_timeout +
                                   http.write_timeout + settings_.echo.idle_timeout +
                                   settings_.echo.write_timeout + milliseconds(10'000);
    const auto clients = static_cast<int>(peers_.size());
    const bool few_connections = settings_.server.connections_max <= peers_.size();
    const bool few_buffers =
        options.buffers < peers_.size() * (options.limits.receive_queue_max + 4U);
    terms_.neglect_max = few_connections || few_buffers ? deadlines * (clients + 1) : deadlines;
    terms_.patience = few_connections ? deadlines * (clients + 1) : patience;
    if (few_buffers) {
        network_.excuse_newcomers();  // A deadline may pass before a buffer is free.
    }
    terms_.quiet_max = std::min(http.idle_timeout, settings_.echo.idle_timeout) * 3 / 4;
    const bool has_files = file_memory_max() > 0;
    terms_.has_room = !few_connections && !few_buffers;
    terms_.is_prompt = terms_.has_room && is_punctual(simulation_.faults(), has_files);
    terms_.is_punctual = terms_.is_prompt && settings_.server.shutdown_timeout >= unhurried_drain &&
                         cut_after_ == duration::max();
    memory_max_ = worker_bytes_max +
                  peers_.size() * (connection_bytes_max + (has_files ? file_bytes_max : 0)) +
                  file_memory_max();
}

void worker_world::run() {
    random_source draw = simulation_.source(part::world);
    draw_settings(draw);
    const sim_reactor_options options = draw_reactor(draw);
    server::worker_sockets sockets;
    prepare(settings_, sockets, options);
    const std::uint64_t scale = draw.below(crowded_one_in) == 0 ? crowd_scale : 1;
    const std::uint64_t clients = draw.between(1, simulation_.options().clients_max * scale);
    for (unsigned number = 0; number < clients; ++number) {
        peers_.push_back(make_peer(number));
    }
    draw_terms(options);
    serve(options, std::move(sockets));
    check_end();
}

void worker_world::serve(const sim_reactor_options& options, server::worker_sockets sockets) {
    sim_reactor io(simulation_, network_, options);
    io.surround(*this);
    io_ = &io;
    open(io);
    const std::size_t kept = network_.open_descriptors() - listener_count(sockets);
    watch_.keep_to({.batch_tasks_max = executor_options_.batch_tasks_max,
                    .connections_max = settings_.server.connections_max,
                    .descriptors_kept = kept});
    quota_.emplace(settings_.server.connections_per_address_max);
    network_.bound_places(settings_.server.connections_per_address_max);
    run_worker(io, std::move(sockets));
    close();
}

void worker_world::run_worker(sim_reactor& io, server::worker_sockets sockets) {
    try {
        const tested_part inside;
        server::worker_tasks tasks(io, settings_, routes(), *quota_, executor_options_);
        tasks_ = &tasks;
        tasks.tasks().spawn(canary(canary_)).detach();
        if (simulation_.source(part::clock).below(sleeper_one_in) == 0) {
            tasks.tasks().spawn(sleeper(simulation_)).detach();
        }
        (void)commands_.try_send(server::worker_command::serve);
        const server::worker_report report = tasks.run(commands_, std::move(sockets));
        const simulated_part outside;
        simulation_.require(report.failure.empty(), "the worker failed: " + report.failure);
        tasks_ = nullptr;
    } catch (const std::bad_alloc&) {
        tasks_ = nullptr;
        simulation_.require(simulation_.has_struck(fault::allocation),
                            "the worker ended for lack of memory that there was");
    }
    canary_.waker = local_waker();
}

void worker_world::check_end() {
    for (const auto& each : peers_) {
        each->server_ended();
    }
    simulation_.require(network_.open_descriptors() == 0, "a descriptor is left open at the end");
    simulation_.require(quota_->clients() == 0, "a client that is gone has a place at the end");
    check_left();
}

time_point worker_world::next_action() const noexcept {
    time_point next = std::min(drain_at_, next_event());
    if (all_done() && !draining_) {
        next = simulation_.now();
    }
    if (draining_ && !cut_ && cut_after_ != duration::max()) {
        next = std::min(next, drained_at_ + cut_after_);
    }
    for (const auto& each : peers_) {
        if (!each->is_done()) {
            next = std::min(next, each->due());
        }
    }
    return next;
}

void worker_world::act() {
    signalled_ = pass_event() || signalled_;
    // Who acts now may have something to do again at once: until nobody has.
    for (bool acted = true; acted;) {
        acted = false;
        for (const auto& each : peers_) {
            if (!each->is_done() && each->due() <= simulation_.now()) {
                each->act();
                acted = true;
            }
        }
    }
    give_commands();
}

bool worker_world::all_done() const noexcept {
    return std::ranges::all_of(peers_, [](const auto& each) { return each->is_done(); });
}

void worker_world::give_commands() {
    if (!draining_ && (all_done() || simulation_.now() >= drain_at_)) {
        drain();
    }
    if (draining_ && !cut_ && cut_after_ != duration::max() &&
        simulation_.now() >= drained_at_ + cut_after_) {
        cut_ = true;
        watch_.is_cut();
        tell(server::worker_command::cut);
    }
}

void worker_world::drain() {
    draining_ = true;
    terms_.is_draining = true;
    drain_at_ = time_point::max();
    drained_at_ = simulation_.now();
    drained_in_life_ = simulation_.lived();
    terms_.drained_at = drained_in_life_;
    watch_.drains();
    for (const auto& each : peers_) {
        each->server_drains();
    }
    network_.excuse_all();
    network_.excuse_newcomers();
    tell(server::worker_command::drain);
}

void worker_world::tell(server::worker_command what) {
    simulation_.log(event::command, static_cast<std::uint64_t>(what));
    (void)commands_.try_send(server::worker_command(what));
    signalled_ = true;
}

bool worker_world::take_signal() noexcept {
    return std::exchange(signalled_, false);
}

void worker_world::begin_turn() {
    if (tasks_ == nullptr) {
        return;
    }
    has_run();
    canary_.turns_waited = canary_.polls > canary_.polls_at_wake ? 0 : canary_.turns_waited + 1;
    simulation_.require(canary_.turns_waited <= canary_.turns_max, "a ready task is not polled");
    watch_.has_run(tasks_->tasks(), *io_);
    simulation_.require(allocations().live_bytes - memory_before_ <= memory_max_,
                        "the server uses more memory than its limits allow");
}

void worker_world::end_turn() {
    if (canary_.turns_waited == 0 && canary_.waker) {
        canary_.polls_at_wake = canary_.polls;
        canary_.turns_max = tasks_->tasks().task_count() / executor_options_.batch_tasks_max + 1;
        canary_.waker.wake_by_ref();
    }
    if (draining_) {
        const duration allowed = settings_.server.shutdown_timeout + drain_slack;
        simulation_.require(simulation_.lived() - drained_in_life_ <= allowed,
                            "the worker does not end in its shutdown_timeout");
        watch_.look_at_drain(terms_, peers_);
    }
}

world_counts worker_world::counts() const noexcept {
    return {.clients = peers_.size(), .answers = answers()};
}

}  // namespace rouse::sim
