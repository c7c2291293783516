#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/unique_fd.hpp"
#include "runtime/net/address.hpp"

namespace rouse::test {

/// What roused is started with.
struct daemon_options {
    std::vector<std::string> arguments{};
    /// "NAME=value"; no ROUSED_* but these is set, and ROUSED_SERVER_BACKEND to the tested one.
    std::vector<std::string> variables{};
    rlim_t descriptors_max = 0;   ///< RLIMIT_NOFILE; 0 leaves it.
    unsigned io_uring_error = 0;  ///< What io_uring_setup answers; 0 leaves it.
    rlim_t locked_bytes_max = 0;  ///< RLIMIT_MEMLOCK, without CAP_IPC_LOCK; 0 leaves both.
};

/// How it ended.
struct daemon_end {
    int exit_code = -1;  ///< -1: a signal ended it.
    std::string out;
    std::string log;  ///< Its standard error.
};

/// A process that runs roused, whatever that comes to. Killed at the end, if it still runs.
class daemon_process {
   public:
    explicit daemon_process(const daemon_options& options);
    daemon_process(const daemon_process&) = delete;
    daemon_process& operator=(const daemon_process&) = delete;
    ~daemon_process();

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    [[nodiscard]] bool has_ended() const noexcept { return pid_ < 0; }
    /// What it has logged so far.
    [[nodiscard]] const std::string& log();
    void signal(int number) const;
    /// Until its log has `text`; fails the test when it ends, or takes too long, without it.
    void await_log(std::string_view text);
    /// Until it ends. Fails the test when it does not, or when a sanitizer has something to say.
    [[nodiscard]] daemon_end await_end();

   private:
    void start(const daemon_options& options);
    /// Waits for something to read, or its end; false when nothing is there to come.
    bool read_more(int timeout_milliseconds);

    pid_t pid_ = -1;
    unique_fd out_;
    unique_fd log_;
    daemon_end end_;
};

/// Runs roused to its end.
[[nodiscard]] daemon_end run_roused(const daemon_options& options);

/// A daemon that serves, on ports that the kernel picked. At the end of its scope it gets SIGTERM,
/// and has to end with exit code 0, without a leak.
class running_daemon : public daemon_process {
   public:
    /// Serves HTTP and echo on 127.0.0.1, with these arguments beside.
    explicit running_daemon(std::vector<std::string> arguments = {});
    /// Exactly as said; it has to log text.
    explicit running_daemon(const daemon_options& options);
    ~running_daemon();

    [[nodiscard]] const address& http() const { return http_; }
    [[nodiscard]] const address& echo() const { return echo_; }
    [[nodiscard]] const address& udp_echo() const { return udp_echo_; }
    /// Every address of a protocol, in the order of the log.
    [[nodiscard]] std::vector<address> addresses(std::string_view protocol,
                                                 std::string_view transport);

   private:
    address http_;
    address echo_;
    address udp_echo_;
};

/// Arguments for two ports that the kernel picks, and then `more`.
[[nodiscard]] std::vector<std::string> on_any_port(std::vector<std::string> more = {});

/// How often `part` stands in `text`.
[[nodiscard]] std::size_t occurrences_of(std::string_view text, std::string_view part);

}  // namespace rouse::test
