#include "tests/support/daemon.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <exception>
#include <utility>

#include <doctest/doctest.h>

#include "runtime/reactor/backend.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/seccomp.hpp"
#include "tests/support/tested_backend.hpp"

namespace rouse::test {
namespace {

struct pipe_ends {
    unique_fd reading;
    unique_fd writing;
};

pipe_ends make_pipe() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    return {unique_fd(ends[0]), unique_fd(ends[1])};
}

std::vector<std::string> variables_of(const daemon_options& options) {
    std::vector<std::string> all;
    std::string sanitizer = "ASAN_OPTIONS=";
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string_view variable = *each;
        if (variable.starts_with(sanitizer)) {
            sanitizer = std::string(variable) + ':';
        } else if (!variable.starts_with("ROUSED_")) {
            all.emplace_back(variable);
        }
    }
    // Freed memory that is held back for long would look like a leak to who measures the process.
    all.push_back(sanitizer +
                  "detect_leaks=1:quarantine_size_mb=1:thread_local_quarantine_size_kb=64");
    constexpr std::string_view backend_variable = "ROUSED_SERVER_BACKEND=";
    if (std::ranges::none_of(options.variables, [&](const std::string& each) {
            return each.starts_with(backend_variable);
        })) {
        all.push_back(std::string(backend_variable) + std::string(to_string(tested_backend())));
    }
    all.insert(all.end(), options.variables.begin(), options.variables.end());
    return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& each : texts) {
        pointers.push_back(each.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

// In the child: only what is safe after fork.
[[noreturn]] void execute(const daemon_options& options, char* const* arguments,
                          char* const* variables, int out, int log) {
    (void)::prctl(PR_SET_PDEATHSIG, SIGKILL);  // A test that dies takes its daemon along.
    bool ready = ::dup2(out, STDOUT_FILENO) >= 0 && ::dup2(log, STDERR_FILENO) >= 0;
    if (options.descriptors_max != 0) {
        const rlimit limit{.rlim_cur = options.descriptors_max,
                           .rlim_max = options.descriptors_max};
        ready = ready && ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
    }
    if (options.io_uring_error != 0) {
        ready = ready && forbid_io_uring(options.io_uring_error);
    }
    if (options.locked_bytes_max != 0) {
        const rlimit limit{.rlim_cur = options.locked_bytes_max,
                           .rlim_max = options.locked_bytes_max};
        // Who may not drop it does not have it.
        (void)::prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK, 0, 0, 0);
        ready = ready && ::setrlimit(RLIMIT_MEMLOCK, &limit) == 0;
    }
    if (ready) {
        (void)::execve(arguments[0], arguments, variables);
    }
    constexpr int exit_code_no_exec = 126;
    ::_exit(exit_code_no_exec);
}

// Appends what is there; false at the end.
bool read_into(const unique_fd& from, std::string& text) {
    std::array<char, 16'384> room{};
    const auto got = ::read(from.get(), room.data(), room.size());
    if (got > 0) {
        text.append(room.data(), static_cast<std::size_t>(got));
    }
    return got > 0 || (got < 0 && errno == EINTR);
}

void check_sanitizers(const std::string& log) {
    const bool clean = log.find("Sanitizer") == std::string::npos &&
                       log.find("runtime error:") == std::string::npos &&
                       log.find("Assertion") == std::string::npos;
    CHECK_MESSAGE(clean, log);
}

}  // namespace

daemon_process::daemon_process(const daemon_options& options) {
    start(options);
}

void daemon_process::start(const daemon_options& options) {
    std::vector<std::string> arguments{ROUSED_PATH};
    arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
    std::vector<std::string> variables = variables_of(options);
    const auto argument_pointers = pointers_to(arguments);
    const auto variable_pointers = pointers_to(variables);
    pipe_ends out = make_pipe();
    pipe_ends log = make_pipe();
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
        execute(options, argument_pointers.data(), variable_pointers.data(), out.writing.get(),
                log.writing.get());
    }
    out_ = std::move(out.reading);
    log_ = std::move(log.reading);
}

