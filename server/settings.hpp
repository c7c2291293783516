#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "runtime/net/address.hpp"
#include "runtime/reactor/backend.hpp"
#include "server/site_settings.hpp"

namespace rouse::server {

/// What each value means, its unit, default and limits stand once, in setting_table.cpp. A settings
/// object made by default_settings or load_settings holds values within those limits; the
/// initialisers here are no defaults.
enum class log_level { error, warn, info, debug };
enum class log_format { text, json };
enum class access_format { combined, json };

struct server_settings {
    unsigned workers = 0;  ///< 0 is "auto": see worker_count.
    rouse::backend backend = rouse::backend::automatic;
    std::chrono::milliseconds shutdown_timeout{};
    unsigned backlog = 0;
    unsigned connections_max = 0;              ///< Of the whole process; the workers divide it.
    unsigned connections_per_address_max = 0;  ///< Of the whole process; 0: any number.
    std::string user;                          ///< "off": stays who started it.
    std::string group;                         ///< "auto": that of the user.

    bool operator==(const server_settings&) const = default;
};

struct http_settings {
    std::vector<address> listen;
    std::chrono::milliseconds header_timeout{};
    std::chrono::milliseconds idle_timeout{};
    std::chrono::milliseconds body_timeout{};
    std::size_t body_rate_min = 0;  ///< Bytes a second; 0: any.
    std::chrono::milliseconds body_grace{};
    std::chrono::milliseconds write_timeout{};
    unsigned requests_max = 0;
    unsigned pipelined_requests_max = 0;
    std::size_t header_bytes_max = 0;
    unsigned header_count_max = 0;
    std::size_t target_bytes_max = 0;
    std::size_t body_bytes_max = 0;

    bool operator==(const http_settings&) const = default;
};

struct echo_settings {
    std::vector<address> listen;
    std::chrono::milliseconds idle_timeout{};
    std::chrono::milliseconds write_timeout{};

    bool operator==(const echo_settings&) const = default;
};

struct uring_settings {
    unsigned entries = 0;
    unsigned buffers = 0;
    std::size_t buffer_bytes = 0;
    unsigned buffers_max = 0;
    std::size_t receive_queue_bytes_max = 0;

    bool operator==(const uring_settings&) const = default;
};

struct log_settings {
    log_level level = log_level::info;
    log_format format = log_format::text;

    bool operator==(const log_settings&) const = default;
};

struct access_log_settings {
    std::string target;  ///< "off", "-" or a path.
    access_format format = access_format::combined;
    std::size_t queue_bytes = 0;  ///< Of each worker.
    bool health = false;

    bool operator==(const access_log_settings&) const = default;
};

/// Everything that an operator may set, one member a table of configs/roused.toml;
/// configs/sites.toml has the sites.
struct settings {
    server_settings server;
    http_settings http;
    echo_settings echo;
    uring_settings uring;
    log_settings log;
    access_log_settings access_log;
    std::vector<site_settings> sites;  ///< Those of [[site]], or the one of --root.

    bool operator==(const settings&) const = default;
};

/// What roused does when nothing is set.
[[nodiscard]] settings default_settings();

/// How many workers to start, 1 or more: server.workers, or for "auto" the CPUs of this process's
/// affinity mask, or of its control group's quota if that is less, up to the limit of
/// server.workers. See sched_getaffinity(2), cpu_quota. Throws bad_alloc.
[[nodiscard]] unsigned worker_count(const settings& values);

}  // namespace rouse::server
