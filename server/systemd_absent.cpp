#include <unistd.h>

#include "server/environment.hpp"
#include "server/systemd.hpp"

namespace rouse::server::systemd {

bool is_built_in() noexcept {
    return false;
}

std::expected<std::vector<passed_descriptor>, std::string> take_descriptors() {
    if (find_variable(environ, "LISTEN_PID") == std::to_string(::getpid())) {
        return std::unexpected(
            "sockets are passed to it (LISTEN_FDS), and this roused is built without libsystemd: "
            "build it with ROUSE_SYSTEMD=ON, or start it without the socket unit");
    }
    return {};
}

bool is_notified() noexcept {
    return false;
}

void notify(const std::string& /*lines*/) noexcept {}

std::optional<std::chrono::microseconds> watchdog_timeout() noexcept {
    return std::nullopt;
}

}  // namespace rouse::server::systemd