daemon_process::~daemon_process() {
    if (pid_ >= 0) {
        (void)::kill(pid_, SIGKILL);
        (void)::waitpid(pid_, nullptr, 0);
    }
}

bool daemon_process::read_more(int timeout_milliseconds) {
    if (!out_ && !log_) {
        return false;
    }
    std::array<pollfd, 2> watched{pollfd{out_.get(), POLLIN, 0}, pollfd{log_.get(), POLLIN, 0}};
    if (::poll(watched.data(), watched.size(), timeout_milliseconds) <= 0) {
        return false;
    }
    if (watched[0].revents != 0 && !read_into(out_, end_.out)) {
        out_.reset();
    }
    if (watched[1].revents != 0 && !read_into(log_, end_.log)) {
        log_.reset();
    }
    return out_ || log_;
}

const std::string& daemon_process::log() {
    while (read_more(0)) {
    }
    return end_.log;
}

void daemon_process::signal(int number) const {
    REQUIRE(::kill(pid_, number) == 0);
}

void daemon_process::await_log(std::string_view text) {
    const patience waiting;
    while (end_.log.find(text) == std::string::npos) {
        const bool more = read_more(waiting.milliseconds_left());
        const bool found = end_.log.find(text) != std::string::npos;
        REQUIRE_MESSAGE((more || found),
                        "waiting for \"" << std::string(text) << "\" in: " << end_.log);
    }
}

daemon_end daemon_process::await_end() {
    const patience waiting;
    while (read_more(waiting.milliseconds_left())) {
    }
    // Both pipes end with the process, which is the only one to hold them.
    REQUIRE_MESSAGE(!waiting.is_over(), "roused does not end: " << end_.log);
    int status = 0;
    REQUIRE(::waitpid(pid_, &status, 0) == pid_);
    pid_ = -1;
    end_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    check_sanitizers(end_.log);
    return end_;
}

daemon_end run_roused(const daemon_options& options) {
    return daemon_process(options).await_end();
}

running_daemon::running_daemon(std::vector<std::string> arguments)
    : running_daemon(daemon_options{.arguments = on_any_port(std::move(arguments))}) {}

running_daemon::running_daemon(const daemon_options& options) : daemon_process(options) {
    await_log(" info started ");
    const auto first = [this](std::string_view protocol, std::string_view transport) {
        const auto all = addresses(protocol, transport);
        return all.empty() ? address() : all.front();
    };
    http_ = first("http", "tcp");
    echo_ = first("echo", "tcp");
    udp_echo_ = first("echo", "udp");
}

running_daemon::~running_daemon() {
    if (has_ended() || std::uncaught_exceptions() > 0) {
        return;
    }
    try {
        signal(SIGTERM);
        const daemon_end end = await_end();
        CHECK_MESSAGE(end.exit_code == 0, end.log);
    } catch (...) {
        (void)std::current_exception();  // The failed REQUIRE is in doctest's report already.
    }
}

std::vector<address> running_daemon::addresses(std::string_view protocol,
                                               std::string_view transport) {
    const std::string begin = " listening protocol=" + std::string(protocol) +
                              " transport=" + std::string(transport) + " address=";
    std::vector<address> found;
    const std::string& text = log();
    for (auto at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1)) {
        const auto value = at + begin.size();
        const auto parsed = address::parse(text.substr(value, text.find('\n', value) - value));
        REQUIRE(parsed);
        found.push_back(*parsed);
    }
    return found;
}

std::vector<std::string> on_any_port(std::vector<std::string> more) {
    std::vector<std::string> all{"--http", "127.0.0.1:0", "--echo", "127.0.0.1:0"};
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
    return all;
}

std::size_t occurrences_of(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

}  // namespace rouse::test
