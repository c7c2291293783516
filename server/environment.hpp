#pragma once

#include <optional>
#include <string_view>

#include "server/loaded_settings.hpp"

namespace rouse::server {

/// The environment as environ(7) has it: "NAME=value" strings and a null pointer at the end; may
/// itself be null.
using environment = const char* const*;

inline constexpr std::string_view config_variable = "ROUSED_CONFIG";
inline constexpr std::string_view root_variable = "ROUSED_ROOT";

/// The value of a variable, nothing when it is not set or empty. Lives as long as the environment.
[[nodiscard]] std::optional<std::string_view> find_variable(environment variables,
                                                            std::string_view name) noexcept;

/// Reads every ROUSED_* variable into the builder; lists are separated by commas, an empty value is
/// not set. An unknown one is a warning and no error: others set variables too, and Kubernetes
/// gives each container ROUSED_PORT, ROUSED_SERVICE_HOST and more when a Service is called roused.
/// Those are passed over in silence.
void read_environment(environment variables, settings_builder& builder);

}  // namespace rouse::server
