#include "server/daemon.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <expected>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "protocols/http/router.hpp"
#include "runtime/executor/wake_signal.hpp"
#include "server/access_log.hpp"
#include "server/listeners.hpp"
#include "server/load_settings.hpp"
#include "server/logging.hpp"
#include "server/quoted_text.hpp"
#include "server/version.hpp"
#include "server/worker.hpp"

namespace rouse::server {
namespace {

using worker_list = std::vector<std::unique_ptr<worker>>;

void tell_all(const worker_list& workers, worker_command command) noexcept {
    for (const auto& each : workers) {
        each->tell(command);
    }
}

bool have_all_ended(const worker_list& workers) noexcept {
    return std::ranges::all_of(workers, [](const auto& each) { return each->has_ended(); });
}

// Until every worker has ended: the first signal, or the end of any worker, drains; another signal
// cuts. SIGUSR1 is for the access log, if there is one. False when it could not wait.
bool wait_for_end(const worker_list& workers, const termination_signals& signals,
                  const wake_signal& ended, access_log* log) {
    bool draining = false;
    while (!have_all_ended(workers)) {
        std::array<pollfd, 2> watched{pollfd{signals.fd(), POLLIN, 0},
                                      pollfd{ended.fd(), POLLIN, 0}};
        if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) {
            log_error("wait_failed", {{"reason", errno_code(errno)}});
            tell_all(workers, worker_command::cut);
            return false;
        }
        ended.clear();
        const int received = signals.take();
        if (received == SIGUSR1) {
            if (log != nullptr) {
                log->reopen();
            }
            continue;
        }
        const bool a_worker_ended = !draining && std::ranges::any_of(workers, [](const auto& each) {
            return each->has_ended();
        });
        if (received == 0 && !a_worker_ended) {
            continue;
        }
        const auto* const name = received == 0 ? "none" : ::sigabbrev_np(received);
        log_info(draining ? "shutdown_now" : "shutdown",
                 {{"signal", name == nullptr ? "unknown" : name}});
        tell_all(workers, draining ? worker_command::cut : worker_command::drain);
        draining = true;
    }
    return true;
}

// Null when it is off, or why it cannot be.
std::expected<std::unique_ptr<access_log>, std::string> open_access_log(
    const loaded_settings& loaded, unsigned workers) {
    const access_log_settings& chosen = loaded.values.access_log;
    if (chosen.target == "off") {
        return nullptr;
    }
    auto opened = access_log::open(chosen, workers);
    if (!opened) {
        return std::unexpected(loaded.origin_of("access_log.target") +
                               ": access_log.target: " + quoted_text(chosen.target) +
                               " cannot be opened: " + opened.error().message());
    }
    return std::move(*opened);
}

void log_refusals(const worker_report& total) {
    for (std::size_t index = 0; index < total.http_refused_by.size(); ++index) {
        if (total.http_refused_by[index] > 0) {
            const http::parse_failure why{.reason = static_cast<http::parse_error>(index)};
            log_info("requests_refused",
                     {{"reason", why.text()}, {"count", total.http_refused_by[index]}});
        }
    }
}

int report_end(worker_list& workers) {
    worker_report total;
    bool failed = false;
    for (const auto& each : workers) {
        const worker_report report = each->join();
        total.http_connections += report.http_connections;
        total.http_requests += report.http_requests;
        total.http_timeouts += report.http_timeouts;
        total.http_refused += report.http_refused;
        std::ranges::transform(total.http_refused_by, report.http_refused_by,
                               total.http_refused_by.begin(), std::plus());
        total.echo_connections += report.echo_connections;
        total.connections_refused += report.connections_refused;
        total.connections_cut += report.connections_cut;
        failed = failed || !report.failure.empty();
    }
    if (total.connections_cut > 0) {
        log_warn("connections_cut", {{"count", total.connections_cut}});
    }
    if (total.connections_refused > 0) {
        log_warn("connections_refused", {{"count", total.connections_refused},
                                         {"limit", "server.connections_per_address_max"}});
    }
    log_refusals(total);
    log_info("stopped", {{"http_connections", total.http_connections},
                         {"http_requests", total.http_requests},
                         {"http_refused", total.http_refused},
                         {"http_timeouts", total.http_timeouts},
                         {"echo_connections", total.echo_connections}});
    return failed || total.connections_cut > 0 ? exit_code_failed : exit_code_clean;
}

}  // namespace

int serve(const loaded_settings& loaded, const termination_signals& signals) {
    const unsigned count = worker_count(loaded.values);
    for (const std::string& warning : loaded.warnings) {
        log_warn("settings", {{"warning", warning}});
    }
    auto sockets = open_sockets(loaded, count);
    if (!sockets) {
        (void)std::fprintf(stderr, "roused: %s\n", sockets.error().c_str());
        return exit_code_settings;
    }
    auto requests_log = open_access_log(loaded, count);
    if (!requests_log) {
        (void)std::fprintf(stderr, "roused: %s\n", requests_log.error().c_str());
        return exit_code_settings;
    }
    access_log* const log = requests_log->get();
    const auto sites = shared_sites::make(loaded.values.sites);
    if (!sites) {
        (void)std::fprintf(stderr, "roused: %s\n", sites.error().c_str());
        return exit_code_settings;
    }
    address_quota quota(loaded.values.server.connections_per_address_max);
    const wake_signal ended;
    worker_list workers;
    for (unsigned index = 0; index < count; ++index) {
        auto started = worker::start({.index = index,
                                      .values = loaded.values,
                                      .sites = *sites,
                                      .quota = quota,
                                      .ended = ended,
                                      .observer = log != nullptr ? &log->writer(index) : nullptr},
                                     std::move(sockets->workers[index]));
        if (!started) {
            (void)std::fprintf(stderr, "roused: %s\n", started.error().c_str());
            return exit_code_no_backend;
        }
        workers.push_back(std::move(*started));
    }
    std::vector<backend_in_use> backends;
    std::ranges::transform(workers, std::back_inserter(backends),
                           [](const auto& each) { return each->backend(); });
    log_backends(backends);
    sockets->paths.let_go();
    tell_all(workers, worker_command::serve);
    for (const bound_address& each : sockets->bound) {
        log_info(
            "listening",
            {{"protocol", each.protocol}, {"transport", each.transport}, {"address", each.where}});
    }
    log_info("started", {{"version", version}, {"workers", count}});
    const bool waited = wait_for_end(workers, signals, ended, log);
    const int code = report_end(workers);
    return waited ? code : exit_code_failed;
}

}  // namespace rouse::server
