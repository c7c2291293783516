#include "server/daemon.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <expected>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/http/router.hpp"
#include "runtime/executor/wake_signal.hpp"
#include "server/access_log.hpp"
#include "server/environment.hpp"
#include "server/identity.hpp"
#include "server/listeners.hpp"
#include "server/load_settings.hpp"
#include "server/logging.hpp"
#include "server/passed_sockets.hpp"
#include "server/quoted_text.hpp"
#include "server/systemd.hpp"
#include "server/version.hpp"
#include "server/wait_for_end.hpp"
#include "server/worker.hpp"

namespace rouse::server {
namespace {

// What is had with the rights of whoever started the daemon.
struct preparations {
    opened_sockets sockets;
    std::size_t http_passed;
    std::size_t echo_passed;
    std::optional<access_log_target> log;
    std::optional<identity> became;
};

// Nothing when it is off, or why it cannot be.
std::expected<std::optional<access_log_target>, std::string> open_log_target(
    const loaded_settings& loaded) {
    const std::string& path = loaded.values.access_log.target;
    if (path == "off") {
        return std::nullopt;
    }
    auto opened = access_log_target::open(path);
    if (!opened) {
        return std::unexpected(loaded.origin_of("access_log.target") +
                               ": access_log.target: " + quoted_text(path) +
                               " cannot be opened: " + opened.error().message());
    }
    return std::move(*opened);
}

// Takes and opens what may need rights, and gives them up. No thread may have started.
std::expected<preparations, std::string> prepare(const loaded_settings& loaded, unsigned workers) {
    const auto wanted = find_identity(loaded);
    if (!wanted) {
        return std::unexpected(wanted.error());
    }
    auto passed = take_passed_sockets();
    if (!passed) {
        return std::unexpected(std::move(passed.error()));
    }
    const std::size_t http_passed = passed->http.size();
    const std::size_t echo_passed = passed->echo_streams.size() + passed->echo_datagrams.size();
    auto sockets = open_sockets(loaded, workers, std::move(*passed));
    if (!sockets) {
        return std::unexpected(std::move(sockets.error()));
    }
    auto log = open_log_target(loaded);
    if (!log) {
        return std::unexpected(std::move(log.error()));
    }
    if (*wanted) {
        if (*log) {
            (*log)->give_to((*wanted)->uid, (*wanted)->gid);
        }
        if (auto became = become(**wanted); !became) {
            return std::unexpected(std::move(became.error()));
        }
    }
    return preparations{.sockets = std::move(*sockets),
                        .http_passed = http_passed,
                        .echo_passed = echo_passed,
                        .log = std::move(*log),
                        .became = *wanted};
}

void log_passed(std::string_view protocol, std::size_t count, std::string_view setting) {
    if (count > 0) {
        log_info("sockets_passed",
                 {{"protocol", protocol}, {"count", count}, {"instead_of", setting}});
    }
}

void log_preparations(const preparations& made) {
    log_passed("http", made.http_passed, "http.listen");
    log_passed("echo", made.echo_passed, "echo.listen");
    if (made.became) {
        log_info(
            "privileges_dropped",
            {{"user", made.became->user}, {"uid", made.became->uid}, {"gid", made.became->gid}});
    } else if (::geteuid() == 0) {
        log_warn("serving_as_root", {{"cure", "set server.user, or start it as another user"}});
    }
    if (!systemd::is_built_in() && find_variable(environ, "NOTIFY_SOCKET")) {
        log_warn("notify_socket_ignored", {{"reason", "this roused is built without libsystemd"}});
    }
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
    auto prepared = prepare(loaded, count);
    if (!prepared) {
        (void)std::fprintf(stderr, "roused: %s\n", prepared.error().c_str());
        return exit_code_settings;
    }
    const logging log(loaded.values.log);
    for (const std::string& warning : loaded.warnings) {
        log_warn("settings", {{"warning", warning}});
    }
    log_preparations(*prepared);
    const auto requests_log = prepared->log ? access_log::start(loaded.values.access_log, count,
                                                                std::move(*prepared->log))
                                            : nullptr;
    const auto sites = shared_sites::make(loaded.values.sites);
    if (!sites) {
        (void)std::fprintf(stderr, "roused: %s\n", sites.error().c_str());
        return exit_code_settings;
    }
    opened_sockets& sockets = prepared->sockets;
    address_quota quota(loaded.values.server.connections_per_address_max);
    const wake_signal news;
    worker_list workers;
    for (unsigned index = 0; index < count; ++index) {
        auto started =
            worker::start({.index = index,
                           .values = loaded.values,
                           .sites = *sites,
                           .quota = quota,
                           .news = news,
                           .observer = requests_log ? &requests_log->writer(index) : nullptr},
                          std::move(sockets.workers[index]));
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
    sockets.paths.let_go();
    tell_all(workers, worker_command::serve);
    for (const bound_address& each : sockets.bound) {
        log_info(
            "listening",
            {{"protocol", each.protocol}, {"transport", each.transport}, {"address", each.where}});
    }
    log_info("started", {{"version", version}, {"workers", count}});
    const bool waited = wait_for_end({.workers = workers,
                                      .signals = signals,
                                      .news = news,
                                      .log = requests_log.get(),
                                      .listeners = sockets.bound.size(),
                                      .shutdown_timeout = loaded.values.server.shutdown_timeout});
    const int code = report_end(workers);
    return waited ? code : exit_code_failed;
}

}  // namespace rouse::server
