#pragma once

#include <expected>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/loaded_settings.hpp"

namespace rouse::server {

/// The process ends before it serves: --help and its like with code 0, bad usage or settings with
/// code 2.
struct early_exit {
    int code = 0;
    std::string out;  ///< For standard output.
    std::string err;  ///< For standard error.
};

inline constexpr int exit_code_unhealthy = 1;
inline constexpr int exit_code_settings = 2;

/// The command line, not yet checked against the limits of each setting.
struct arguments {
    std::vector<std::pair<const setting*, std::vector<std::string>>> values;
    std::optional<std::string> config;
    std::optional<std::string> root;
    std::optional<std::string> fallback;
    bool listing = false;
    std::optional<std::string> health_check;  ///< A URL; empty: where the settings listen.
    bool check = false;
    bool print_config = false;
};

/// Reads the command line; argv[0] is skipped. --help and --version end in an early_exit, so do bad
/// flags.
[[nodiscard]] std::expected<arguments, early_exit> parse_arguments(int argc,
                                                                   const char* const* argv);

/// Hands the values to the builder.
void read_arguments(const arguments& parsed, settings_builder& builder);

}  // namespace rouse::server
