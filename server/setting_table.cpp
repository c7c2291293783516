#include "server/setting_table.hpp"

#include <algorithm>
#include <array>

namespace rouse::server {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kibibyte = 1024;
constexpr std::size_t mebibyte = 1024 * kibibyte;
constexpr std::size_t tebibyte = mebibyte * mebibyte;

constexpr std::array<std::string_view, 4> log_level_names{"error", "warn", "info", "debug"};
constexpr std::array<std::string_view, 2> log_format_names{"text", "json"};
constexpr std::array<std::string_view, 2> access_format_names{"combined", "json"};

template <auto Table, auto Key>
constexpr auto at() noexcept {
    using value = std::remove_cvref_t<decltype((std::declval<settings&>().*Table).*Key)>;
    return place<value>{
        .write = [](settings& values) noexcept -> value& { return (values.*Table).*Key; },
        .read = [](const settings& values) noexcept -> const value& {
            return (values.*Table).*Key;
        }};
}

template <auto Table, auto Key>
constexpr choice_rule choice(std::span<const std::string_view> names) noexcept {
    using value = std::remove_cvref_t<decltype((std::declval<settings&>().*Table).*Key)>;
    return {.names = names,
            .write =
                [](settings& values, std::size_t index) noexcept {
                    (values.*Table).*Key = static_cast<value>(index);
                },
            .read =
                [](const settings& values) noexcept {
                    return static_cast<std::size_t>((values.*Table).*Key);
                }};
}

template <auto Key>
constexpr auto server = at<&settings::server, Key>();
template <auto Key>
constexpr auto http = at<&settings::http, Key>();
template <auto Key>
constexpr auto echo = at<&settings::echo, Key>();
template <auto Key>
constexpr auto uring = at<&settings::uring, Key>();
template <auto Key>
constexpr auto access = at<&settings::access_log, Key>();

constexpr std::array entries{
    setting{"server", "workers", "auto",
            count_rule{
                .at = server<&server_settings::workers>, .min = 1, .max = 256, .automatic = true},
            "Worker threads, each with its own listeners. auto: one for each CPU that this process "
            "may run on, or that the quota of its control group (version 2) is worth, rounded up."},
    setting{"server", "backend", "auto",
            choice<&settings::server, &server_settings::backend>(backend_names),
            "How the kernel is asked: io_uring (Linux 6.0 or newer, where it is allowed) or epoll "
            "(any kernel, more system calls). auto: io_uring where it can be had, else epoll and a "
            "warning that says why."},
    setting{"server", "shutdown_timeout", "10s",
            duration_rule{server<&server_settings::shutdown_timeout>, 0ms, 1h},
            "How long requests in flight may take after SIGTERM or SIGINT before they are cut."},
    setting{"server", "backlog", "1024",
            count_rule{.at = server<&server_settings::backlog>, .min = 1, .max = 65'535},
            "Connections of one listener that wait in the kernel to be accepted; the kernel lowers "
            "it to net.core.somaxconn."},
    setting{
        "server", "connections_max", "100000",
        count_rule{.at = server<&server_settings::connections_max>, .min = 1, .max = 10'000'000},
        "Open connections of the whole process, divided equally among the workers; beyond it, "
        "a worker accepts no more until one closes."},
    setting{"server", "connections_per_address_max", "4096",
            count_rule{.at = server<&server_settings::connections_per_address_max>,
                       .min = 0,
                       .max = 10'000'000},
            "Open connections of one client address, those of all workers together; one more is "
            "closed at once. An IPv6 client is its /64 network. 0: any number, as behind a proxy "
            "that has all clients."},
    setting{"server", "user", "off",
            text_rule{server<&server_settings::user>, "\"off\" or the name of a user"},
            "Who the daemon becomes, for good, when root starts it: once its sockets and its "
            "access log are open, and before anything else. off: it stays who started it."},
    setting{"server", "group", "auto",
            text_rule{server<&server_settings::group>, "\"auto\" or the name of a group"},
            "The group that it has then; the user's further groups stay. auto: the user's own."},

    setting{"http", "listen", "127.0.0.1:8080", listen_rule{http<&http_settings::listen>},
            "Where HTTP is served: IPV4:PORT, [IPV6]:PORT or unix:PATH. Port 0 picks a free port "
            "and logs it."},
    setting{"http", "header_timeout", "10s",
            duration_rule{http<&http_settings::header_timeout>, 1ms, 24h},
            "How long a request's line and headers may take from their first byte to their last."},
    setting{"http", "idle_timeout", "1m",
            duration_rule{http<&http_settings::idle_timeout>, 1ms, 24h},
            "How long a connection may stay open without a request."},
    setting{"http", "body_timeout", "30s",
            duration_rule{http<&http_settings::body_timeout>, 1ms, 24h},
            "How long a request body may pause between two of its bytes."},
    setting{"http", "body_rate_min", "240",
            size_rule{http<&http_settings::body_rate_min>, 0, 1024 * mebibyte},
            "Bytes a second that a request body must come with on average, once body_grace has "
            "passed; a slower one is answered with 408. Only time counts in which the server waits "
            "for it. 0: any."},
    setting{"http", "body_grace", "5s", duration_rule{http<&http_settings::body_grace>, 0ms, 24h},
            "How long a request body may be slower than body_rate_min."},
    setting{"http", "write_timeout", "30s",
            duration_rule{http<&http_settings::write_timeout>, 1ms, 24h},
            "How long a peer may take no byte of a response before the connection closes; found "
            "out within a quarter more. On a unix socket, how long one send of up to 1 MiB may "
            "take."},
    setting{"http", "requests_max", "100000",
            count_rule{.at = http<&http_settings::requests_max>, .min = 1, .max = 1'000'000'000},
            "Requests of one connection; the answer to the last says that it closes."},
    setting{"http", "pipelined_requests_max", "256",
            count_rule{.at = http<&http_settings::pipelined_requests_max>, .min = 1, .max = 65'536},
            "Pipelined requests that are answered before the answers are sent."},
    setting{"http", "header_bytes_max", "16KiB",
            size_rule{http<&http_settings::header_bytes_max>, 256, mebibyte},
            "Bytes of a request's headers; more is answered with 431."},
    setting{"http", "header_count_max", "100",
            count_rule{.at = http<&http_settings::header_count_max>, .min = 1, .max = 100},
            "Header lines of a request; more is answered with 431."},
    setting{"http", "target_bytes_max", "8KiB",
            size_rule{http<&http_settings::target_bytes_max>, 64, mebibyte},
            "Bytes of a request's target (its path and query); more is answered with 414."},
    setting{"http", "body_bytes_max", "64MiB",
            size_rule{http<&http_settings::body_bytes_max>, 0, tebibyte},
            "Bytes of a request's body; more is answered with 413."},

    setting{"echo", "listen", "127.0.0.1:7007", listen_rule{echo<&echo_settings::listen>},
            "Where echo is served, on TCP and UDP alike (a unix:PATH on its stream alone): "
            "IPV4:PORT, [IPV6]:PORT or unix:PATH. Port 0 picks a free port and logs it."},
    setting{"echo", "idle_timeout", "5m",
            duration_rule{echo<&echo_settings::idle_timeout>, 1ms, 24h},
            "How long a connection may stay open without a byte."},
    setting{"echo", "write_timeout", "30s",
            duration_rule{echo<&echo_settings::write_timeout>, 1ms, 24h},
            "How long one send, of a receive buffer's bytes, may take until the peer has taken it "
            "all."},

    setting{
        "uring", "entries", "1024",
        count_rule{
            .at = uring<&uring_settings::entries>, .min = 64, .max = 32'768, .power_of_two = true},
        "Submission queue entries of each worker's ring."},
    setting{
        "uring", "buffers", "512",
        count_rule{
            .at = uring<&uring_settings::buffers>, .min = 16, .max = 32'768, .power_of_two = true},
        "Receive buffers of each worker at its start, shared by its connections."},
    setting{"uring", "buffer_bytes", "4KiB",
            size_rule{uring<&uring_settings::buffer_bytes>, 512, 64 * kibibyte},
            "Bytes of one receive buffer, on each backend. A UDP datagram is echoed if it is at "
            "least 44 bytes "
            "shorter."},
    setting{
        "uring", "buffers_max", "8192",
        count_rule{.at = uring<&uring_settings::buffers_max>,
                   .min = 16,
                   .max = 32'768,
                   .power_of_two = true},
        "Receive buffers that a worker may grow to when its connections hold all of them, on each "
        "backend."},
    setting{"uring", "receive_queue_bytes_max", "64KiB",
            size_rule{uring<&uring_settings::receive_queue_bytes_max>, 512, 64 * mebibyte},
            "Bytes of one connection that wait to be dealt with; beyond it, the peer is read no "
            "further. On each backend."},

    setting{"log", "level", "info", choice<&settings::log, &log_settings::level>(log_level_names),
            "What is logged: error = act, warn = degraded, info = state change, debug = each "
            "request; each includes those before it."},
    setting{"log", "format", "text",
            choice<&settings::log, &log_settings::format>(log_format_names),
            "One line an event on standard error: key=value, or one JSON object."},

    setting{
        "access_log", "target", "off",
        text_rule{access<&access_log_settings::target>,
                  "\"off\", \"-\" for standard output, or a path"},
        "Where each answered request is logged. A file is made with mode 0640, appended to, and "
        "opened anew at SIGUSR1."},
    setting{"access_log", "format", "combined",
            choice<&settings::access_log, &access_log_settings::format>(access_format_names),
            "combined is the format of Apache and nginx; json is one object a line, with the time "
            "that the answer took and the host beside."},
    setting{"access_log", "queue_bytes", "1MiB",
            size_rule{access<&access_log_settings::queue_bytes>, 64 * kibibyte, 64 * mebibyte},
            "Bytes of lines of each worker that may wait to be written, rounded up to a power of "
            "two; what comes beyond is dropped and counted."},
    setting{"access_log", "health", "false", flag_rule{access<&access_log_settings::health>},
            "Whether health checks are logged too."},
};

std::string joined(std::string_view left, char between, std::string_view right) {
    return std::string(left) + between + std::string(right);
}

}  // namespace

std::span<const setting> setting_table() noexcept {
    return entries;
}

const setting* find_setting(std::string_view name) noexcept {
    const auto found = std::ranges::find_if(entries, [name](const setting& entry) {
        return name.size() == entry.table.size() + 1 + entry.key.size() &&
               name.starts_with(entry.table) && name[entry.table.size()] == '.' &&
               name.ends_with(entry.key);
    });
    return found != entries.end() ? &*found : nullptr;
}

std::string name_of(const setting& entry) {
    return joined(entry.table, '.', entry.key);
}

std::string flag_of(const setting& entry) {
    std::string flag = entry.key == "listen"     ? std::string(entry.table)
                       : entry.table == "server" ? std::string(entry.key)
                                                 : joined(entry.table, '-', entry.key);
    std::ranges::replace(flag, '_', '-');
    return "--" + flag;
}

std::string environment_name_of(const setting& entry) {
    std::string name = "ROUSED_" + joined(entry.table, '_', entry.key);
    // Not toupper: the name must not depend on the locale.
    std::ranges::transform(name, name.begin(), [](char letter) {
        return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
    });
    return name;
}

}  // namespace rouse::server
