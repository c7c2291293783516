#pragma once

#include "server/loaded_settings.hpp"
#include "server/termination_signals.hpp"

namespace rouse::server {

/// Exit codes of roused; 2 is exit_code_settings.
inline constexpr int exit_code_clean = 0;  ///< Ended by a signal, and nothing was cut.
inline constexpr int exit_code_failed =
    1;  ///< Connections were cut at the end, or a worker failed.
inline constexpr int exit_code_no_backend =
    3;  ///< No ring can be made here; the message has cause and cure.

/// Opens the sockets and the access log, gives up root's rights, starts the log and the workers,
/// serves until a signal, drains. Returns the exit code of the process. No thread may have started.
[[nodiscard]] int serve(const loaded_settings& loaded, const termination_signals& signals);

}  // namespace rouse::server
