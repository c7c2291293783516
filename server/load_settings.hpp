#pragma once

#include <expected>

#include "server/arguments.hpp"
#include "server/environment.hpp"
#include "server/loaded_settings.hpp"

namespace rouse::server {

/// Settings from the defaults, then the file of --config or ROUSED_CONFIG, then the environment,
/// then the arguments, each overriding those before it; or why the process ends at once: --help,
/// --version, --check and --print-config with code 0, every problem of every source with code 2
/// (exit_code_settings). Throws nothing but bad_alloc.
[[nodiscard]] std::expected<loaded_settings, early_exit> load_settings(int argc,
                                                                       const char* const* argv,
                                                                       environment variables);

}  // namespace rouse::server
