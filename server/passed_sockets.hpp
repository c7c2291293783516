#pragma once

#include <expected>
#include <string>
#include <vector>

#include "runtime/base/unique_fd.hpp"
#include "server/systemd.hpp"

namespace rouse::server {

/// Sockets that systemd opened for us, by the protocol that they are named for. They take the place
/// of the configured addresses of their protocol.
struct passed_sockets {
    std::vector<unique_fd> http;
    std::vector<unique_fd> echo_streams;
    std::vector<unique_fd> echo_datagrams;

    [[nodiscard]] bool has_http() const noexcept { return !http.empty(); }
    [[nodiscard]] bool has_echo() const noexcept {
        return !echo_streams.empty() || !echo_datagrams.empty();
    }
};

/// Sorts descriptors by their names, "http" and "echo", and makes them as our own sockets are:
/// blocking, and without delay. Error: one sentence that says which descriptor is wrong, and the
/// cure.
[[nodiscard]] std::expected<passed_sockets, std::string> sort_passed(
    std::vector<systemd::passed_descriptor> passed);

/// Takes what is passed to this process, and sorts it. To be called once, before the first thread.
[[nodiscard]] std::expected<passed_sockets, std::string> take_passed_sockets();

}  // namespace rouse::server
