#include "server/wait_for_end.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstring>
#include <optional>

#include "server/heartbeat.hpp"
#include "server/logging.hpp"
#include "server/service_notice.hpp"
#include "server/systemd.hpp"

namespace rouse::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::optional<heartbeat> beats_for_systemd() noexcept {
    if (!systemd::is_notified()) {
        return std::nullopt;
    }
    const auto timeout = systemd::watchdog_timeout();
    return timeout ? heartbeat(std::chrono::ceil<milliseconds>(*timeout / 2))
                   : heartbeat(std::nullopt);
}

class waiting {
   public:
    explicit waiting(const running_workers& running) noexcept
        : running_(running), beats_(beats_for_systemd()) {}

    bool run() {
        while (!have_all_ended()) {
            look_after_workers();
            if (!sleep()) {
                log_error("wait_failed", {{"reason", errno_code(errno)}});
                tell_all(running_.workers, worker_command::cut);
                return false;
            }
            running_.news.clear();
            act_on(running_.signals.take());
        }
        return true;
    }

   private:
    [[nodiscard]] bool have_all_ended() const noexcept {
        return std::ranges::all_of(running_.workers,
                                   [](const auto& each) { return each->has_ended(); });
    }

    [[nodiscard]] bool has_answered(const worker& asked) const noexcept {
        return asked.has_ended() || asked.pulse().answers() >= asked_;
    }

    void look_after_workers() {
        if (!beats_) {
            return;
        }
        const bool answered = std::ranges::all_of(
            running_.workers, [this](const auto& each) { return has_answered(*each); });
        const heartbeat::decision decided = beats_->look(steady_clock::now(), answered);
        if (decided.beat) {
            beat();
        }
        if (decided.ask) {
            ++asked_;
            tell_all(running_.workers, worker_command::answer);
        }
        if (decided.late) {
            report_late();
        }
    }

    [[nodiscard]] std::uint64_t connections_open() const noexcept {
        std::uint64_t connections = 0;
        for (const auto& each : running_.workers) {
            connections += each->pulse().connections_open();
        }
        return connections;
    }

    void beat() {
        const std::uint64_t connections = connections_open();
        if (draining_) {
            systemd::notify(draining_notice(connections));
        } else if (!ready_) {
            systemd::notify(ready_notice(running_.listeners, connections));
            ready_ = true;
        } else {
            systemd::notify(alive_notice(running_.listeners, connections));
        }
        if (late_) {
            log_info("workers_answer_again");
            late_ = false;
        }
    }

    void report_late() {
        late_ = true;
        for (std::size_t index = 0; index < running_.workers.size(); ++index) {
            if (!has_answered(*running_.workers[index])) {
                log_error("worker_stuck",
                          {{"worker", index}, {"note", "systemd's watchdog is not told"}});
            }
        }
    }

    // Until a signal, news of a worker, or the next question.
    [[nodiscard]] bool sleep() const noexcept {
        std::array<pollfd, 2> watched{pollfd{running_.signals.fd(), POLLIN, 0},
                                      pollfd{running_.news.fd(), POLLIN, 0}};
        const auto due = beats_ ? beats_->due(steady_clock::now()) : std::nullopt;
        const int timeout =
            due ? static_cast<int>(std::min<milliseconds::rep>(due->count(), INT_MAX)) : -1;
        return ::poll(watched.data(), watched.size(), timeout) >= 0 || errno == EINTR;
    }

    // What `systemctl reload` asks for; not heard while it starts or ends.
    void reload() {
        const bool told = ready_ && !draining_;
        if (told) {
            // steady_clock is CLOCK_MONOTONIC.
            systemd::notify(reloading_notice(std::chrono::duration_cast<std::chrono::microseconds>(
                steady_clock::now().time_since_epoch())));
        }
        if (running_.log != nullptr) {
            running_.log->reopen();
        }
        if (told) {
            systemd::notify(ready_notice(running_.listeners, connections_open()));
        }
    }

    void act_on(int received) {
        if (received == SIGUSR1) {
            reload();
            return;
        }
        const bool a_worker_ended =
            !draining_ && std::ranges::any_of(running_.workers,
                                              [](const auto& each) { return each->has_ended(); });
        if (received == 0 && !a_worker_ended) {
            return;
        }
        const auto* const name = received == 0 ? "none" : ::sigabbrev_np(received);
        log_info(draining_ ? "shutdown_now" : "shutdown",
                 {{"signal", name == nullptr ? "unknown" : name}});
        if (!draining_) {
            systemd::notify(stopping_notice(running_.shutdown_timeout));
        }
        tell_all(running_.workers, draining_ ? worker_command::cut : worker_command::drain);
        draining_ = true;
    }

    const running_workers& running_;
    std::optional<heartbeat> beats_;
    std::uint64_t asked_ = 0;
    bool ready_ = false;
    bool late_ = false;
    bool draining_ = false;
};

}  // namespace

void tell_all(const worker_list& workers, worker_command command) noexcept {
    for (const auto& each : workers) {
        each->tell(command);
    }
}

bool wait_for_end(const running_workers& running) {
    return waiting(running).run();
}

}  // namespace rouse::server
