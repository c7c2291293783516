#include "server/worker.hpp"

#include <exception>
#include <utility>

#include "server/logging.hpp"
#include "server/site_file_handler.hpp"
#include "server/worker_tasks.hpp"

namespace rouse::server {
namespace {

// What is short may be short before the backend is asked for: a descriptor for its wake signal, or
// memory. Nothing may leave the thread as an exception.
std::expected<made_reactor, std::string> try_backends(const settings& values) {
    try {
        auto made = make_reactor(options_of_reactor(values));
        if (made) {
            return std::move(*made);
        }
        return std::unexpected(std::move(made.error().message));
    } catch (const std::exception& error) {
        return std::unexpected(std::string("a worker cannot be made: ") + error.what());
    }
}

std::expected<std::unique_ptr<worker_sites>, std::string> open_sites(const shared_sites& shared,
                                                                     reactor& io) {
    try {
        return worker_sites::make(shared, [&](const site_settings& settings) {
            return open_site_files(io, settings, shared.pool());
        });
    } catch (const std::exception& error) {
        return std::unexpected(std::string("a worker cannot open its sites: ") + error.what());
    }
}

}  // namespace

std::expected<std::unique_ptr<worker>, std::string> worker::start(const worker_setup& setup,
                                                                  worker_sockets sockets) {
    std::unique_ptr<worker> made(new worker(setup));
    std::promise<std::string> started;
    std::future<std::string> outcome = started.get_future();
    made->thread_ = std::thread(&worker::run, made.get(), std::move(sockets), std::move(started));
    if (std::string problem = outcome.get(); !problem.empty()) {
        return std::unexpected(std::move(problem));
    }
    return made;
}

worker::~worker() {
    if (thread_.joinable()) {
        tell(worker_command::cut);
        thread_.join();
    }
}

void worker::tell(worker_command command) noexcept {
    // Full: it has been told already. Closed: it has ended.
    (void)commands_.try_send(worker_command(command));
}

worker_report worker::join() {
    thread_.join();
    return std::move(report_);
}

void worker::run(worker_sockets sockets, std::promise<std::string> started) noexcept {
    // A ring belongs to the thread that makes it.
    auto made = try_backends(setup_.values);
    if (made) {
        reactor& io = *made->io;
        backend_ = {.description = io.describe(), .fallback = std::move(made->fallback)};
        if (auto sites = open_sites(setup_.sites, io)) {
            started.set_value({});
            serve(io, (*sites)->routes(), std::move(sockets));
            sites->reset();
        } else {
            started.set_value(std::move(sites.error()));
        }
        made->io.reset();
    } else {
        started.set_value(std::move(made.error()));
    }
    ended_.store(true, std::memory_order_release);
    setup_.news.raise();
}

void worker::serve(reactor& io, const http::router& routes, worker_sockets sockets) noexcept {
    try {
        worker_tasks tasks(io, setup_.values, routes, setup_.quota);
        if (setup_.observer != nullptr) {
            tasks.observe(*setup_.observer);
        }
        tasks.observe(pulse_);
        report_ = tasks.run(commands_, std::move(sockets));
    } catch (const std::exception& error) {
        report_.failure = error.what();
    }
    if (!report_.failure.empty()) {
        log_error("worker_failed", {{"worker", setup_.index}, {"reason", report_.failure}});
    }
}

}  // namespace rouse::server
