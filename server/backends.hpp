#pragma once

#include <span>
#include <string>

#include "runtime/reactor/reactor.hpp"
#include "server/settings.hpp"

namespace rouse::server {

/// The backend that a worker has got.
struct backend_in_use {
    reactor_description description;
    std::string fallback;  ///< Why it is not the one that was tried first, with the cure.
};

/// Logs what the workers have got: a line for each backend, and one warning that says why when any
/// of them had to fall back.
void log_backends(std::span<const backend_in_use> workers);

/// For --print-config: TOML comments that say which backend a worker gets here and now, or why none
/// does.
[[nodiscard]] std::string print_backend(const settings& values);

}  // namespace rouse::server
